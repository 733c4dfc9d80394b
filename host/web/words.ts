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
