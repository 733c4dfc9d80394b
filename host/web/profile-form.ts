// The fields of a profile: what the forms show, and what is read from them.
import { html } from "hono/html";
import { DIAL_IN_TYPES, type DialInType } from "../core/dial-in.ts";
import { ALGORITHMS, FACTORS, isName, MODES, type Profile } from "../users/profile.ts";
import type { ProfileChanges } from "../users/users.ts";
import type { Form } from "./form.ts";
import { Problems } from "./kept-forms.ts";
import { membershipFields, readMembership, type Known, type Shown } from "./membership.ts";
import { check, field, fieldProblem, select, type Html } from "./page.ts";
import type { Words } from "./words.ts";

const PASSWORD_BYTES = 32;
const DIGITS = [6, 8] as const;
const SECONDS = [1, 3600] as const;
const HASHES: Record<(typeof ALGORITHMS)[number], string> = {
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha512: "SHA-512",
};

/** The fields of a new profile, or of `profile` where one is edited. */
export function profileFields({ words, known, profile, form, problems = {} }: Shown): Html {
  const text = words.profile;
  const mode = form?.optional("mode") ?? profile?.mode ?? "code";
  const types = form ? form.list("types") : (profile?.types ?? DIAL_IN_TYPES);
  const enabled = form ? form.has("enabled") : (profile?.enabled ?? true);
  const keep = profile ? text.keep : "";
  const showsPin = profile === undefined || profile.factor === "motp";
  const typed = (name: string) => html`value="${form?.text(name) ?? ""}"`;
  const boxes = DIAL_IN_TYPES.map((type) => check("types", type, types.includes(type), text.types[type]));
  return html`${check("enabled", "yes", enabled, text.enable)}
    ${profile ? "" : newFields({ words, known, form, problems })}
    ${
      showsPin
        ? html`<div class="for-motp">
            ${field(
              text.pin,
              "pin",
              html`type="password" inputmode="numeric" pattern="[0-9]{4,7}" maxlength="7" autocomplete="off"
              ${typed("pin")}`,
              html`${text.pinHint} ${keep}`,
              problems["pin"],
            )}
          </div>`
        : ""
    }
    ${select(
      text.mode,
      "mode",
      MODES.map((one) => [one, text.modes[one]] as const),
      mode,
    )}
    <div class="for-password">
      ${field(
        text.password,
        "password",
        html`type="password" autocomplete="new-password" ${typed("password")}`,
        html`${text.passwordHint} ${keep}`,
        problems["password"],
      )}
      ${
        known.directory || profile?.passwordFrom
          ? check(
              "directory",
              "yes",
              form ? form.has("directory") : profile?.passwordFrom !== undefined,
              text.inDirectory,
            )
          : ""
      }
    </div>
    <fieldset ${problems["types"] ? html`aria-describedby="types-problem"` : ""}>
      <legend>${text.allowedTypes}</legend>
      ${fieldProblem("types", problems["types"])}
      <div class="grid">${boxes}</div>
    </fieldset>
    ${membershipFields({ words, known, profile, form, problems })}`;
}

/** What an existing profile is changed to. Throws Problems. */
export function readChanges(form: Form, profile: Profile, words: Words, known: Known): ProfileChanges {
  const mode = readMode(form, profile.mode);
  const changes = {
    enabled: form.has("enabled"),
    mode,
    types: readTypes(form),
    pin: profile.factor === "motp" ? form.optional("pin") : undefined,
    ...readPassword(form, mode, null),
  };
  const problems = commonProblems(changes, words);
  const more = readMembership(form, words, known, problems);
  const { password, passwordFrom } = changes;
  if (mode !== "code" && !passwordFrom && password === undefined && profile.password === undefined)
    problems["password"] = words.profile.passwordNeeded;
  if (Object.keys(problems).length > 0) throw new Problems(problems);
  return { ...changes, ...more };
}

/** The password that was typed, or that the directory has it; `none` stands for that it has not. */
function readPassword<None>(form: Form, mode: Profile["mode"], none: None) {
  const elsewhere = mode !== "code" && form.has("directory");
  return {
    password: mode === "code" || elsewhere ? undefined : form.optional("password"),
    passwordFrom: elsewhere ? ("directory" as const) : none,
  };
}

/**
 * A new profile, as a row of an import. `complete` false is one that its user completes: without PIN and password.
 * Throws Problems.
 */
