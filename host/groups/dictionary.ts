// The dictionary: which attributes a reply may hold, by name and by number. The data is in dictionary.json.
import { DialwardError } from "../errors.ts";
import dictionary from "./dictionary.json" with { type: "json" };

/** What the dictionary has of one attribute. */
export interface Definition {
  name: string;
  /** Its number, among its vendor's where it has one. */
  type: number;
  /** The vendor's private enterprise number; undefined for the RFCs' own. */
  vendor?: number | undefined;
  data: "text" | "bytes" | "number" | "number64" | "address" | "address6" | "prefix6" | "interface" | "time";
  /** Whether a tag groups it with others (RFC 2868). */
  tag?: boolean | undefined;
  /** Words for numbers. */
  values?: Readonly<Record<string, number>> | undefined;
}

interface Entry extends Omit<Definition, "vendor" | "data"> {
  vendor?: string;
  data: string;
}

const VENDOR_SPECIFIC = 26;
const VENDORS: Readonly<Record<string, number>> = dictionary.vendors;

const byName = new Map<string, Definition>();
const byNumber = new Map<string, Definition>();
for (const { vendor, data, ...rest } of dictionary.attributes as Entry[]) {
  const definition: Definition = { ...rest, data: data as Definition["data"] };
  if (vendor !== undefined) definition.vendor = VENDORS[vendor]!;
  byName.set(rest.name.toLowerCase(), definition);
  byNumber.set(`${definition.vendor ?? 0}.${rest.type}`, definition);
}

/** What the protocol itself puts into a reply, or what only a request may hold: nobody may write it, by number either. */
const OURS = new Set([
  ...[
    1, 2, 3, 4, 5, 24, 26, 30, 31, 32, 33, 34, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 55, 60, 61,
  ],
  ...[
    69, 79, 80, 87, 95, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119,
  ],
  ...[120, 121, 122],
]);
/** The vendor's attributes that hold a key or answer MS-CHAP (RFC 2548). */
const MICROSOFT = 311;
const OURS_OF_MICROSOFT = new Set([1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 16, 17, 25, 26]);

/**
 * The attribute that `name` means: by name in any case, or by number as `Attr-97` or `Attr-26.9.1`. Throws
 * DialwardError("usage") for what is not in the dictionary, and for what the protocol sets itself.
 */
export function findByName(name: string): Definition {
  const known = byName.get(name.toLowerCase());
  if (known) return known;
  const [, type, vendor, vendorType] = /^Attr-(\d{1,3})(?:\.(\d{1,10})\.(\d{1,3}))?$/i.exec(name) ?? [];
  if (type === undefined)
    throw new AttributeError(
      "unknown",
      name,
      `${name} is not in the dictionary: write it by number, as Attr-26.9.1 = 0x6162`,
    );
  const number = Number(vendorType ?? type);
  const pen = vendor === undefined ? undefined : Number(vendor);
  if (isOurs(pen, number) || (pen !== undefined && Number(type) !== VENDOR_SPECIFIC))
    throw new AttributeError("own", name, `${name} cannot be set: it is the protocol's own`);
  if (number < 1 || number > 255 || Number(vendor ?? 1) < 1 || Number(vendor ?? 1) > 0xffffffff)
    throw new AttributeError("none", name, `${name}: there is no such attribute`);
  return findByNumber(pen, number);
}

/** The attribute of a number, of `vendor` where it is one's own; what is not known has its number for a name. */
export function findByNumber(vendor: number | undefined, type: number): Definition {
  return byNumber.get(`${vendor ?? 0}.${type}`) ?? anonymous(vendor, type);
}

function anonymous(vendor: number | undefined, type: number): Definition {
  return {
    name: vendor === undefined ? `Attr-${type}` : `Attr-26.${vendor}.${type}`,
    type,
    vendor,
    data: "bytes",
  };
}

/** The attributes that can be written by name, for help and completion. */
export function attributeNames(): string[] {
  return [...byName.values()].map(({ name }) => name);
}

/** Whether an attribute is the protocol's own, which nobody may set. */
export function isOurs(vendor: number | undefined, type: number): boolean {
  return vendor === undefined ? OURS.has(type) : vendor === MICROSOFT && OURS_OF_MICROSOFT.has(type);
}

/** What may be wrong with a line. */
export type AttributeFault =
  | "form"
  | "unknown"
  | "own"
  | "none"
  | "no-tag"
  | "tag"
  | "tagged-number"
  | "empty"
  | "long"
  | "hexadecimal"
  | "quote"
  | "value"
  | "beyond-prefix";

/** A line that cannot be taken: `message` says it in English, the fields to whoever says it otherwise. */
export class AttributeError extends DialwardError {
  readonly fault: AttributeFault;
  /** The attribute's name, or the line. */
  readonly attribute: string;
  /** Of "value": the type that is wanted, and an example or the words for it. */
  readonly wanted: { data: Definition["data"]; example: string } | undefined;

  constructor(fault: AttributeFault, attribute: string, text: string, wanted?: AttributeError["wanted"]) {
    super("usage", `attribute: ${text}.`);
    this.fault = fault;
    this.attribute = attribute;
    this.wanted = wanted;
  }
}
