// The log of Yubico's personalisation tool (its "traditional" and "Yubico" formats; privacyIDEA's lib/importotp.py
// describes both): a line for each slot that was written. Of the modes OATH-HOTP alone is one that logs in here.
import { formatSecret } from "../users/profile.ts";
import { readRecords } from "./records.ts";
import {
  decodeHex,
  leaveBehind,
  readRow,
  refuse,
  refuseFactor,
  wholeNumber,
  type NewUser,
  type Notes,
  type ReadRow,
} from "./row.ts";
import type { Format, ReadOptions } from "./source.ts";

export const yubico: Format = {
  name: "yubico",
  title: "Yubico's personalisation tool: its log, slots in mode OATH-HOTP",
  recognises: ({ head }) =>
    /^(LOGGING START|OATH-HOTP|Yubico OTP|Static Password[^,]*|Challenge-Response[^,]*),/im.test(head) ||
    /^\d+,[cbdefghijklnrtuv]*,[0-9a-f]*,[0-9a-f]{32,40},[0-9a-f]*,\d{4}-\d\d-\d\dT/im.test(head),
  async *read(source, options): AsyncGenerator<ReadRow> {
    for await (const records of readRecords(source.pieces(), ","))
      for (const { line, cells } of records)
        yield readRow(`line ${line}`, (notes) =>
          /^\d+$/.test(cells[0] ?? "") ? readShort(cells, notes) : readTraditional(cells, notes, options),
        );
  },
};

/** Mode, time, slot, public id, private id, key, access codes, seven flags with the code's length among them. */
function readTraditional(cells: string[], notes: Notes, { name }: ReadOptions): NewUser {
  const [mode = "", , , id = "", , key = "", current = "", changed = "", , , , digits = ""] = cells;
  if (/^LOGGING START/i.test(mode)) leaveBehind("is no token");
  notes.name = id || name;
  if (!/^OATH-HOTP$/i.test(mode))
    return refuseFactor("is not in mode OATH-HOTP, which alone makes codes for here");
  if (id !== "") notes.lose("types its identifier before the code: switch that off in the key");
  if (current || changed) notes.lose("left behind: access codes");
  return toUser(id || (name ?? refuse("has no identifier: give --name")), key, digits);
}

/** Serial number, public id, private id (0 in mode OATH), key, access code, time. */
function readShort(
  [serial = "", id = "", inner = "", key = "", access = ""]: string[],
  notes: Notes,
): NewUser {
  notes.name = serial;
  if (inner !== "0") return refuseFactor("is not in mode OATH-HOTP, which alone makes codes for here");
  if (id !== "") notes.lose("types its identifier before the code: switch that off in the key");
  if (access !== "") notes.lose("left behind: access code");
  return toUser(serial, key, "");
}

function toUser(name: string, key: string, digits: string): NewUser {
  const length = digits === "" || digits === "0" ? 6 : wholeNumber(digits, "digits");
  return {
    name,
    factor: "hotp",
    secret: formatSecret("totp", decodeHex(key, "key")),
    digits: length,
    counter: 0,
  };
}
