// What the parts below the pages say, in a reader's words. The English text is the key, as in gettext: what says something
// knows of no languages. In a key `{name}` stands for what differs from time to time; a language puts it where it wants.

import { quoted, shownName } from "./shown-name.ts";

/** Sentences of a language by the English ones, both without the full stop at the end. */
export type Sayings = Readonly<Record<string, string>>;

interface Saying {
  /** What comes before the first hole. */
  before: string;
  pattern: RegExp;
  holes: { name: string; quoted: boolean }[];
  to: string;
}

/** With quotation marks around it, a hole is a name. */
const HOLE = /"\{(\w+)\}"|\{(\w+)\}/g;

function toSaying([from, to]: [string, string]): Saying {
  const [before = "", ...rest] = from.split(/"?\{\w+\}"?/);
  const plain = [before, ...rest].map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const holes = [...from.matchAll(HOLE)].map(([, name, other]) => ({
    name: (name ?? other)!,
    quoted: name !== undefined,
  }));
  const pattern = plain.reduce((all, part, i) => `${all}${holes[i - 1]!.quoted ? '"(.*)"' : "(.*?)"}${part}`);
  return { before, pattern: new RegExp(`^${pattern}$`, "s"), holes, to };
}

/**
 * Says an English text by `sayings`: whole, or part by part where parts are known; what is not known stays English. Names
 * come with their quotation marks.
 */
export function sayBy(sayings: Sayings): (text: string) => string {
  const whole = new Map(Object.entries(sayings));
  // The longest first: it says most.
  const patterns = [...whole]
    .filter(([from]) => from.search(HOLE) >= 0)
    .map(toSaying)
    .toSorted((a, b) => b.pattern.source.length - a.pattern.source.length);

  const find = (text: string): string | undefined => {
    const known = whole.get(text);
    if (known !== undefined) return known;
    if (text.endsWith(".")) {
      const said = find(text.slice(0, -1));
      return said && `${said}.`;
    }
    const parts = text.split("; ").map((part, _, all) => (all.length > 1 ? find(part) : undefined));
    if (parts.every((part) => part !== undefined)) return parts.join("; ");
    for (const { before, pattern, holes, to } of patterns) {
      const found = text.startsWith(before) ? pattern.exec(text) : null;
      if (!found) continue;
      const values = new Map(
        holes.map(({ name, quoted: isName }, i) => {
          const value = found[i + 1]!;
          return [name, isName ? quoted(value) : (find(value) ?? shownName(value))];
        }),
      );
      return to.replace(/\{(\w+)\}/g, (_, name: string) => values.get(name) ?? "");
    }
    // A key, a file or a place, and what is wrong there.
    const [, head, rest] = /^(.{1,64}?)(?:: |, )(.+)$/s.exec(text) ?? [];
    const said = rest === undefined ? undefined : find(rest);
    return said && `${find(head!) ?? shownName(head!)}${text.slice(head!.length, head!.length + 2)}${said}`;
  };
  return (text) => find(text) ?? shownName(text);
}
