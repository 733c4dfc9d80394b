// What the C host reads of its file of users and has to calculate: days.

import { join } from "node:path";
import { expect, it } from "vitest";
import { BUILT, FIRMWARE, needs, run, TESTS, translate } from "./toolchain.ts";

it("knows every day from 1970 to 2099, and nothing else for one", (context) => {
  needs(context, "gcc");
  translate();
  const program = join(BUILT, "dates");
  const flags = ["-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror", `-I${FIRMWARE}`];
  run("gcc", [...flags, join(TESTS, "dates.c"), "-o", program]);
  expect(run(program, [])).toBe("fine\n");
});
