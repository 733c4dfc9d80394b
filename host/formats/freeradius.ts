// FreeRADIUS's users file (rlm_files; raddb/mods-config/files/authorize), versions 3 and 4: the users that have a secret
// for rlm_totp, with their password before the code, and what else is asked of them.
import { formatSecret } from "../users/profile.ts";
import { decodeHex, leaveBehind, readRow, refuse, type NewUser, type Notes, type ReadRow } from "./row.ts";
import type { Format } from "./source.ts";

/** One attribute of an entry. Version 4 writes Password.Cleartext where 3 has Cleartext-Password. */
interface Item {
  attribute: string;
  operator: string;
  value: string;
}

const ITEM = /\s*&?([\w.:-]+)\s*(:=|==|\+=|-=|!=|=~|!~|<=|>=|=\*|!\*|=|<|>)\s*/y;
const VALUE = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`|([^,\s#]+)/y;
const NAME = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/y;
const END = /\s*(,|$|#.*)/y;

export const freeradius: Format = {
  name: "freeradius",
  title: "the users file of FreeRADIUS 3 and 4, with TOTP-Secret",
  recognises: ({ head }) => /^\S.*\bTOTP[-.](Secret|Key)\b/im.test(head),
  *read({ text }): Generator<ReadRow> {
    const lines = text.split(/\r?\n/);
    for (const [i, line] of lines.entries()) {
      // An entry begins at the line's start; what it replies is indented below.
      if (!/^[^\s#]/.test(line)) continue;
      let end = i + 1;
      while (end < lines.length && /^(\s|$)/.test(lines[end]!)) end++;
      yield readRow(`line ${i + 1}`, (notes) => readEntry(line, lines.slice(i + 1, end), notes));
    }
  },
};

function readEntry(line: string, replies: readonly string[], notes: Notes): NewUser {
  if (line.startsWith("$INCLUDE"))
    leaveBehind("names another file, which is not read: import that by itself");
  NAME.lastIndex = 0;
  const [, double, single, bare = ""] = NAME.exec(line) ?? [];
  const name = double !== undefined ? unescape(double) : (single?.replaceAll("\\'", "'") ?? bare);
  notes.name = name;
  const items = readItems(line, NAME.lastIndex);
  const take = (...attributes: string[]): Item | undefined => {
    const found = items.find(({ attribute }) => attributes.includes(attribute));
    if (found) items.splice(items.indexOf(found), 1);
    return found;
  };
  const secret = take("totp-secret", "totp.secret");
  const key = take("totp-key", "totp.key");
  if (name === "DEFAULT") leaveBehind("DEFAULT is no user");
  if (!secret && !key) leaveBehind("has no TOTP-Secret");
  const password = take("cleartext-password", "password.cleartext", "user-password", "user.password");
  const rejected = take("auth-type")?.value.replace(/^::/, "").toLowerCase();
  for (const { attribute, operator } of items) {
    if (/password/.test(attribute))
      notes.weaken(`its password is kept as a hash (${attribute}): only the code would be asked for`);
    else if (!/^(:=|\+=|=)$/.test(operator)) notes.weaken(`is let in only under a condition on ${attribute}`);
    else notes.lose(`left behind: ${attribute}`);
  }
  const attributes = replies.flatMap((text) => /^\s+&?([\w.:-]+)\s*[-+:=!<>~]/.exec(text)?.[1] ?? []);
  if (attributes.length > 0)
    notes.lose(`left behind: what it replies (${[...new Set(attributes)].join(", ")})`);
  if (rejected !== undefined && rejected !== "reject") notes.lose("left behind: auth-type");
  return {
    name,
    factor: "totp",
    secret: secret?.value ?? formatSecret("totp", octets(key!.value)),
    ...(password && { mode: "password+code", password: password.value }),
    ...(rejected === "reject" && { enabled: false }),
  };
}

/** The items behind the name, their attributes in lower case without the list's name. Throws DialwardError("usage"). */
function readItems(line: string, from: number): Item[] {
  const items: Item[] = [];
  let at = from;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match) at = pattern.lastIndex;
    return match;
  };
  if (/^\s*(#.*)?$/.test(line.slice(at))) return items;
  for (;;) {
    const item = next(ITEM);
    const value = item && next(VALUE);
    const end = value && next(END);
    if (!end) return refuse(`cannot be understood from column ${at + 1} on`);
    const [, double, single, command, bare = ""] = value;
    if (command !== undefined) return refuse("asks a program (`…`), which is not run");
    items.push({
      attribute: item[1]!.toLowerCase().replace(/^(control|request)[.:]/, ""),
      operator: item[2]!,
      value: double !== undefined ? unescape(double) : (single?.replace(/\\(['\\])/g, "$1") ?? bare),
    });
    if (end[1] !== ",") return items;
  }
}

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

/** Escapes between double quotation marks: \n, \t, \\, \", three octal digits, xNN. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3}|x[0-9a-f]{2}|.)/gi, (_, one: string) => {
    if (/^[0-7]{3}$/.test(one)) return String.fromCharCode(parseInt(one, 8));
    if (one.length === 3) return String.fromCharCode(parseInt(one.slice(1), 16));
    return ESCAPES[one] ?? one;
  });
}

/** Octets as FreeRADIUS writes them: 0x and digits, else the letters themselves. */
function octets(text: string): Buffer {
  return /^0x/i.test(text) ? decodeHex(text.slice(2), "TOTP-Key") : Buffer.from(text, "latin1");
}
