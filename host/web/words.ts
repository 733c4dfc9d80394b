// The words of the pages, one table a language. Another language is one more file of the same shape in words/.
import { de } from "./words/de.ts";
import { en } from "./words/en.ts";

export type Words = typeof en;

const LANGUAGES: Record<string, Words> = { en, de };

/** The words that a browser asks for (Accept-Language, RFC 9110 section 12.5.4); English where it asks for none we have. */
export function chooseWords(accepted = ""): Words {
  const wanted = accepted
    .split(",")
    .map((one) => {
      const [tag = "", quality = "1"] = one.trim().split(/\s*;\s*q=/);
      return { language: tag.slice(0, 2).toLowerCase(), quality: Number(quality) };
    })
    .filter(({ language, quality }) => language in LANGUAGES && quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  return LANGUAGES[wanted[0]?.language ?? "en"] ?? en;
}

/** What could turn the text around it is shown as its number; other marks end with the name (Unicode UAX 9). */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name as it is shown. */
export function shownName(name: string): string {
  return name.replace(TURNS, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}

/** A name within a sentence, in quotation marks, isolated where it could turn the sentence around. */
export function quoted(name: string): string {
  const shown = shownName(name);
  return RIGHT_TO_LEFT.test(shown) ? `\u2068"${shown}"\u2069` : `"${shown}"`;
}
