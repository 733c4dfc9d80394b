// What every format is read into: a row for each user of the file, with what of it is taken, what is lost or weakened,
// and why it is refused. Nothing here quotes a file's values, which may be secrets.
import { DEFAULT_MOTP_DRIFT_STEPS, DEFAULT_TOTP_DRIFT_STEPS } from "../../assembly/abi.ts";
import { DialwardError } from "../errors.ts";

/** One user as newProfileSchema takes it; undefined values are left out. */
export type NewUser = Record<string, unknown> & { name: string };

/** What a file says of one user. */
export interface ReadRow {
  /** Where it stands, such as "line 3". */
  place: string;
  name?: string | undefined;
  /** Undefined where it is refused, or left behind. */
  user?: NewUser | undefined;
  /** What is lost, such as "its emergency codes are left behind". */
  lost: readonly string[];
  /** In what its login would be weaker than in the source: refused unless the administrator allows it. */
  weaker: readonly string[];
  /** Why the whole entry is no user of this program, and is left behind. */
  left?: string;
  /** Why it cannot be taken. */
  refused?: string;
  /** It is refused for nothing but a factor that no login here takes: such a row can be left out. */
  unsupported?: boolean;
}

/** What a reader has to say of a row while it reads it. */
export class Notes {
  /** For rows that are refused or left behind: they have a name all the same. */
  name: string | undefined;
  readonly lost: string[] = [];
  readonly weaker: string[] = [];

  lose(what: string): void {
    this.lost.push(what);
  }

  weaken(what: string): void {
    this.weaker.push(what);
  }
}

class LeftBehind extends Error {}

/** Ends the reading of a row that is no user of this program; `why` is for people. */
export function leaveBehind(why: string): never {
  throw new LeftBehind(why);
}

/** Ends the reading of a row that cannot be taken. `why` is for people and holds no value of the file. */
export function refuse(why: string): never {
  throw new DialwardError("usage", why);
}

class Unsupported extends DialwardError {}

/** As refuse(), of what makes codes that no login here takes. */
export function refuseFactor(why: string): never {
  throw new Unsupported("usage", why);
}

/** Reads one row: `read` returns its user, or ends by leaveBehind() or refuse(). */
export function readRow(place: string, read: (notes: Notes) => NewUser): ReadRow {
  const notes = new Notes();
  const { lost, weaker } = notes;
  try {
    const user = read(notes);
    // What a file has in its place is refused when it is checked.
    const name = typeof (user.name as unknown) === "string" ? user.name : undefined;
    return { place, name, user, lost, weaker };
  } catch (error) {
    const told = { place, lost, weaker };
    const { name } = notes;
    if (error instanceof LeftBehind) return { ...told, name, left: error.message };
    if (!(error instanceof DialwardError)) throw error;
    const { message: refused } = error;
    return { ...told, name, refused, ...(error instanceof Unsupported && { unsupported: true }) };
  }
}

/** The fields of one record. Each is taken once; those that nobody takes are named as left behind. */
export class Fields {
  readonly #values = new Map<string, unknown>();

  /** `values` by name; empty ones (null, "", [], {}) count as absent. */
  constructor(values: object | ReadonlyMap<string, unknown>) {
    for (const [name, value] of values instanceof Map ? values : Object.entries(values))
      if (!isEmpty(value)) this.#values.set(name as string, value);
  }

  /** The cells of a line under their columns' names. Throws DialwardError("usage") where two of one name differ. */
  static ofCells(columns: readonly string[], cells: readonly string[]): Fields {
    const fields = new Fields({});
    const values = fields.#values;
    for (let i = 0; i < cells.length; i++) {
      if (cells[i] === "") continue;
      const column = columns[i] ?? `column ${i + 1}`;
      const other = values.get(column);
      if (other !== undefined && other !== cells[i])
        refuse(`${column}: stands in two columns, with two values`);
      values.set(column, cells[i]);
    }
    return fields;
  }

  /** The first of `names` that is there, as it is. */
  take(...names: string[]): unknown {
    let found: unknown;
    for (const name of names) {
      found ??= this.#values.get(name);
      this.#values.delete(name);
    }
    return found;
  }

