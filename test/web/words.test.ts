// The words of the pages: every language whole, none the same as English by oversight, and chosen as browsers ask.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REASON_TEXTS } from "../../host/core/reason.ts";
import type { Cause } from "../../host/users/findings.ts";
import { chooseWords, quoted, shownName } from "../../host/web/words.ts";
import { de } from "../../host/web/words/de.ts";
import { en } from "../../host/web/words/en.ts";

/** Every text of a table by its place; what is made by a function is called with numbers and names. */
function texts(table: object, place = ""): [string, string][] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    const at = `${place}.${key}`;
    if (typeof value === "string") return [[at, value]];
    if (typeof value === "object" && value !== null) return texts(value, at);
    if (at === ".finding" || at === ".rules.attributeWrong") return [];
    const made = (value as (...given: unknown[]) => unknown)(["2"], 3, 1);
    return [[at, String(made)]];
  });
}

/** Names of things, and words that are the same in both. */
const SAME =
  /^\.(moving.outward.otpauth|moving.format|profile\.(factors|types|modes\.code)|frame\.ok|login\.(title|name|code)|setup\.name|users\.name|clients\.name|navigation\.\/system|system\.(title|version|port)|start\.|management\.(port|services)|self\.(link|code)|doctor\.code|language|profile\.counter)/;

test("German has every text that English has, in German", () => {
  const [english, german] = [new Map(texts(en)), new Map(texts(de))];
  expect([...german.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  const same = [...german].filter(
    ([at, text]) => text === english.get(at) && text.length > 6 && !SAME.test(at),
  );
  expect(same).toEqual([]);
});

test("every reason has a text in every language", () => {
  for (const words of [en, de])
    for (const reason of Object.keys(REASON_TEXTS)) expect(words.reasons[reason], reason).toBeTruthy();
});

test("the doctor speaks German of every cause", () => {
  const text = readFileSync(new URL("../../host/users/findings.ts", import.meta.url), "utf8");
  const causes = [...text.matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, cause]) => cause as Cause);
  expect(causes.length).toBeGreaterThan(20);
  for (const cause of causes) expect(de.finding({ cause, text: "in English" }), cause).not.toBe("in English");
});

test.each([
  [undefined, "en"],
  ["de-AT,de;q=0.9,en;q=0.5", "de"],
  ["fr,en;q=0.4,de;q=0.7", "de"],
  ["en-GB", "en"],
  ["de;q=0", "en"],
  ["xx, *;q=0.1", "en"],
  ["constructor", "en"],
])("a browser that asks for %j gets %s", (accepted, language) =>
  expect(chooseWords(accepted).language).toBe(language),
);

test("what turns text is shown as its number, and names from right to left are isolated", () => {
  expect(shownName("a\u202eb\u2066c")).toBe("a\\u202eb\\u2066c");
  expect(quoted("שלום")).toBe('\u2068"שלום"\u2069');
  expect(quoted("anna")).toBe('"anna"');
});
