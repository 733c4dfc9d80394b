// Prints the C headers of a firmware, from abi.ts (numbers, fields) and index.ts (verbs): dialward.h from those of assembly/,
// dialward-radius.h from those of assembly/radius/. `node host/firmware/header.mjs [radius]` writes one to standard output;
// host/build/build.mjs keeps the files up to date.
// Plain JavaScript, because the build runs before TypeScript can.

import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { fileURLToPath } from "node:url";

const read = (name) => readFileSync(new URL(`../../assembly/${name}`, import.meta.url), "utf8");

const HEAD = `
/*
 * dialward.h: the interface of dialward.wasm for a host in C.
 * Printed by host/firmware/header.mjs from assembly/abi.ts and assembly/index.ts. Do not edit.
 */
#ifndef DIALWARD_H
#define DIALWARD_H

#include <stdint.h>
`;

/** For C++. */
const EXTERN = `#ifdef __cplusplus\nextern "C" {\n#endif`;
const END = `#ifdef __cplusplus\n}\n#endif`;

const RULES = `
/*
 * The rules that a host keeps
 *
 *  1. Start: refuse the module unless version() is DIALWARD_ABI_VERSION, features() has a bit for each proof that
 *     you use, and selfTest() returns DIALWARD_STATUS_OK on this very machine. selfTest() wipes everything.
 *  2. One caller at a time. The page is one; the host serialises: a lock, or one thread that gathers what waits
 *     and verifies it as a batch. No interrupt handler and no second thread touches the page meanwhile.
 *  3. Commit before reply. verify() has changed the states in the page; write them to flash, and only when they
 *     lie there safely let an answer leave, above all an acceptance. If the writing fails, refuse.
 *  4. States are yours to keep and to put back, whole and byte by byte, not to compute. A state belongs to a user
 *     and a token: never put one back into another user's record.
 *  5. A user who does not exist costs the same work: verify against a record of DIALWARD_STANDING_DECOY.
 *  6. The clock must be plausible: before it has been set (a router starts in 1970), refuse every login. Never
 *     hand in a time that was chosen by the peer.
 *  7. Wipe: requests are wiped by verify(), the scratch by every verb. Read the results, then zero them: they hold
 *     MPPE keys and generated codes. wipe() zeroes all, records too: call it before the program ends.
 *  8. Numbers in the page are little-endian on every processor. Touch the page only through dialward_read() and
 *     dialward_write(): an engine on a big-endian processor may keep it in another order.
 *  9. Clip no length: a text that is too long is written up to its field's end with its true length (at most
 *     255), and the core refuses it.
 * 10. DIALWARD_VERDICT_ACCEPT and DIALWARD_VERDICT_RECOVERED let in, and no other.
 */
`;

const RADIUS_HEAD = `
/*
 * dialward-radius.h: the interface of radius.router.wasm for a host in C.
 * Printed by host/firmware/header.mjs from assembly/radius/. Do not edit.
 */
#ifndef DIALWARD_RADIUS_H
#define DIALWARD_RADIUS_H

#include <stdint.h>
`;

const RADIUS_RULES = `
/*
 * The rules that a host keeps
 *
 *  1. Start: refuse the module unless version() is DIALWARD_RADIUS_VERSION and selfTest() answers DIALWARD_RADIUS_OK.
 *     Fill the entropy from the system's source, stir(), then make the clients.
 *  2. Before each read() and answer(): where DIALWARD_ENTROPY_LEFT is below DIALWARD_ENTROPY_MOST, fill and stir() again.
 *  3. A slot is the host's from the datagram to the reply. What read() returns says what to do with it; a slot of
 *     DIALWARD_READ_LOGIN, _ACKNOWLEDGED or _ACCOUNTING ends with answer() or drop().
 *  4. Commit before answer(): the state that the core has changed must be safe before an Accept leaves.
 *  5. Numbers are little-endian, those inside packets big-endian. Touch the memory only through the functions below.
 */
`;

/** The engine functions of the core's header and of this one. */
const ENGINES = {
  core: { prefix: "dialward", folder: "", load: "read", store: "write" },
  radius: { prefix: "dialward_radius", folder: "radius/", load: "load", store: "store" },
};

/** Comment text as a C comment that ends a line, or stands alone. */
const comment = (text) => `/* ${text.replaceAll("*/", "* /")} */`;

