// FreeRADIUS's users file (rlm_files): the users that have a TOTP-Secret (rlm_totp), with their password before it.
import type { Row } from "./row.ts";

const ITEM = /([\w-]+)\s*(?::=|==|\+=|=)\s*("(?:[^"\\]|\\.)*"|[^,\s]+)/g;

/** The rows of a users file; entries without a TOTP-Secret, such as DEFAULT, are passed over. */
export function readFreeradius(text: string): Row[] {
  return text.split(/\r?\n/).flatMap((line) => {
    // An entry begins at the line's start; what it replies is indented.
    const match = /^("(?:[^"\\]|\\.)*"|[^\s#"]\S*)\s+(.*)$/.exec(line);
    if (match === null) return [];
    const [, name = "", check = ""] = match;
    const items = new Map(
      [...check.matchAll(ITEM)].map(([, key = "", value = ""]) => [key.toLowerCase(), plain(value)]),
    );
    const secret = items.get("totp-secret") ?? items.get("totp.secret");
    if (secret === undefined) return [];
    const password = items.get("cleartext-password");
    const mode = password === undefined ? {} : { mode: "password+code", password };
    return [{ name: plain(name), factor: "totp", secret, ...mode }];
  });
}

function plain(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
}
