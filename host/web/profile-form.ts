// The fields of a profile: what the forms show, and what is read from them.
import { html } from "hono/html";
import { DIAL_IN_TYPES, type DialInType } from "../core/dial-in.ts";
import type { Profile } from "../users/profile.ts";
import type { ProfileChanges } from "../users/users.ts";
import type { Form } from "./context.ts";
import { check, field, type Html } from "./page.ts";

export const FACTOR_NAMES: Record<Profile["factor"], string> = { totp: "TOTP", motp: "mOTP", hotp: "HOTP" };

const FACTOR_HINTS: Record<Profile["factor"], string> = {
  totp: "Time-based one-time password, for authenticator apps",
  motp: "Mobile one-time password, with a PIN",
  hotp: "Counter-based, for tokens with a button",
};

const MODE_NAMES: Record<Profile["mode"], string> = {
  code: "Code",
  "password+code": "Password and code in one",
  "password-then-code": "Password, then code",
};

const TYPE_NAMES: Record<DialInType, string> = {
  "ipsec-xauth": "IPsec XAuth",
  "ikev2-eap": "IKEv2 EAP",
  "ssl-vpn": "SSL VPN",
  openvpn: "OpenVPN",
  l2tp: "L2TP over IPsec",
  pptp: "PPTP",
};

export function typeName(type: DialInType): string {
  return TYPE_NAMES[type];
}

/** The fields of a new profile, or of `profile` where one is edited. `form` is what was submitted and refused. */
export function profileFields({ profile, form }: { profile?: Profile; form?: Form | undefined }): Html {
  const mode = form?.optional("mode") ?? profile?.mode ?? "code";
  const types = form ? form.list("types") : (profile?.types ?? DIAL_IN_TYPES);
  const enabled = form ? form.has("enabled") : (profile?.enabled ?? true);
  const keep = profile ? "Leave it empty to keep the one there is." : "";
  const modes = Object.entries(MODE_NAMES).map(
    ([value, text]) => html`<option value="${value}" ${value === mode ? "selected" : ""}>${text}</option>`,
  );
  const showsPin = profile === undefined || profile.factor === "motp";
  return html`${check("enabled", "yes", enabled, "Enable this account")} ${profile ? "" : newFields(form)}
    ${
      showsPin
        ? html`<div class="for-motp">
            ${field(
              "PIN code",
              "pin",
              html`type="password" inputmode="numeric" pattern="[0-9]{4,7}" maxlength="7" autocomplete="off"`,
              `4 to 7 digits, known to the user. ${keep}`,
            )}
          </div>`
        : ""
    }
    <p class="field">
      <label for="mode">What the user types</label>
      <select id="mode" name="mode">
        ${modes}
      </select>
    </p>
    <div class="for-password">
      ${field("Password", "password", html`type="password" autocomplete="new-password"`, `Up to 32 bytes. ${keep}`)}
    </div>
    <fieldset>
      <legend>Allowed dial-in types</legend>
      <div class="grid">
        ${DIAL_IN_TYPES.map((type) => check("types", type, types.includes(type), TYPE_NAMES[type]))}
      </div>
    </fieldset>`;
}

/** What an existing profile is changed to. */
export function readChanges(form: Form, profile: Profile): ProfileChanges {
  const mode = (form.optional("mode") ?? profile.mode) as Profile["mode"];
  return {
    enabled: form.has("enabled"),
    mode,
    types: form.list("types") as DialInType[],
    pin: profile.factor === "motp" ? form.optional("pin") : undefined,
    password: mode === "code" ? undefined : form.optional("password"),
  };
}

/** A new profile, as a row of an import. */
export function readNew(form: Form): Record<string, unknown> & { factor: Profile["factor"] } {
  const factor = (form.optional("factor") ?? "totp") as Profile["factor"];
  const mode = form.optional("mode") ?? "code";
  const row = {
    name: form.text("name"),
    factor,
    secret: form.optional("secret"),
    pin: factor === "motp" ? form.optional("pin") : undefined,
    mode,
    password: mode === "code" ? undefined : form.optional("password"),
    types: form.list("types"),
    enabled: form.has("enabled"),
    digits: factor === "motp" ? undefined : form.number("digits"),
    period: factor === "totp" ? form.number("period") : undefined,
    algorithm: factor === "motp" ? undefined : form.optional("algorithm"),
    counter: factor === "hotp" ? form.number("counter") : undefined,
    // As on the routers: for mOTP, OK saves; for the others a first code is verified.
    active: factor === "motp",
  };
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as typeof row;
}

function newFields(form: Form | undefined): Html {
  const chosen = form?.optional("factor") ?? "totp";
  const factors = (Object.keys(FACTOR_NAMES) as Profile["factor"][]).map(
    (factor) =>
      html`<label class="choice"
        ><input type="radio" name="factor" value="${factor}" ${factor === chosen ? "checked" : ""} /><span
          ><strong>${FACTOR_NAMES[factor]}</strong> <span class="hint">${FACTOR_HINTS[factor]}</span></span
        ></label
      >`,
  );
  const algorithm = ["sha1", "sha256", "sha512"].map(
    (one) => html`<option value="${one}">${one.toUpperCase()}</option>`,
  );
  return html`${field(
      "User name",
      "name",
      html`required autocomplete="off" autocapitalize="none" spellcheck="false" maxlength="64"
      value="${form?.text("name") ?? ""}"`,
      "Upper and lower case differ.",
    )}
    <fieldset>
      <legend>One-time password</legend>
      ${factors}
    </fieldset>
    ${field(
      "Secret",
      "secret",
      html`autocomplete="off" autocapitalize="none" spellcheck="false" value=""`,
      "Leave it empty to have one made, or paste the one that the device shows.",
    )}
    <details class="for-settings">
      <summary>Other settings of the device</summary>
      <div class="two">
        ${field("Digits", "digits", html`inputmode="numeric" placeholder="6"`)}
        ${field("Seconds of a code", "period", html`inputmode="numeric" placeholder="30"`)}
        <p class="field">
          <label for="algorithm">Hash</label>
          <select id="algorithm" name="algorithm">
            ${algorithm}
          </select>
        </p>
        ${field("Next counter (HOTP)", "counter", html`inputmode="numeric" placeholder="0"`)}
      </div>
    </details>`;
}
