// Prints the rounds of MD5, MD4 and SHA-1 that stand written out in assembly/, between two comments each: `npm run print`.
// RFC 1321 section 3.4, RFC 1320 section 3.4, FIPS 180-4 section 6.1.2.

import { readFileSync } from "node:fs";
import { put } from "./put.mjs";

const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);
/** The name in role i of a step: in each step the roles move on by one name. */
const roles = (names, t) => range(0, names.length).map((i) => names[(i + names.length * 99 - t) % names.length]);
const GROUPS = ["abcd", "efgh", "ijkl"];

/** A step for the first group of lanes, and in a second line for the two others where there are groups. */
const grouped = (indent, step) => [
  `${indent}${step(0)}`,
  `${indent}if (GROUPED) { ${step(1)} ${step(2)} }`,
];

const MD5_TURNS = ["7 12 17 22", "5 9 14 20", "4 11 16 23", "6 10 15 21"].map((turns) => turns.split(" "));
const MD5_WORDS = [(t) => t, (t) => 5 * t + 1, (t) => 3 * t + 5, (t) => 7 * t];

/** MD5's steps: the constant of each is the sine of its number. */
function md5(from, to) {
  return range(from, to).flatMap((t) => {
    const round = t >> 4;
    const word = MD5_WORDS[round](t) & 15;
    const constant = Math.floor(Math.abs(Math.sin(t + 1)) * 2 ** 32).toString(16).padStart(8, "0");
    return grouped("  ", (group) => {
      const [a, b, c, d] = roles(GROUPS[group], t);
      const text = group === 0 ? `w${word}` : `blockWord<L>(${group}, ${word})`;
      const name = "fghi"[round].repeat(2);
      return `${a} = ${name}<L>(${a}, ${b}, ${c}, ${d}, ${text}, 0x${constant}, ${MD5_TURNS[round][t & 3]});`;
    });
  });
}

/** Four steps of MD4, in a loop over t: their function, turns, and how far apart their words are. */
function md4(f, turns, apart, keyed) {
  return range(0, 4).flatMap((t) =>
    grouped("    ", (group) => {
      const [a, b, c, d] = roles(GROUPS[group], t);
      const word = `blockWord<L>(${group}, t${apart[t] ? ` + ${apart[t]}` : ""})`;
      return `${a} = round<L>(${a}, ${f}<L>(${b}, ${c}, ${d}), ${keyed ? `add<L>(${word}, key)` : word}, ${turns[t]});`;
    }),
  );
}

const SHA1_FUNCTIONS = ["choose", "parity", "majority", "parity"];

/** A round of SHA-1 over five names, the t-th since they were in their roles; word and constant are added already. */
function sha1Round(names, t, keyed, f) {
  const [a, b, c, d, e] = roles(names, t);
  return `${e} = round<L>(${a}, ${f}<L>(${b}, ${c}, ${d}), ${e}, ${keyed}); ${b} = rotate<L>(${b}, 30);`;
}

/** Rounds of SHA-1 with the schedule in sixteen locals; `zeros` are words of the block that are left out. */
function sha1Single(from, to, zeros = []) {
  const known = new Set(zeros);
  return range(from, to).flatMap((t) => {
    const lines = t > from && t % 20 === 0 ? [`  k = splat<L>(ROUNDS_${t});`] : [];
    const w = `w${t & 15}`;
    const round = (keyed) => sha1Round("abcde", t - from, keyed, SHA1_FUNCTIONS[Math.floor(t / 20)]);
    if (t < 16) return [...lines, `  ${round(known.has(t) ? "k" : `add<L>(${w}, k)`)}`];
    const terms = [3, 8, 14, 16].map((back) => (t - back) & 15).filter((word) => !known.has(word));
    const sum = terms.map((word) => `w${word}`).reduce((left, right) => `xor<L>(${left}, ${right})`);
    const next = terms.length === 4 ? `mix<L>(${terms.map((word) => `w${word}`).join(", ")})` : `rotate<L>(${sum}, 1)`;
    const first = known.delete(t & 15) ? "let " : "";
    return [...lines, `  ${first}${w} = ${next}; ${round(`add<L>(${w}, k)`)}`];
  });
}