export function readNew(
  form: Form,
  words: Words,
  known: Known,
  complete = true,
): Record<string, unknown> & { name: string; factor: Profile["factor"] } {
  const text = words.profile;
  const factor = FACTORS.find((one) => one === form.text("factor")) ?? "totp";
  const mode = readMode(form, "code");
  const motp = factor === "motp";
  const row = {
    name: form.text("name"),
    factor,
    secret: form.optional("secret"),
    pin: motp ? form.optional("pin") : undefined,
    mode,
    ...readPassword(form, mode, undefined),
    types: readTypes(form),
    enabled: form.has("enabled"),
    digits: motp ? undefined : form.number("digits", ...DIGITS),
    period: factor === "totp" ? form.number("period", ...SECONDS) : undefined,
    algorithm: motp ? undefined : ALGORITHMS.find((one) => one === form.text("algorithm")),
    counter: factor === "hotp" ? form.number("counter") : undefined,
    // As on the routers: for mOTP, OK saves; for the others a first code is verified.
    active: motp,
  };
  const problems = commonProblems(row, words);
  const { groups, attributes, valid, logins, onLimit } = readMembership(form, words, known, problems);
  const rules = {
    ...(groups.length > 0 && { groups }),
    ...(attributes!.length > 0 && { attributes }),
    ...(Object.keys(valid!).length > 0 && { valid }),
    ...(logins && { logins }),
    ...(onLimit && { onLimit }),
  };
  if (!isName(row.name)) problems["name"] = text.nameWrong;
  if (complete && motp && row.pin === undefined) problems["pin"] = text.pinNeeded;
  if (complete && mode !== "code" && row.password === undefined && !row.passwordFrom)
    problems["password"] = text.passwordNeeded;
  if (Number.isNaN(row.digits)) problems["digits"] = text.between(...DIGITS);
  if (Number.isNaN(row.period)) problems["period"] = text.between(...SECONDS);
  if (Number.isNaN(row.counter)) problems["counter"] = text.counterWrong;
  const secret = row.secret?.replace(/[\s-]/g, "");
  if (motp && secret !== undefined && !/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(secret))
    problems["secret"] = text.motpSecretWrong;
  if (!motp && secret !== undefined && !/^[a-z2-7]{2,103}=*$/i.test(secret))
    problems["secret"] = text.secretWrong;
  if (Object.keys(problems).length > 0) throw new Problems(problems);
  return Object.fromEntries(
    Object.entries({ ...row, ...rules }).filter(([, value]) => value !== undefined),
  ) as typeof row;
}

/** What is wrong with what both kinds of profile have. */
export function commonProblems(
  { pin, password, types }: { pin?: string | undefined; password?: string | undefined; types: DialInType[] },
  words: Words,
): Record<string, string> {
  const text = words.profile;
  const problems: Record<string, string> = {};
  if (pin !== undefined && !/^[0-9]{4,7}$/.test(pin)) problems["pin"] = text.pinWrong;
  if (password !== undefined && Buffer.byteLength(password) > PASSWORD_BYTES)
    problems["password"] = text.passwordLong;
  if (types.length === 0) problems["types"] = text.typesNeeded;
  return problems;
}

function readMode(form: Form, otherwise: Profile["mode"]): Profile["mode"] {
  return MODES.find((one) => one === form.text("mode")) ?? otherwise;
}

function readTypes(form: Form): DialInType[] {
  const wanted = form.list("types");
  return DIAL_IN_TYPES.filter((one) => wanted.includes(one));
}

function newFields({ words, form, problems = {} }: Shown): Html {
  const text = words.profile;
  const chosen = form?.optional("factor") ?? "totp";
  const typed = (name: string) => html`value="${form?.text(name) ?? ""}"`;
  const factors = FACTORS.map(
    (factor) =>
      html`<label class="choice"
        ><input type="radio" name="factor" value="${factor}" ${factor === chosen ? "checked" : ""} /><span
          ><strong>${text.factors[factor]}</strong>
          <span class="hint">${text.factorHints[factor]}</span></span
        ></label
      >`,
  );
  const open = ["digits", "period", "counter"].some((name) => problems[name] || form?.text(name));
  return html`${field(
      text.name,
      "name",
      html`required autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="64" dir="auto"
      ${typed("name")}`,
      text.nameHint,
      problems["name"],
    )}
    <fieldset>
      <legend>${text.factor}</legend>
      ${factors}
    </fieldset>
    ${field(
      text.secret,
      "secret",
      html`autocomplete="off" autocapitalize="none" spellcheck="false" ${typed("secret")}`,
      text.secretHint,
      problems["secret"],
    )}
    <details class="for-settings" ${open ? "open" : ""}>
      <summary>${text.settings}</summary>
      <div class="two">
        ${field(text.digits, "digits", html`inputmode="numeric" placeholder="6" ${typed("digits")}`, undefined, problems["digits"])}
        ${field(text.period, "period", html`inputmode="numeric" placeholder="30" ${typed("period")}`, undefined, problems["period"])}
        ${select(text.algorithm, "algorithm", Object.entries(HASHES), form?.text("algorithm") || "sha1")}
        ${field(text.counter, "counter", html`inputmode="numeric" placeholder="0" ${typed("counter")}`, undefined, problems["counter"])}
      </div>
    </details>`;
}
