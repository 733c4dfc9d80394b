// The words of the pages: every language whole, none the same as English by oversight, and chosen as browsers ask.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REASON_TEXTS } from "../../host/core/reason.ts";
import type { Cause } from "../../host/users/findings.ts";
import { quoted, shownName } from "../../host/web/shown-name.ts";
import { chooseWords } from "../../host/web/words.ts";
import { de } from "../../host/web/words/de.ts";
import { en } from "../../host/web/words/en.ts";
import { openPages } from "./open-pages.ts";

/** Every text of a table by its place; what is made by a function is called with numbers and names. */
function texts(table: object, place = ""): [string, string][] {
  return Object.entries(table).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    const at = `${place}.${key}`;
    if (typeof value === "string") return [[at, value]];
    if (typeof value === "object" && value !== null) return texts(value, at);
    if (at === ".finding" || at === ".said" || at === ".rules.attributeWrong") return [];
    const made = (value as (...given: unknown[]) => unknown)(["2"], 3, 1);
    return [[at, String(made)]];
  });
}

/** Names of things, and words that are the same in both. */
const SAME =
  /^\.(moving.outward.otpauth|moving.format|profile\.(factors|types|modes\.code)|frame\.ok|login\.(title|name|code)|setup\.name|users\.name|clients\.name|navigation\.\/system|system\.(title|version|port)|start\.|management\.(port|services)|self\.(link|code)|doctor\.code|language|profile\.counter)/;

test("German has every text that English has, in German", () => {
  const [english, german] = [new Map(texts(en)), new Map(texts(de))];
  const shared = [...german.keys()].filter((at) => !at.startsWith(".log.actions."));
  expect(shared.toSorted()).toEqual([...english.keys()].toSorted());
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

test("the doctor says hours in the reader's language", () => {
  const valid = { days: ["Mon", "Wed"] as ["Mon", "Wed"], hours: "08:00-18:00", zone: "Europe/Berlin" };
  const text = de.finding({ cause: "not-valid-now", about: "Vertrieb", valid, text: "in English" });
  expect(text).toContain("Mo, Mi, 08:00-18:00, Europe/Berlin (Gruppe „Vertrieb“)");
});

test("every change that is noted has German words", () => {
  const noted = [
    "users/entries.ts",
    "service/desk.ts",
    ...readdirSync("host/web")
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `web/${name}`),
  ].flatMap((file) =>
    [...readFileSync(`host/${file}`, "utf8").matchAll(/\bnote\(\s*(?:\w+ \? "[^"]+" : )?"([^"]+)"/g)].map(
      ([, action]) => action!,
    ),
  );
  expect(noted.length).toBeGreaterThan(25);
  // Of the pages' notes those that are no change say of what kind they are.
  for (const action of [
    ...noted.filter((one) => !/^(good|bad)$/.test(one)),
    "user added",
    "user followed",
    "loss accepted",
  ])
    expect(de.log.actions[action], action).toBeTruthy();
});

test("no text of a page stands outside the tables", async () => {
  const { ask, logIn, users, close } = await openPages();
  await users.add({ name: "anna", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", active: true });
  await users.add({ name: "mia", factor: "motp", secret: "0123456789abcdef", pin: "4711" });
  const csrf = await logIn();
  const link = await ask("/users/link", { csrf, name: "anna", valid: "day" });
  const draft = await ask("/users/secret", { csrf, name: "anna" });
  const form = new FormData();
  for (const [name, value] of [
    ["csrf", csrf],
    ["files", new File(["name,secret\nbert,JBSWY3DPEHPK3PXP\n"], "list")],
  ] as const)
    form.append(name, value);
  const plan = await ask("/users/import", form);
  const paths = [
    ...[
      "/users",
      "/users/new",
      "/users/edit?name=anna",
      "/users/recovery?name=anna",
      "/users/remove?name=anna",
    ],
    ...["/users/link?name=mia", "/users/doctor?name=anna", "/users/import", "/users/export?format=otpauth"],
    ...[
      "/connections",
      "/log",
      "/clients",
      "/test",
      "/administrator",
      "/management",
      "/system",
      "/system/backup",
    ],
    ...["/start", "/enrol", "/none", link.location, draft.location, plan.location],
  ];
  // What a page shows beside its words.
  const data =
    /^(Dialward|TOTP|HOTP|mOTP|admin|anna|mia|bert|loopback|list|line \d+|test|JSON|SHA-\d+|\S*[\d/][\s\S]*|[\w-]+|\W*)$/;
  const same = new Set(
    texts(en)
      .map(([, text]) => text.trim())
      .filter((text) => texts(de).some(([, german]) => german.trim() === text)),
  );
  for (const path of paths) {
    const [english, german] = await Promise.all(
      ["en", "de"].map(async (language) => {
        const { text, status } = await ask(path, undefined, { headers: { "accept-language": language } });
        expect(status, path).toBeLessThan(405);
        return segments(text);
      }),
    );
    const outside = [...english!].filter((text) => german!.has(text) && !data.test(text) && !same.has(text));
    expect(outside, path).toEqual([]);
  }
  await close();
});

/** What people see or hear of a page, piece by piece. */
function segments(page: string): Set<string> {
  const heard = [...page.matchAll(/\b(?:aria-label|placeholder|title|alt|data-\w+)="([^"]*)"/g)].map(
    ([, text]) => text!,
  );
  const body = page.replace(/<(style|script|svg|pre|code)\b[\s\S]*?<\/\1>/g, " ");
  const seen = body.split(/<[^>]*>/);
  return new Set(
    [...heard, ...seen]
      .map((text) => text.replace(/\s+/g, " ").replace(" · Dialward", "").trim())
      .filter((text) => /\p{L}{2}.* /u.test(text)),
  );
}

test("the token has every word in each language, and no text of its own", async () => {
  const script = new URL("../../host/web/client/token/words.js", import.meta.url).href;
  const { LANGUAGES } = (await import(script)) as { LANGUAGES: Record<"en" | "de", object> };
  const { en: english, de: german } = LANGUAGES;
  expect(Object.keys(german).toSorted()).toEqual(Object.keys(english).toSorted());
  const folder = new URL("../../host/web/client/token/", import.meta.url);
  const page = readFileSync(new URL("page.html", folder), "utf8");
  const named = [...page.matchAll(/data-(?:word|label)="(\w+)"/g)].map(([, name]) => name!);
  expect(named.length).toBeGreaterThan(25);
  for (const name of named) expect(Object.keys(english)).toContain(name);
  expect(page.replace(/<[^>]*>/g, "").trim()).toBe("");
  const own = ["page.js", "core.js", "uri.js", "vault.js"].flatMap((file) =>
    [
      ...readFileSync(new URL(file, folder), "utf8").matchAll(
        /^(?! *(?:\/\/|\*|\/\*)).*?(["`])([A-Z][a-z]+ [^"`]*)\1/gm,
      ),
    ].map(([, , text]) => text),
  );
  expect(own).toEqual([]);
  // No word is left that nothing shows.
  const scripts = ["page.js", "core.js", "uri.js", "vault.js"]
    .map((file) => readFileSync(new URL(file, folder), "utf8"))
    .join("");
  for (const name of Object.keys(english))
    expect(named.includes(name) || scripts.includes(`words.${name}`), name).toBe(true);
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
