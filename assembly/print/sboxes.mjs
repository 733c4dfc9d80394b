// Prints sbox.ts: the S-boxes of DES as circuits, each checked against its table on all 64 inputs: `npm run print`.
// FIPS 46-3, appendix 1 (tables). The circuits come from a search of our own; here they stand a gate a word.

import { readFileSync } from "node:fs";
import { put } from "./put.mjs";

/** The tables: four rows of sixteen outputs, in hexadecimal. */
const TABLES = [
  "e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d",
  "f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9",
  "a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c",
  "7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e",
  "2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453",
  "c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d",
  "4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c",
  "d2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b",
];

/**
 * The circuits. A gate is two operands, x1 to x6 or the number of an earlier gate, with & | or ^ between them, or ~ before
 * one; >k=n stores gate n as output k as soon as it is known.
 */
const CIRCUITS = [
  "x6^x3 x4|x1 1^x2 3&2 x5|4 5^x4 2^1 7|x2 8^6 9^x1 ~10 11|7 12&2 1|x1 x4&14 15^12 16^x3 13|17 18&x2 " +
    "18&3 9&x2 17|7 22&15 21^23 24|20 25&x5 26^13 17|x6 28^3 29^27 30|16 31&29 32|x6 33^10 23|x1 35^12 " +
    "34|36 37&23 19^38 1^39 35|x3 38^17 41^42 x5&43 44^40 36^45 >1=46 >2=34 21|10 33^x1 48|x5 49&7 50^5 " +
    "40&x5 52^51 47^53 >4=54 >3=30",
  "~x3 x2^x5 2&x1 3^x5 4^x4 5&4 1^6 7^2 8&x1 9|x5 10|7 11^8 12^9 12|x2 14^11 10&x1 16^15 17|x6 18^x4 " +
    "12^19 20&x2 21^4 22|x1 21^3 12^5 25&24 25^x6 27|26 28^23 29^5 30^11 31|19 32^x1 33&x4 34&13 30^x1 " +
    "36|x3 37^27 31^38 39^35 >2=40 >1=31 34|x6 29&15 41|26 42^43 44&1 41^45 20^10 15|47 46^48 37^49 >3=50 " +
    ">4=20",
  "x6^x2 1^x3 2&x5 3|x2 4&x3 5^x5 5|x4 7&x6 ~8 9|6 10&x4 11^x1 1^x4 13&x5 3^13 15^14 16&x1 17^9 4&15 " +
    "18&19 20|x3 21^12 22^16 >2=23 14|x6 4|x6 23^25 26|x4 24^27 28^18 29|x1 6^x4 x2^31 30^32 33^1 >1=34 " +
    "32^18 25^x2 36&x1 37|3 38^2 35^39 x1&40 41^16 >4=42 41^22 35&x2 44^43 45&x4 33^37 47&x3 48^26 49^33 " +
    "46^50 >3=51",
  "x5^x3 x5^x4 2&1 3^x4 4^x1 5&x1 1|x2 7^5 8|6 9^x2 10^3 3|x2 12|2 x5&13 11|5 2^15 16|4 17^1 x6^12 " +
    "19^18 20|x6 21^14 11^22 19&16 24^8 23^25 >1=26 ~23 >3=27 20^27 28^25 16^29 >2=30 >4=28",
  "x6^x3 x4|1 x3^x2 2&3 x4^x3 5^4 6&x2 x1|7 8^1 5|x6 10^9 7|11 2^x1 13|x3 ~14 15^6 x6|16 17^13 13|x1 " +
    "19^15 20&x5 9^21 22^6 23&6 24|x2 25^18 26^4 27&12 28^9 29&8 27^30 x5|31 32^26 >4=33 18&x2 26&x1 " +
    "20^x3 29&20 37|x5 38&x4 36|39 40^34 35^41 42&x5 43^23 40^x5 45|44 46^12 34^47 44^40 49^48 >1=50 " +
    ">3=48 >2=23",
  "x5|x3 1^x6 ~2 3|x4 4&x1 x5|x1 6^x2 7^x6 8^x5 x1&9 10|x3 11^8 12^5 13&x5 x3^14 15|x2 9^x1 17&x5 18|x4 " +
    "19^12 16^20 >3=21 4^17 x3|17 23^7 24&x3 25^22 12|x3 20|10 27^28 29|x4 12&6 31^30 24^32 33&x6 34^26 " +
    "5|35 10^36 2&6 37&38 33^22 39|40 27^6 42&x4 43^41 11^44 >2=45 26|x4 46^24 20|7 48^47 37^49 50&x6 " +
    "51^35 >1=52 35^47 >4=53",
  "x6&x1 1|x5 2|x4 3^2 4|x3 4^x4 x6^x4 6&7 x6^x3 9^x5 10|8 8|x2 12|7 13^x6 14&x3 15|x4 16&x2 11^17 7^x1 " +
    "19|18 7|9 21&x2 22^20 23|14 9^24 25&x2 26^5 27^x5 19^28 >4=29 29^3 15^30 31|x1 32^11 33&30 34|x6 " +
    "35|x5 32&5 37^19 36^38 ~33 22^40 41|7 42&12 43^39 >3=44 33&25 45|12 46^31 43^47 48&x1 18^49 >1=50 " +
    ">2=41",
  "x5&x4 1|x2 x3^2 x5^3 ~x4 4^5 6|x2 7|3 7^x5 9&5 8^10 x1&11 8^9 12^6 13&14 15^12 15^10 17|x6 16|x1 " +
    "18&19 20&16 20^x2 22^15 23^x1 9^24 x2|25 26^x6 21^27 28|6 29|x4 30^13 31&x2 32^22 4^33 >3=34 28^4 " +
    ">2=35 29&17 36^23 37^x4 28^38 39|x6 40^14 >1=41 41^39 >4=42",
];

