// XML files, checked to be well-formed before they are read. What a file declares itself (a DOCTYPE) is refused: entities
// of its own could grow without bound. The library is loaded where a file needs it.
import { DialwardError } from "../errors.ts";

/** An element: children and attributes (`@_name`) by name without prefix, its text as `#text`. */
export type Node = Record<string, unknown>;

/** The document's element `root`. Elements named in `lists` are arrays. Throws DialwardError("usage"). */
export async function parseXml(text: string, root: string, lists: readonly string[]): Promise<Node> {
  const { XMLParser, XMLValidator } = await import("fast-xml-parser");
  if (/<!DOCTYPE/i.test(text.slice(0, 65536)))
    throw new DialwardError(
      "usage",
      "The XML declares a document type of its own, which is not read. Take it out.",
    );
  const parser = new XMLParser({
    removeNSPrefix: true,
    ignoreAttributes: false,
    parseTagValue: false,
    processEntities: false,
    isArray: (name) => lists.includes(name),
  });
  let line: number | undefined;
  let found: unknown;
  try {
    // Empty lines before a declaration are no part of it, and common where a file was copied together.
    const document = text.trimStart();
    const valid = XMLValidator.validate(document);
    if (valid === true) found = (parser.parse(document) as Node)[root];
    else line = valid.err.line;
  } catch {
    // The parser finds some faults that the validator does not.
    line = 1;
  }
  if (line !== undefined)
    throw new DialwardError("usage", `Line ${line}: this is no well-formed XML; the file may be cut short.`);
  if (typeof found === "object" && found !== null) return found as Node;
  throw new DialwardError("usage", `The XML has no ${root} in it, or nothing within.`);
}

/** What lies down the path; undefined where nothing does. */
export function at(node: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((here, name) => (here as Node | undefined)?.[name], node);
}

/** The text of an element, beside its attributes or alone; undefined where it is empty. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return unescape(value.trim()) || undefined;
  return typeof value === "object" && value !== null ? textOf((value as Node)["#text"]) : undefined;
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** XML's five own entities and letters by their number. */
function unescape(value: string): string {
  return value.replace(
    /&(?:(lt|gt|quot|apos|amp)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi,
    (all, name, decimal, hex) => {
      if (name !== undefined) return ENTITIES[(name as string).toLowerCase()]!;
      const letter = decimal !== undefined ? Number(decimal) : parseInt(hex as string, 16);
      return letter <= 0x10ffff && letter > 0 ? String.fromCodePoint(letter) : all;
    },
  );
}
