// The conversation for wabt's interpreter: as a test of the WebAssembly specification, in which every answer of a call
// and every eight bytes of a read are an assertion against what V8 gave. A second module touches the page.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "./conversation.ts";
import { BUILT, run } from "./toolchain.ts";

const PAGE = `(module $page (import "core" "memory" (memory 1 1))
  (func (export "poke") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "poke8") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "peek") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "peek8") (param i32) (result i32) (i32.load8_u (local.get 0))))
`;
const ARGUMENTS: Record<string, number> = { enrol: 2, verify: 1, generate: 1, unlock: 1 };

const escape = (bytes: Uint8Array) =>
  [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");

/** Lines for bytes at an address: one for each eight, then one for each that is left. */
function touch(
  at: number,
  bytes: Buffer,
  eight: (at: number, x: bigint) => string,
  one: (at: number, x: number) => string,
) {
  let out = "";
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) out += eight(at + i, bytes.readBigUInt64LE(i));
  for (; i < bytes.length; i++) out += one(at + i, bytes[i]!);
  return out;
}

/** Runs the conversation; `lines` is V8's transcript. Answers what the interpreter says; throws if it disagrees. */
export function runSpecification(
  module: Uint8Array,
  steps: readonly Step[],
  lines: readonly string[],
): string {
  let text = `(module $core binary "${escape(module)}")\n(register "core" $core)\n${PAGE}`;
  let line = 0;
  for (const step of steps) {
    if (step.kind === "write") {
      text += touch(
        step.at,
        step.bytes,
        (at, x) => `(invoke $page "poke" (i32.const ${at}) (i64.const ${x}))\n`,
        (at, x) => `(invoke $page "poke8" (i32.const ${at}) (i32.const ${x}))\n`,
      );
    } else if (step.kind === "call") {
      const given = [step.first, step.second].slice(0, ARGUMENTS[step.verb] ?? 0);
      const invoke = `(invoke $core "${step.verb}" ${given.map((x) => `(i32.const ${x})`).join(" ")})`;
      text += `(assert_return ${invoke} (i32.const ${lines[line++]}))\n`;
    } else {
      text += touch(
        step.at,
        Buffer.from(lines[line++]!, "hex"),
        (at, x) => `(assert_return (invoke $page "peek" (i32.const ${at})) (i64.const ${x}))\n`,
        (at, x) => `(assert_return (invoke $page "peek8" (i32.const ${at})) (i32.const ${x}))\n`,
      );
    }
  }
  const file = join(BUILT, "conversation.wast");
  writeFileSync(file, text);
  run("wast2json", [file, "-o", join(BUILT, "conversation.json")]);
  return run("spectest-interp", [join(BUILT, "conversation.json")]);
}
