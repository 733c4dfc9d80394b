// Forms of settings: each names the revision of what it shows. What somebody else changed meanwhile is told beside what was
// typed, and saved only when that is sent again.
import type { Settings } from "../admin/settings.ts";
import { revisionOf, type PageContext } from "./context.ts";
import type { Form } from "./form.ts";
import { Problems } from "./kept-forms.ts";
import { hiddenFields, type Html } from "./page.ts";

/** The field that names what a form shows of the settings. */
export function revisionField(shown: Partial<Settings>): Html[] {
  return hiddenFields({ revision: revisionOf(shown) });
}

/** Throws Problems where what the form showed is something else by now; `now` says what. */
export function checkRevision(c: PageContext, form: Form, stored: Partial<Settings>, now: string): void {
  if (form.text("revision") !== revisionOf(stored))
    throw new Problems({ "": c.get("words").frame.settingsChanged(now) });
}
