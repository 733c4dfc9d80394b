// Prints dialward.h, the C header of a firmware, from assembly/abi.ts (numbers, fields) and assembly/index.ts (verbs).
// `node host/firmware/header.mjs` writes it to standard output; host/build/build.mjs keeps the file up to date.
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

const RULES = `
/*
 * The rules that a host keeps
 *
 *  1. Start: refuse the module unless version() is DIALWARD_ABI_VERSION, features() has a bit for each proof that
 *     you use, and selfTest() answers DIALWARD_STATUS_OK on this very machine. selfTest() wipes everything.
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
 */
`;

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
async function printNumbers() {
  const source = read("abi.ts");
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
      if (line.trim() !== "") throw new Error(`abi.ts: neither a comment nor a constant: ${line}`);
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
function printVerbs() {
  const pattern = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport function (\w+)\(([^)]*)\): u32 \{/g;
  const verbs = [...read("index.ts").matchAll(pattern)].map(([, text, name, parameters]) => ({
    name,
    text: text
      .split("\n")
      .map((line) => line.replace(/^\s*\* ?/, "").trim())
      .filter(Boolean),
    parameters: [...parameters.matchAll(/(\w+): u32/g)].map(([, parameter]) => parameter),
  }));
  const macro = (name) => `DIALWARD_CALL_${name.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`;
  const inline = (name) => `dialward_${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}`;
  return [
    "/* The engine: three functions that a host fills in for its way of running the module. */",
    "",
    "/* The verbs, and for each its name in the module and its number of arguments: X(verb, name, arguments). */",
    "#define DIALWARD_VERBS(X) \\",
    verbs.map(({ name, parameters }) => `  X(${macro(name)}, ${name}, ${parameters.length})`).join(" \\\n"),
    "#define DIALWARD_VERB(verb, name, arguments) verb,",
    "enum dialward_verb { DIALWARD_VERBS(DIALWARD_VERB) DIALWARD_CALLS };",
    "",
    "/* What dialward_call answers if the engine stopped the module. It never should: use the module no more. */",
    "#define DIALWARD_TRAPPED 0xffffffffu",
    "",
    "/* Calls a verb and answers what it answers; arguments that it does not have are 0. */",
    "uint32_t dialward_call(enum dialward_verb verb, uint32_t first, uint32_t second);",
    "/* Copies `length` bytes of the page, from address `at` on, to or from the host's memory. */",
    "void dialward_read(uint32_t at, void *bytes, uint32_t length);",
    "void dialward_write(uint32_t at, const void *bytes, uint32_t length);",
    "",
    "/* The verbs as functions. */",
    ...verbs.flatMap(({ name, text, parameters }) => [
      "",
      ...block(text),
      `static inline uint32_t ${inline(name)}(${parameters.map((p) => `uint32_t ${p}`).join(", ") || "void"}) {`,
      `  return dialward_call(${[macro(name), ...parameters, "0", "0"].slice(0, 3).join(", ")});`,
      "}",
    ]),
  ].join("\n");
}

/** The whole header. Throws where abi.ts holds something else than constants. */
export async function printHeader() {
  return [HEAD.trim(), RULES.trim(), await printNumbers(), printVerbs(), "#endif", ""].join("\n\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(await printHeader());
