// The administrator's own password, asked for once more before what an open browser must not give away: a new password,
// users' secrets, a backup. It is judged as a login is, with its waits.
import { html } from "hono/html";
import { isShort, PASSPHRASE_LETTERS } from "../store/passphrase.ts";
import type { PageContext, Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { Problems } from "./kept-forms.ts";
import { field, type Html } from "./page.ts";
import { quoted } from "./shown-name.ts";

/** Throws Problems where the field "current" is not this session's password. */
export async function confirmPassword(c: PageContext, { administrator }: Pages, form: Form): Promise<void> {
  const { name, address } = c.get("session");
  const given = { name, password: form.text("current"), code: "", source: address };
  const { outcome, waitSeconds } = await administrator.login({ ...given, zone: "lan" });
  if (outcome !== "accept") throw new Problems({ current: c.get("words").password.wrong(waitSeconds) });
}

/** The field that it is typed into. */
export function currentField(c: PageContext, problems: Record<string, string> = {}): Html {
  const { password } = c.get("words");
  const secretly = html`type="password" required autocomplete="current-password"`;
  return field(
    password.own(quoted(c.get("session").name)),
    "current",
    secretly,
    undefined,
    problems["current"],
  );
}

/** A passphrase of a file, typed twice. Throws Problems where it is short, or the two differ. */
export function readNewPassphrase(c: PageContext, form: Form): string {
  const words = c.get("words");
  const passphrase = form.text("passphrase");
  if (isShort(passphrase)) throw new Problems({ passphrase: words.password.short(PASSPHRASE_LETTERS) });
  if (passphrase !== form.text("again")) throw new Problems({ again: words.password.differ });
  return passphrase;
}

/** The two fields that it is typed into; `needed` false where it may be left out. */
export function passphraseFields(
  c: PageContext,
  problems: Record<string, string> = {},
  needed: Html | string = html`required minlength="${PASSPHRASE_LETTERS}"`,
): Html {
  const { moving, password } = c.get("words");
  const secretly = html`type="password" autocomplete="new-password" ${needed}`;
  return html`<div class="two">
    ${field(moving.passphrase, "passphrase", secretly, password.least(PASSPHRASE_LETTERS), problems["passphrase"])}
    ${field(moving.passphraseAgain, "again", secretly, undefined, problems["again"])}
  </div>`;
}