/** A run of comment lines as one C comment. */
function block(lines) {
  if (lines.length === 1) return [comment(lines[0])];
  return ["/*", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"];
}

/** The text of one line of a comment, or undefined where the line is code. */
function commentText(line) {
  const found = /^(?:\/\/|\/\*\*|\*\/|\*)(?: (.*?))?(?:\s*\*\/)?$/.exec(line.trim());
  return found ? (found[1] ?? "") : undefined;
}

/** abi.ts as C: constants become macros, comments stay. */
async function printNumbers(file) {
  const source = read(file);
  const { code } = transformSync(source, { loader: "ts", format: "esm" });
  const values = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const out = [];
  let comments = [];
  const flush = () => {
    if (comments.length > 0) out.push(...block(comments));
    comments = [];
  };
  for (const line of source.split("\n")) {
    const text = commentText(line);
    if (text !== undefined) {
      if (text !== "" || line.trim() === "//") comments.push(text);
      continue;
    }
    flush();
    const found = /^export const (\w+): (u32|u64) = .*?;(?: \/\/ (.*))?$/.exec(line);
    if (!found) {
      if (line.trim() !== "") throw new Error(`${file}: neither a comment nor a constant: ${line}`);
      out.push("");
      continue;
    }
    const [, name, type, note] = found;
    const value = `${values[name]}${type === "u64" ? "ull" : "u"}`;
    const macro = `#define DIALWARD_${name}`.padEnd(46) + ` ${value}`;
    out.push(note ? `${macro.padEnd(52)} ${comment(note)}` : macro);
  }
  flush();
  return out.join("\n").trim();
}

/** index.ts as C: the verbs as an enumeration, and a prototype with its comment for each. */
function printVerbs({ prefix, folder, load, store }) {
  const PREFIX = prefix.toUpperCase();
  const pattern = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport function (\w+)\(([^)]*)\): u32 \{/g;
  const verbs = [...read(`${folder}index.ts`).matchAll(pattern)].map(([, text, name, parameters]) => ({
    name,
    text: text
      .split("\n")
      .map((line) => line.replace(/^\s*\* ?/, "").trim())
      .filter(Boolean),
    parameters: [...parameters.matchAll(/(\w+): u32/g)].map(([, parameter]) => parameter),
  }));
  const most = Math.max(...verbs.map(({ parameters }) => parameters.length));
  const numbered = ["first", "second", "third", "fourth"].slice(0, most);
  const macro = (name) => `${PREFIX}_CALL_${name.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`;
  const inline = (name) => `${prefix}_${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}`;
  return [
    "/* The engine: three functions that a host fills in for its way of running the module. */",
    "",
    "/* The verbs, and for each its name in the module and its number of arguments: X(verb, name, arguments). */",
    `#define ${PREFIX}_VERBS(X) \\`,
    verbs.map(({ name, parameters }) => `  X(${macro(name)}, ${name}, ${parameters.length})`).join(" \\\n"),
    `#define ${PREFIX}_VERB(verb, name, arguments) verb,`,
    `enum ${prefix}_verb { ${PREFIX}_VERBS(${PREFIX}_VERB) ${PREFIX}_CALLS };`,
    "",
    `/* What ${prefix}_call returns if the engine stopped the module. It never should: use the module no more. */`,
    `#define ${PREFIX}_TRAPPED 0xffffffffu`,
    "",
    "/* Calls a verb and returns what it returns; arguments that it does not have are 0. */",
    `uint32_t ${prefix}_call(enum ${prefix}_verb verb, ${numbered.map((name) => `uint32_t ${name}`).join(", ")});`,
    "/* Copies `length` bytes of the page, from address `at` on, to or from the host's memory. */",
    `void ${prefix}_${load}(uint32_t at, void *bytes, uint32_t length);`,
    `void ${prefix}_${store}(uint32_t at, const void *bytes, uint32_t length);`,
    "",
    "/* The verbs as functions. */",
    ...verbs.flatMap(({ name, text, parameters }) => [
      "",
      ...block(text),
      `static inline uint32_t ${inline(name)}(${parameters.map((p) => `uint32_t ${p}`).join(", ") || "void"}) {`,
      `  return ${prefix}_call(${[macro(name), ...parameters, "0", "0", "0", "0"].slice(0, most + 1).join(", ")});`,
      "}",
    ]),
  ].join("\n");
}

/** The core's header. Throws where abi.ts holds something else than constants. */
export async function printHeader() {
  const parts = [
    HEAD.trim(),
    RULES.trim(),
    EXTERN,
    await printNumbers("abi.ts"),
    printVerbs(ENGINES.core),
    END,
    "#endif",
    "",
  ];
  return parts.join("\n\n");
}

/** The header of the packets' module, with the protocol's numbers. */
export async function printRadiusHeader() {
  const numbers = [await printNumbers("radius/abi.ts"), await printNumbers("radius/dictionary.ts")];
  const parts = [
    RADIUS_HEAD.trim(),
    RADIUS_RULES.trim(),
    EXTERN,
    ...numbers,
    printVerbs(ENGINES.radius),
    END,
    "#endif",
    "",
  ];
  return parts.join("\n\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(await (process.argv[2] === "radius" ? printRadiusHeader() : printHeader()));