/** Loops of five rounds of two groups in turns: words of a group by `word`, in rounds up to `end`. */
function sha1Loop(head, f, word, before = () => []) {
  const rounds = range(0, 5).flatMap((t) => [
    ...before(t),
    `    ${sha1Round("abcde", t, word(0, t), f)}`,
    `    ${sha1Round("fghij", t, word(1, t), f)}`,
  ]);
  return [`  for (; at < ${head}) {`, ...rounds, "  }"];
}

function sha1Pair() {
  const at = (t) => (t === 0 ? "at" : `at + ${t} * WORD`);
  const next = (group, t) => `add<L>(${["first", "second"][group]}<L>(${at(t)}), k)`;
  const last = (group, t) => `add<L>(last<L>(${["0", "GROUP"][group]}, ${at(t)}), k)`;
  const loop = (end, f, word) => sha1Loop(`${end} * WORD; at += 5 * WORD`, f, word);
  return SHA1_FUNCTIONS.flatMap((f, round) => [
    `  ${round === 0 ? "let " : ""}k = splat<L>(ROUNDS_${round * 20});`,
    // The last fifteen words of the schedule are made, and no more.
    ...loop(round === 3 ? 65 : round * 20 + 20, f, next),
    ...(round === 3 ? loop(80, f, last) : []),
  ]);
}

function sha1Scheduled() {
  const before = (t) => [`    ${t === 0 ? "let " : ""}word = loadSplat<L>(at${t === 0 ? "" : ` + ${t * 4}`});`];
  return SHA1_FUNCTIONS.flatMap((f, round) =>
    sha1Loop(`SCHEDULE_AT + ${round * 80 + 80}; at += 20`, f, () => "word", before),
  );
}

/** What stands written out: file, what the comment before it says, and its lines. */
const PRINTED = [
  ["md5.ts", "MD5, steps 0 to 60", md5(0, 61)],
  ["md5.ts", "MD5, steps 61 to 63", md5(61, 64)],
  ["md4.ts", "MD4, a quarter of round 1", md4("choose", [3, 7, 11, 19], [0, 1, 2, 3], false)],
  ["md4.ts", "MD4, a quarter of round 2", md4("majority", [3, 5, 9, 13], [0, 4, 8, 12], true)],
  ["md4.ts", "MD4, a quarter of round 3", md4("parity", [3, 9, 11, 15], [0, 8, 4, 12], true)],
  ["sha1-single.ts", "SHA-1, rounds 0 to 31 of a short block", sha1Single(0, 32, range(6, 15))],
  ["sha1-single.ts", "SHA-1, rounds 32 to 79", sha1Single(32, 80)],
  ["sha1-pair.ts", "SHA-1 of two groups", sha1Pair()],
  ["sha1-pair.ts", "SHA-1 of two groups, with one schedule", sha1Scheduled()],
];

const end = (indent) => `${indent}// End of what is printed.`;

/** A file of assembly/ with all that is printed in it printed anew. Throws where a comment is missing. */
function printFile(file) {
  let text = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
  for (const [, what, lines] of PRINTED.filter(([name]) => name === file)) {
    const found = new RegExp(`^( *)// Printed by print/rounds\\.mjs: ${what}\\.\n`, "m").exec(text);
    const from = found ? found.index + found[0].length : -1;
    const to = found ? text.indexOf(`\n${end(found[1])}\n`, from - 1) + 1 : 0;
    if (to === 0) throw new Error(`${file} lacks the comments around: ${what}`);
    text = text.slice(0, from) + lines.map((line) => `${line}\n`).join("") + text.slice(to);
  }
  return text;
}

for (const file of new Set(PRINTED.map(([file]) => file))) put(file, printFile(file));
