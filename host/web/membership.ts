// Which groups a user is in, in the order in which they decide, and what the user has of its own: fields of a profile's
// form. The order is that of the lists, so that it can be chosen without JavaScript.
import { html } from "hono/html";
import type { Rules } from "../groups/group.ts";
import type { Profile } from "../users/profile.ts";
import type { Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { fieldProblem, type Html } from "./page.ts";
import { shownName } from "./shown-name.ts";
import { clientNames, readRules, rulesFields } from "./rules-form.ts";
import type { Words } from "./words.ts";

/** Groups that a user may be in (newProfileSchema). */
const MOST = 16;
/** Lists that are shown at least, and free ones beyond those in use. */
const LEAST = 2;

/** What there is to choose from. */
export interface Known {
  groups: readonly string[];
  clients: readonly string[];
  /** The configuration has a directory, where passwords may be. */
  directory: boolean;
}

/** Reads what there is to choose from. Rejects with DialwardError where the groups cannot be read. */
export async function knownOf(pages: Pages): Promise<Known> {
  return {
    groups: [...(await pages.groups.all()).keys()],
    clients: clientNames(pages),
    directory: pages.config.directory !== undefined,
  };
}

/** What the fields of a profile are made of. */
export interface Shown {
  words: Words;
  known: Known;
  /** The profile that is edited; none where one is made. */
  profile?: Profile | undefined;
  /** What was submitted, and came back. */
  form?: Form | undefined;
  problems?: Record<string, string> | undefined;
}

/** A list for each group of the user, one more that is free, and the rules of its own. */
export function membershipFields({ words, known, profile, form, problems = {} }: Shown): Html {
  const text = words.rules;
  const chosen = (form ? form.list("groups") : [...(profile?.groups ?? [])]).filter(Boolean);
  const lists = Math.min(MOST, Math.max(LEAST, chosen.length + 1));
  const own: Rules = profile ?? {};
  const says = (rules: Rules): boolean =>
    [rules.attributes, rules.valid, rules.logins, rules.onLimit].some((rule) => rule !== undefined);
  const typed = ["attributes", "hours", "from", "until", "logins", "onLimit", "days"];
  const open = form ? typed.some((name) => form.has(name)) : says(own);
  const list = (i: number): Html => {
    const name = chosen[i];
    const gone = name !== undefined && !known.groups.includes(name);
    return html`<select name="groups" aria-label="${text.groupAt(i + 1)}">
      <option value="">${text.noGroup}</option>
      ${gone ? html`<option value="${name}" selected>${text.gone(shownName(name))}</option>` : ""}
      ${known.groups.map(
        (group) =>
          html`<option value="${group}" ${group === name ? "selected" : ""}>${shownName(group)}</option>`,
      )}
    </select>`;
  };
  return html`<fieldset ${problems["groups"] ? html`aria-describedby="groups-problem"` : ""}>
      <legend>${text.groups}</legend>
      ${fieldProblem("groups", problems["groups"])}
      ${
        known.groups.length === 0 && chosen.length === 0
          ? html`<span class="hint">${text.noGroups} <a href="/groups/new">${text.newGroup}</a></span>`
          : html`<div class="grid">${Array.from({ length: lists }, (_, i) => list(i))}</div>
              <span class="hint">${text.groupsHint}</span>`
      }
    </fieldset>
    <details class="after" ${open ? "open" : ""}>
      <summary>${text.ownRules}</summary>
      ${rulesFields({ words, rules: own, form, problems, otherwise: text.asGroups })}
    </details>`;
}

/** What membershipFields() shows; fills `problems`. */
export function readMembership(form: Form, words: Words, known: Known, problems: Record<string, string>) {
  const groups = form.list("groups").filter(Boolean);
  const gone = groups.find((name) => !known.groups.includes(name));
  if (gone !== undefined) problems["groups"] = words.rules.groupGone(gone);
  if (new Set(groups).size < groups.length) problems["groups"] = words.rules.groupTwice;
  return { groups: groups.slice(0, MOST), ...readRules(form, words, known.clients, problems) };
}
