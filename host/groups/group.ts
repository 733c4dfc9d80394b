// Groups, and what a user has by them: a group is a name with reply attributes and rules; a user is in any number, in
// order. For each thing the first that has it decides: the user itself, then its groups.
import * as z from "zod/mini";
import { encodeAttribute, parseAttribute, type Attribute } from "./attribute.ts";
import { AttributeError } from "./dictionary.ts";
import { validAt, validitySchema, type Validity } from "./validity.ts";

/** What happens to a login that would be one too many. */
export const ON_LIMIT = ["refuse-newest", "disconnect-oldest"] as const;

/** What a user or a group may have. */
export interface Rules {
  /** Lines as parseAttribute reads them; `[office] Filter-Id = "sales"` goes to the RADIUS client `office` only. */
  attributes?: readonly string[] | undefined;
  valid?: Validity | undefined;
  /** Logins of one user at one time. */
  logins?: number | undefined;
  onLimit?: (typeof ON_LIMIT)[number] | undefined;
}

export interface Group extends Rules {
  /** 1 to 64 bytes, case-sensitive. */
  name: string;
  /** Logins of all its users together at one time. */
  groupLogins?: number | undefined;
}

const LINE = /^\s*(?:\[([^\]]+)\]\s*)?(.*)$/s;
export const MOST_ATTRIBUTES = 64;
/** What all attributes of one user or group may take together: a reply has room for twice that beside its own. */
export const MOST_BYTES = 1024;

/** Whether the lines that can be read fit; those that cannot are told by themselves. */
export function fit(lines: readonly string[]): boolean {
  let bytes = 0;
  for (const line of lines) {
    try {
      bytes += encodeAttribute(readLine(line).attribute).length;
    } catch {
      continue;
    }
  }
  return bytes <= MOST_BYTES;
}

const attributeSchema = z.string().check(
  z.superRefine<string>((line, context) => {
    try {
      readLine(line);
    } catch (error) {
      context.addIssue({ code: "custom", message: (error as Error).message });
    }
  }),
);

/** The fields of Rules, for a profile's and a group's schema. */
export const ruleFields = {
  attributes: z.optional(
    z
      .array(attributeSchema)
      .check(
        z.maxLength(MOST_ATTRIBUTES),
        z.refine(
          fit,
          `must take at most ${MOST_BYTES} bytes together, or a reply would have no room for them`,
        ),
      ),
  ),
  valid: z.optional(validitySchema),
  logins: z.optional(z.int().check(z.gte(1), z.lte(10_000))),
  onLimit: z.optional(z.enum(ON_LIMIT)),
};

/** A name that can stand in a list of names, and on a terminal. */
export function isGroupName(name: string): boolean {
  return /^[^\p{Cc}\p{Cs},]{1,64}$/u.test(name) && name.trim() === name && name !== "none";
}

export const groupSchema = z.strictObject({
  name: z.string().check(z.refine(isGroupName, "must be 1 to 64 letters, without commas")),
  groupLogins: z.optional(z.int().check(z.gte(1), z.lte(1_000_000))),
  ...ruleFields,
});

/** What holds for a user: its own rules, then those of its groups. A source is a group's name; undefined is the user. */
export interface Effective {
  attributes: { client: string | undefined; attribute: Attribute; source: string | undefined }[];
  valid: Validity | undefined;
  logins: number | undefined;
  onLimit: (typeof ON_LIMIT)[number];
  /** Groups with a limit of their own, and that limit. */
  groupLogins: { group: string; logins: number }[];
  /** Whence each of the others comes. */
  sources: Readonly<Record<"valid" | "logins" | "onLimit", string | undefined>>;
}

/**
 * A user's rules with those of `groups`, in the user's order. An attribute that an earlier one has, by name and tag for
 * the same client, leaves out a later one's, but for `+=`, which adds. Several lines of one name in one place all count.
 */
export function effective(own: Rules, groups: readonly Group[]): Effective {
  const all: { rules: Rules; source: string | undefined }[] = [
    { rules: own, source: undefined },
    ...groups.map((rules) => ({ rules, source: rules.name })),
  ];
  const attributes: Effective["attributes"] = [];
  const had = new Set<string>();
  for (const { rules, source } of all) {
    const here = new Set<string>();
    for (const line of rules.attributes ?? []) {
      const { client, attribute } = readLine(line);
      const key = `${client ?? ""}\n${attribute.definition.name}:${attribute.tag}`;
      if (had.has(key) && !attribute.added) continue;
      here.add(key);
      attributes.push({ client, attribute, source });
    }
    for (const key of here) had.add(key);
  }
  const first = (key: "valid" | "logins" | "onLimit") => all.find(({ rules }) => rules[key] !== undefined);
  const [valid, logins, onLimit] = [first("valid"), first("logins"), first("onLimit")];
  return {
    attributes,
    valid: valid?.rules.valid,
    logins: logins?.rules.logins,
    onLimit: onLimit?.rules.onLimit ?? "refuse-newest",
    groupLogins: groups.flatMap(({ name, groupLogins: most }) =>
      most ? [{ group: name, logins: most }] : [],
    ),
    sources: { valid: valid?.source, logins: logins?.source, onLimit: onLimit?.source },
  };
}

/** Whether `nas`, as the log names it, is the RADIUS client of that name: where several have it, the address stands behind. */
export function isClient(nas: string, name: string): boolean {
  return nas === name || nas.startsWith(`${name}@`);
}

/**
 * The attributes of an Accept to `nas`, as the log names it, at `now` (seconds since 1970): those for every client, but
 * for names that the client has lines of its own for; and a Session-Timeout that ends with the user's hours.
 */
export function replyAttributes(rules: Effective, nas: string, now: number): Attribute[] {
  const own = rules.attributes.filter(({ client }) => client !== undefined && isClient(nas, client));
  const names = new Set(
    own.filter(({ attribute }) => !attribute.added).map(({ attribute }) => keyOf(attribute)),
  );
  const all = rules.attributes.filter((one) => one.client === undefined && !names.has(keyOf(one.attribute)));
  const reply = [...own, ...all].map(({ attribute }) => attribute);
  const ends = rules.valid && validAt(rules.valid, now).ends;
  if (ends === undefined) return reply;
  const left = Math.max(1, ends - Math.floor(now));
  const set = reply.find(({ definition }) => definition.name === SESSION_TIMEOUT);
  if (set && set.value.readUInt32BE() <= left) return reply;
  return [
    ...reply.filter((one) => one !== set),
    parseAttribute(`${SESSION_TIMEOUT} = ${Math.min(left, 0xffffffff)}`),
  ];
}

const SESSION_TIMEOUT = "Session-Timeout";

function keyOf({ definition, tag }: Attribute): string {
  return `${definition.name}:${tag}`;
}

/** A line of attributes: for which client, and what. Throws DialwardError("usage"). */
export function readLine(line: string): { client: string | undefined; attribute: Attribute } {
  const [, client, rest = ""] = LINE.exec(line) ?? [];
  if (rest === "") throw new AttributeError("form", "", "the line is empty");
  return { client, attribute: parseAttribute(rest) };
}