  /** The same as a text without spaces around it; a number is printed. Throws DialwardError("usage"). */
  text(...names: string[]): string | undefined {
    const value = this.take(...names);
    if (value === undefined) return undefined;
    if (typeof value === "number") return String(value);
    if (typeof value === "string") return value.trim() || undefined;
    return refuse(`${names[0]}: is not a text`);
  }

  /** The same as a whole number from 0. Throws DialwardError("usage"). */
  number(...names: string[]): number | undefined {
    const text = this.text(...names);
    return text === undefined ? undefined : wholeNumber(text, names[0]!);
  }

  /** A record within the record; an empty one where it is not there. Throws DialwardError("usage"). */
  record(name: string): Fields {
    const value = this.take(name) ?? {};
    if (typeof value === "object" && !Array.isArray(value)) return new Fields(value);
    return refuse(`${name}: is not a record`);
  }

  /** The names of what nobody has taken. */
  names(): string[] {
    return [...this.#values.keys()];
  }

  /** Names what is left as left behind. */
  leave(notes: Notes, within = ""): void {
    if (this.#values.size === 0) return;
    const names = this.names().map((name) => within + name.replace(/^@_/, ""));
    notes.lose(`left behind: ${names.join(", ")}`);
  }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** A whole number from 0, as typed. Throws DialwardError("usage"). */
export function wholeNumber(text: string, field: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : refuse(`${field}: is not a whole number`);
}

/** Yes or no, as spreadsheets and people write it. Throws DialwardError("usage"). */
export function yesOrNo(text: string, field: string): boolean {
  if (/^(true|yes|y|on|1)$/i.test(text)) return true;
  if (/^(false|no|n|off|0)$/i.test(text)) return false;
  return refuse(`${field}: is neither yes nor no`);
}

/** The hash of the codes in any spelling, such as HMAC-SHA256 or HmacSHA256. Throws DialwardError("usage"). */
export function parseAlgorithm(text: string | undefined): "sha1" | "sha256" | "sha512" | undefined {
  if (text === undefined) return undefined;
  const bits = /^(?:hmac[-_ ]?)?sha[-_ ]?(?:2[-_])?(1|256|512)$/i.exec(text)?.[1];
  return bits === undefined
    ? refuse("algorithm: is none of SHA1, SHA256 and SHA512")
    : (`sha${bits}` as "sha1" | "sha256" | "sha512");
}

/** The bytes of a strictly written base64 text, with or without line breaks in it. Throws DialwardError("usage"). */
export function decodeBase64(text: string, field: string): Buffer {
  const plain = text.replace(/\s+/g, "");
  const bytes = Buffer.from(plain, "base64");
  if (plain !== "" && bytes.toString("base64").replace(/=+$/, "") === plain.replace(/=+$/, "")) return bytes;
  return refuse(`${field}: is not base64`);
}

/** The bytes of hexadecimal digits, two each. Throws DialwardError("usage"). */
export function decodeHex(text: string, field: string): Buffer {
  const plain = text.replace(/^0x|[\s:-]/gi, "");
  return /^([0-9a-f]{2})+$/i.test(plain)
    ? Buffer.from(plain, "hex")
    : refuse(`${field}: is not made of pairs of hexadecimal digits`);
}

/**
 * How many steps a device's clock is ahead, as another server has found: taken where this one may drift as far, else named
 * as left behind. Throws DialwardError("usage") for what is no number.
 */
export function takeDrift(
  text: string | undefined,
  factor: "totp" | "motp",
  notes: Notes,
): number | undefined {
  if (text === undefined) return undefined;
  const steps = /^[-+]?\d{1,9}$/.test(text) ? Number(text) : refuse("drift: is not a whole number");
  if (steps === 0) return undefined;
  if (Math.abs(steps) <= (factor === "motp" ? DEFAULT_MOTP_DRIFT_STEPS : DEFAULT_TOTP_DRIFT_STEPS))
    return steps;
  notes.lose(`left behind: the drift of its clock, ${steps} steps, more than is followed here`);
  return undefined;
}
