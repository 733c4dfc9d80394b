// What the parts below the pages say, on German pages: every text that can get there has German, whatever it names.
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DialwardError, SYSTEM_WORDS } from "../../host/errors.ts";
import { makeProfile } from "../../host/users/new-profile.ts";
import { sayBy } from "../../host/web/said.ts";
import { de } from "../../host/web/words/de.ts";
import { en } from "../../host/web/words/en.ts";
import { said as german } from "../../host/web/words/said-de.ts";
import { plan } from "../formats/read.ts";
import { SAMPLES } from "../formats/samples.ts";
import { runs } from "../runs.ts";
import { textsOf } from "./said-texts.ts";

/** In the formats every text but these is said to somebody: names, what files hold, and what export loses. */
const UNSAID =
  /^(user principal name|(user|login|account) name|secret key|(otp|totp|shared) secret|(otp|token) type|dial-in types|otp length|time (interval|step)|serial (number|no)|Ente Auth|Proton Authenticator|-----BEGIN PGP MESSAGE-----|dialward sealed users )$/;
const formats = readdirSync("host/formats")
  .filter((file) => file.endsWith(".ts") && file !== "outward.ts")
  .flatMap((file) => textsOf(`host/formats/${file}`))
  .filter((text) => !UNSAID.test(text));

/** Elsewhere it is what these are given, but for what has words by its code, or comes before there are pages. */
const speaks = (name: string, code: unknown): boolean =>
  /^(DialwardError|usage|refused|refine)$/.test(name) && code !== "store" && code !== "core";
/** What is missing here speaks on a terminal alone. */
const otherFiles = [
  ...["admin", "users", "web"].flatMap((folder) =>
    readdirSync(`host/${folder}`, { withFileTypes: true })
      .filter(({ name }) => name.endsWith(".ts"))
      .map((file) => `${folder}/${file.name}`),
  ),
  ...["groups/group.ts", "groups/groups.ts", "groups/imported-groups.ts", "groups/validity.ts"],
  ...[
    "service/backup.ts",
    "service/restore.ts",
    "service/service.ts",
    "store/backup.ts",
    "store/seal.ts",
    "store/user-table.ts",
  ],
  ...["core/core.ts", "core/enrolment.ts", "config/endpoint.ts", "config/client-file.ts"],
  ...["config/private-file.ts", "radius/sockets.ts"],
].map((file) => `host/${file}`);
const others = otherFiles.flatMap((file) => textsOf(file, speaks));

const filled = (text: string): string => text.replace(/\{\w*\}/g, "Xy");

/** In German, alone or as what is said of a line. */
function isSaid(text: string): boolean {
  return [text, `Line 1 ${text}`].some((one) => de.said(filled(one)) !== filled(one));
}

test("all that the formats say has German", () => {
  expect(formats.length).toBeGreaterThan(140);
  expect(formats.filter((text) => !isSaid(text))).toEqual([]);
});

test("what the system says has German, alone and as the reason of something", () => {
  for (const words of Object.values(SYSTEM_WORDS)) {
    const said = de.said(words);
    expect(said).not.toBe(words);
    expect(de.said(`RADIUS cannot listen on 0.0.0.0 port 1812: ${words}`)).toBe(
      `RADIUS kann 0.0.0.0 Port 1812 nicht öffnen: ${said}`,
    );
  }
});

test("all that the other parts say has German", () => {
  expect(others.length).toBeGreaterThan(50);
  expect(others.filter((text) => !isSaid(text))).toEqual([]);
});

test("on English pages nobody is told of the command line's options", () => {
  const told = [...formats, ...others].map(filled).map(en.said);
  expect(told.filter((text) => /(?<!dialward user import )--\w/.test(text))).toEqual([]);
});

test("whatever a profile is given, what is wrong with it is said in German", () => {
  const fields = [
    "name",
    "factor",
    "secret",
    "pin",
    "password",
    "mode",
    "types",
    "digits",
    "period",
    "algorithm",
  ];
  const more = [
    "enabled",
    "groups",
    "passwordFrom",
    "counter",
    "next",
    "drift",
    "created",
    "recovery",
    "recovered",
  ];
  const right = { name: "anna", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" };
  fc.assert(
    fc.property(
      fc.constantFrom(...fields, ...more, "other"),
      fc.jsonValue({ maxDepth: 1 }),
      (field, value) => {
        try {
          makeProfile({ ...right, [field]: value }, 0);
        } catch (error) {
          if (!(error instanceof DialwardError)) throw error;
          const parts = error.message.split(/; (?=\w+(?:\.\w+)?: )/);
          for (const part of parts) expect(de.said(part), part).not.toBe(part);
        }
      },
    ),
    runs(500),
  );
});

test("whatever becomes of a file, its places and notes are in German", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...SAMPLES),
      fc.nat(),
      fc.string({ maxLength: 3 }),
      async (sample, at, typed) => {
        const cut = at % (sample.text.length + 1);
        const text = sample.text.slice(0, cut) + typed + sample.text.slice(cut + typed.length);
        const rows = await plan(text, { ...sample.options, format: sample.format }).catch(
          (error: unknown) => {
            if (!(error instanceof DialwardError)) throw error;
            return [{ place: "row 1", notes: [error.message] }];
          },
        );
        for (const { place, notes } of rows)
          for (const one of [place, ...notes]) expect(de.said(one), one).not.toBe(one);
      },
    ),
    runs(200),
  );
});

test("what differs stands in both, whatever it is", () => {
  const value = fc.stringMatching(/^[a-z0-9@_-]{1,20}$/);
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(german)),
      fc.array(value, { minLength: 4, maxLength: 4 }),
      (key, values) => {
        const names = [...key.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
        const fill = (text: string): string =>
          text.replace(/"?\{(\w+)\}"?/g, (hole, name: string) => {
            const isName = key.includes(`"{${name}}"`);
            return isName
              ? `"<${values[names.indexOf(name)]}>"`
              : hole.replace(/\{\w+\}/, `<${values[names.indexOf(name)]}>`);
          });
        expect(sayBy(german)(fill(key))).toBe(fill(german[key]!));
      },
    ),
    runs(500),
  );
});

test("no German is left of what nobody says any more", () => {
  const files = ["groups/attribute.ts", "service/end-session.ts"].map((file) => `host/${file}`);
  const all = [...otherFiles, ...files].flatMap((file) => textsOf(file));
  const made = [...formats, ...all, ...Object.values(SYSTEM_WORDS)].map((text) =>
    filled(text).replace(/\.$/, ""),
  );
  const said = new Set(made.flatMap((text) => [text, text.replace(/^(\w+|Xy): /, ""), `Line Xy ${text}`]));
  // Places, what a schema says by itself, and what stands within a text.
  const beside =
    /^(must (be (a|true|at|one of)|have at|not be empty)\b|is of a kind|(\w+|freeradius user) \{\w+\}$|the file$|there is no such key|issuer|serial number|maker|further|access code|failures|what it replies|ExpiryDate|the drift)/;
  expect(Object.keys(german).filter((key) => !beside.test(key) && !said.has(filled(key)))).toEqual([]);
});
