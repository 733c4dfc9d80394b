// The core's bit-sliced DES as C, for reference.c: the same circuits and steps, so that figures.ts compares code
// generation and nothing else. AssemblyScript without its types is nearly C already.

import { readFileSync } from "node:fs";

/** des.h: desMatches() over `rows`, six times 32 words. */
export function printDes(): string {
  const source = ["assembly/sbox.ts", "assembly/des.ts"].map((file) => readFileSync(file, "utf8")).join("\n");
  const code = source
    .replaceAll(/\/\*\*[\s\S]*?\*\/|\/\/.*|^import [\s\S]*?;$/gm, "")
    .replaceAll("@inline", "__attribute__((always_inline)) inline")
    .replaceAll("<u32>", "(uint32_t)")
    .replaceAll("sizeof<L>()", "4u")
    .replaceAll("<L>", "")
    .replaceAll("load<u8>(PC1_SWAPS + i)", "PC1_SWAPS[i]")
    .replaceAll(
      /const PC1_SWAPS = memory.data<u8>\(\[([^\]]*)\]\)/g,
      "static const uint8_t PC1_SWAPS[] = {$1}",
    )
    .replaceAll(/(?:export )?function (\w+)\(([^)]*)\): (\w+)/g, "static $3 $1($2)")
    .replaceAll(/(\w+): u32 =/g, "$1 =")
    .replaceAll(/(\w+): (u32|L)\b/g, "$2 $1")
    .replaceAll(/(?<!static )\bconst (\w+) =/g, "const u32 $1 =")
    .replaceAll(/\blet /g, "u32 ")
    .replaceAll(/\bround\(/g, "desRound(");
  return `static uint32_t rows[192];
typedef uint32_t u32, L;
#define DES_ROWS_AT 0u
#define xor(a, b) ((a) ^ (b))
#define and(a, b) ((a) & (b))
#define or(a, b) ((a) | (b))
#define not(a) (~(a))
#define shl(a, n) ((a) << (n))
#define shr(a, n) ((a) >> (n))
#define splat(a) (a)
#define load(at) (*(const uint32_t *)((const char *)rows + (at)))
#define zero(at, length) memset((char *)rows + (at), 0, length)
#define store(at, x) (*(uint32_t *)((char *)rows + (at)) = (x))
${code}`;
}
