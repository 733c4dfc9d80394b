// config.xml of OPNsense (Auth/User.xml) and pfSense: the users with an otp_seed; and those of pfSense's package
// freeradius, which has mOTP and Google Authenticator with a PIN before the code.
import { Fields, leaveBehind, readRow, refuse, type NewUser, type Notes, type ReadRow } from "./row.ts";
import type { Format } from "./source.ts";
import { at, parseXml, textOf, type Node } from "./xml.ts";

export const firewalls: Format = {
  name: "opnsense",
  title:
    "config.xml of OPNsense and pfSense, its users with otp_seed and those of pfSense's package freeradius",
  recognises: ({ head }) => head.startsWith("<") && /<(opnsense|pfsense)[\s>]/.test(head),
  async *read({ text, head }): AsyncGenerator<ReadRow> {
    const root = /<opnsense[\s>]/.test(head) ? "opnsense" : "pfsense";
    const config = await parseXml(text, root, ["user", "config"]);
    for (const [i, user] of listAt(config, "system", "user").entries())
      yield readRow(`user ${i + 1}`, (notes) => readUser(user, notes));
    for (const [i, user] of listAt(config, "installedpackages", "freeradius", "config").entries())
      yield readRow(`freeradius user ${i + 1}`, (notes) => readRadiusUser(user, notes));
  },
};

function listAt(config: Node, ...path: string[]): Node[] {
  const list = at(config, ...path);
  return Array.isArray(list) ? (list as Node[]) : [];
}

/** Attributes and empty elements are no fields; the others are texts. */
function fieldsOf(node: Node): Fields {
  const all = Object.entries(node).filter(([key]) => !key.startsWith("@_"));
  return new Fields(
    new Map(all.map(([key, value]) => [key, textOf(value) ?? (typeof value === "object" ? value : "")])),
  );
}

function readUser(node: Node, notes: Notes): NewUser {
  const fields = fieldsOf(node);
  const name = fields.text("name") ?? refuse("has no name");
  notes.name = name;
  const secret = fields.text("otp_seed") ?? leaveBehind("has no otp_seed");
  if (fields.take("password") !== undefined)
    notes.weaken("its password is kept as a hash: only the code would be asked for");
  // In pfSense the element alone says it.
  const disabled = node["disabled"] !== undefined && textOf(node["disabled"]) !== "0";
  fields.take("disabled");
  fields.leave(notes);
  return { name, factor: "totp", secret, ...(disabled && { enabled: false }) };
}

function readRadiusUser(node: Node, notes: Notes): NewUser {
  const fields = fieldsOf(node);
  const name = fields.text("varusersusername") ?? refuse("has no name");
  notes.name = name;
  const enabled = fields.text("varusersmotpenable");
  const secret = fields.text("varusersmotpinitsecret");
  const pin = fields.text("varusersmotppin");
  const method = fields.text("varusersauthmethod") ?? "motp";
  if (enabled !== "on" || secret === undefined) return leaveBehind("has no one-time password");
  // The password is not asked for where one-time passwords are.
  fields.take("varuserspassword", "varuserspasswordencryption");
  fields.take("varuserspasswordencryption");
  fields.leave(notes);
  if (method === "motp") return { name, factor: "motp", secret, pin };
  if (method !== "googleauth") return refuse("has a method that is not known here");
  return { name, factor: "totp", secret, ...(pin && { mode: "password+code", password: pin }) };
}
