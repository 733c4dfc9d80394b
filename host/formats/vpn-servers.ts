// VPN servers: NethSecurity's users (UCI file `users`; ns-openvpn/README.md), pritunl's (a user as its interface and its
// database write it; pritunl/user/user.py), and OpenVPN Access Server's (sacli UserPropGet; its "User and Group
// Properties").
import { DialwardError } from "../errors.ts";
import { listOf, readAccounts, toUser, within } from "./app.ts";
import {
  Fields,
  leaveBehind,
  readRow,
  refuse,
  yesOrNo,
  type NewUser,
  type Notes,
  type ReadRow,
} from "./row.ts";
import { linesOf, type Format } from "./source.ts";

export const nethSecurity: Format = {
  name: "nethsecurity",
  title: "NethSecurity: its users, /etc/config/users",
  recognises: ({ head }) => /^\s*option\s+openvpn_2fa\s/m.test(head),
  *read({ text }): Generator<ReadRow> {
    for (const { line, type, name, options } of readUci(text)) {
      if (type !== "user" && type !== "local-user") continue;
      yield readRow(`line ${line}`, (notes) => {
        const fields = new Fields(options);
        const user = fields.text("name") ?? name ?? refuse("has no name");
        notes.name = user;
        const secret = fields.text("openvpn_2fa") ?? leaveBehind("has no one-time password");
        const enabled = fields.text("openvpn_enabled");
        fields.leave(notes);
        notes.lose("its certificate is checked by OpenVPN, and not here");
        // Secrets of the release before are hexadecimal.
        const bytes = /^([0-9a-f]{2}){10,}$/.test(secret) ? Buffer.from(secret, "hex") : secret;
        const found = toUser({ name: user, type: "totp", secret: bytes }, notes);
        return enabled === undefined || yesOrNo(enabled, "openvpn_enabled")
          ? found
          : { ...found, enabled: false };
      });
    }
  },
};

/** The sections of a UCI file (openwrt.org/docs/guide-user/base-system/uci). */
function* readUci(
  text: string,
): Generator<{ line: number; type: string; name: string | undefined; options: Map<string, unknown> }> {
  let section:
    { line: number; type: string; name: string | undefined; options: Map<string, unknown> } | undefined;
  for (const [line, plain] of linesOf(text)) {
    const [, word, first, second] =
      /^(config|option|list)\s+('[^']*'|"[^"]*"|\S+)(?:\s+('[^']*'|"[^"]*"|\S+))?$/.exec(plain) ?? [];
    if (word === undefined) throw new DialwardError("usage", `Line ${line} is no line of a UCI file.`);
    const key = unquote(first ?? "");
    const value = second === undefined ? undefined : unquote(second);
    if (word === "config") {
      if (section) yield section;
      section = { line, type: key, name: value, options: new Map() };
    } else section?.options.set(key, value);
  }
  if (section) yield section;
}

function unquote(text: string): string {
  return /^(['"]).*\1$/.test(text) ? text.slice(1, -1) : text;
}

export const pritunl: Format = {
  name: "pritunl",
  title: "pritunl: its users as a JSON list (GET /user/ORGANISATION, or mongoexport --jsonArray)",
  recognises: ({ json }) =>
    Array.isArray(json) && json.length > 0 && json.every((one) => within(one, "otp_secret") !== undefined),
  *read({ json }) {
    const list = Array.isArray(json) ? json : listOf(json, "users");
    yield* readAccounts(list, "user", (fields, notes) => {
      const name = fields.text("name");
      notes.name = name;
      const type = fields.text("type");
      if (type === "server" || type === "CertServer") leaveBehind("is the certificate of a server");
      const secret = fields.text("otp_secret");
      const disabled = fields.take("disabled") === true;
      const pin = fields.take("pin");
      if (pin !== undefined && pin !== false)
        notes.weaken("its PIN is kept as a hash: only the code would be asked for");
      if (fields.take("bypass_secondary") === true) leaveBehind("is let in without a code there");
      fields.leave(notes);
      const user = toUser({ name, type: "totp", secret }, notes);
      return disabled ? { ...user, enabled: false } : user;
    });
  },
};

export const openvpnAs: Format = {
  name: "openvpn-as",
  title: "OpenVPN Access Server: sacli UserPropGet",
  recognises: ({ json }) =>
    typeof json === "object" &&
    json !== null &&
    !Array.isArray(json) &&
    Object.values(json).some((one) => within(one, "pvt_google_auth_secret") !== undefined),
  *read({ json }): Generator<ReadRow> {
    if (typeof json !== "object" || json === null) throw new DialwardError("usage", "This is not JSON.");
    for (const [name, properties] of Object.entries(json)) {
      yield readRow(`user ${JSON.stringify(name).slice(1, -1)}`, (notes) =>
        readProperties(name, properties, notes),
      );
    }
  },
};

function readProperties(name: string, properties: unknown, notes: Notes): NewUser {
  notes.name = name;
  if (typeof properties !== "object" || properties === null) return refuse("has no properties");
  const fields = new Fields(properties);
  const type = fields.text("type");
  if (name === "__DEFAULT__" || type === "group" || type === "user_default") leaveBehind("is no user");
  const secret = fields.text("pvt_google_auth_secret") ?? leaveBehind("has no one-time password");
  const locked = fields.text("pvt_google_auth_secret_locked");
  const denied = fields.text("prop_deny");
  fields.take("pvt_password_digest");
  notes.weaken("its password is checked elsewhere or kept as a hash: only the code would be asked for");
  fields.leave(notes);
  return {
    ...toUser({ name, type: "totp", secret }, notes),
    // What the user has scanned already is in use.
    ...(locked !== undefined && yesOrNo(locked, "locked") && { active: true }),
    ...(denied !== undefined && yesOrNo(denied, "prop_deny") && { enabled: false }),
  };
}
