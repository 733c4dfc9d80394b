// host/firmware/README.md, followed to the letter: from the module to a verdict printed by a MIPS binary, and the plug-in.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { FIRMWARE, needs, run } from "./toolchain.ts";

const blocks = [
  ...readFileSync(join(FIRMWARE, "README.md"), "utf8").matchAll(/```(?:sh)?\n([\s\S]*?)```/g),
].map((block) => block[1]!);
const copy = mkdtempSync(join(tmpdir(), "dialward-readme-"));
mkdirSync(join(copy, "dist"));
cpSync("host/firmware", join(copy, "host/firmware"), { recursive: true });
cpSync("dist/dialward.wasm", join(copy, "dist/dialward.wasm"));

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Runs a block as a shell does, in a copy of what the package holds. */
function follow(block: string): string {
  return run("sh", ["-c", `cd '${copy}'\n${block}`]);
}

it("the demo prints what the README says", (context) => {
  needs(context, "wasm2c", "mips-linux-gnu-gcc", "qemu-mips");
  const commands = blocks.findIndex((block) => block.includes("-o demo"));
  // The demo's last command is refused, and says so by its status.
  expect(follow(`${blocks[commands]!}true`)).toBe(blocks[commands + 1]);
});

it("the plug-in compiles", (context) => {
  needs(context, "wasm2c", "gcc", "pppd");
  const block = blocks.find((text) => text.includes("-o dialward.so"))!;
  follow(
    block
      .split("\n")
      .filter((line) => !/^(apt-get|install|dialward-state) /.test(line))
      .join("\n"),
  );
});

it("the RADIUS server compiles", (context) => {
  needs(context, "wasm2c", "mips-linux-gnu-gcc");
  cpSync("dist/radius.router.wasm", join(copy, "dist/radius.router.wasm"));
  follow(blocks.find((text) => text.includes("-o dialward-radiusd"))!);
});