const NAMES = { "&": "and", "|": "or", "^": "xor", "~": "not" };
const GATE = /^(x?\d*)([&|^~])(x?\d+)$/;

/** The outputs of a circuit for one input, x1 first: a number of four bits. */
function run(circuit, input) {
  const gates = [];
  const value = (name) => (name.startsWith("x") ? (input >> (6 - Number(name.slice(1)))) & 1 : gates[name - 1]);
  let outputs = 0;
  for (const word of circuit.split(" ")) {
    const [, left, operator, right] = GATE.exec(word) ?? [];
    if (!operator) outputs |= gates[word.slice(3) - 1] << (4 - Number(word[1]));
    else if (operator === "~") gates.push(1 - value(right));
    else if (operator === "&") gates.push(value(left) & value(right));
    else gates.push(operator === "|" ? value(left) | value(right) : value(left) ^ value(right));
  }
  return outputs;
}

/** The body of a box's function: up to four gates a line, and its outputs where they are known. */
function print(circuit) {
  const lines = [];
  let gates = 0;
  let line = [];
  const end = () => {
    if (line.length > 0) lines.push(`  const ${line.join(", ")};`);
    line = [];
  };
  for (const word of circuit.split(" ")) {
    const [, ...parts] = GATE.exec(word) ?? [];
    if (parts.length === 0) {
      end();
      lines.push(`  flip<L>(left, p${word[1]}, a${word.slice(3)});`);
      continue;
    }
    const operands = [parts[0], parts[2]].filter(Boolean).map((name) => (name.startsWith("x") ? name : `a${name}`));
    line.push(`a${++gates} = ${NAMES[parts[1]]}<L>(${operands.join(", ")})`);
    if (line.length === 4) end();
  }
  end();
  return { gates, lines };
}

/** sbox.ts up to the first box as it stands, and the boxes. Throws where a circuit is not its table. */
function printBoxes() {
  const text = readFileSync(new URL("../sbox.ts", import.meta.url), "utf8");
  const boxes = CIRCUITS.map((circuit, box) => {
    const rows = TABLES[box].split(" ");
    for (let input = 0; input < 64; input++) {
      const row = ((input >> 4) & 2) | (input & 1);
      if (run(circuit, input) !== parseInt(rows[row][(input >> 1) & 15], 16))
        throw new Error(`S${box + 1} is not its table at ${input}`);
    }
    const { gates, lines } = print(circuit);
    return `/** S${box + 1} of x1 to x6: XORs output k into the slice at left + pk (bytes). ${gates} gates. */
@inline
export function sbox${box + 1}<L>(
  x1: L, x2: L, x3: L, x4: L, x5: L, x6: L, left: u32, p1: u32, p2: u32, p3: u32, p4: u32
): void {
${lines.join("\n")}
}
`;
  });
  return text.slice(0, text.indexOf("/** S1 of")) + boxes.join("\n");
}

put("sbox.ts", printBoxes());
