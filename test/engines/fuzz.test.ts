// Noise for what the C host reads from outside, under ASan and UBSan. More of it: dist/engines/fuzz ROUNDS SEED.

import { join } from "node:path";
import { expect, it } from "vitest";
import { BUILT, FIRMWARE, needs, run, TESTS, translate } from "./toolchain.ts";

it("flash, users' lines and requests of any kind end no program, and let nobody in", (context) => {
  needs(context, "gcc", "wasm2c");
  translate();
  const program = join(BUILT, "fuzz");
  const common = ["-std=gnu99", "-g", "-O1", `-I${FIRMWARE}`, `-I${BUILT}`];
  run("gcc", [...common, "-w", "-c", join(BUILT, "core.c"), "-o", join(BUILT, "fuzz-core.o")]);
  const files = ["host.c", "spent-log.c", "users.c", "engine-wasm2c.c"].map((file) => join(FIRMWARE, file));
  run("gcc", [
    ...common,
    ...["-fsanitize=address,undefined", "-fno-sanitize-recover", "-Wall", "-Wextra", "-Werror"],
    ...[join(TESTS, "fuzz.c"), ...files, join(BUILT, "fuzz-core.o"), "-o", program],
  ]);
  const seed = String(Date.now() % 1_000_000);
  expect(run(program, ["2000", seed]), `seed ${seed}`).toBe("survived\n");
});
