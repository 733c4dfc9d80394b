// The C header of a firmware is the one that assembly/abi.ts and index.ts give now.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as abi from "../../assembly/abi.ts";
import * as packets from "../../assembly/radius/abi.ts";
import * as dictionary from "../../assembly/radius/dictionary.ts";

const printed = execFileSync(process.execPath, ["host/firmware/header.mjs"], { encoding: "utf8" });

it("dialward.h is not stale", () => {
  expect(readFileSync("host/firmware/dialward.h", "utf8"), "run `node host/build/build.mjs` and commit").toBe(
    printed,
  );
});

it("says every number of abi.ts", () => {
  const defined = Object.fromEntries(
    [...printed.matchAll(/^#define DIALWARD_(\w+)\s+(\d+)u/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]),
  );
  expect(defined).toEqual({ ...abi });
});

it("has every verb of the module", () => {
  const module = new WebAssembly.Module(readFileSync("dist/dialward.wasm"));
  const verbs = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
  for (const { name } of verbs)
    expect(printed).toMatch(new RegExp(`X\\(DIALWARD_CALL_\\w+, ${name}, \\d\\)`));
});

it("the page drawn in assembly/README.md is the page", () => {
  const drawn = readFileSync("assembly/README.md", "utf8");
  const borders = [...drawn.matchAll(/^ *(\d+) [┌├└]/gm)].map(([, at]) => Number(at));
  expect(borders).toEqual([
    0,
    abi.CONSTANTS_AT,
    abi.SCRATCH_AT,
    abi.REQUESTS_AT,
    abi.RESULTS_AT,
    abi.RECORDS_AT,
    abi.PAGE_BYTES,
  ]);
  for (const [count, bytes] of [
    [abi.REQUESTS, abi.REQUEST_BYTES],
    [abi.REQUESTS, abi.RESULT_BYTES],
    [abi.RECORDS, abi.RECORD_BYTES],
  ]) {
    expect(drawn).toContain(`${count} × ${bytes} bytes`);
  }
  expect(drawn).toContain(`profile, ${abi.RECORD_STATE}:`);
  expect(drawn).toContain(`state, ${abi.STATE_BYTES}:`);
});

describe("dialward-radius.h", () => {
  const radius = execFileSync(process.execPath, ["host/firmware/header.mjs", "radius"], { encoding: "utf8" });

  it("is not stale, and says every number of the module and of the protocol", () => {
    const file = readFileSync("host/firmware/dialward-radius.h", "utf8");
    expect(file, "run `node host/build/build.mjs` and commit").toBe(radius);
    const defined = Object.fromEntries(
      [...radius.matchAll(/^#define DIALWARD_(\w+)\s+(\d+)u/gm)].map(([, name, value]) => [
        name,
        Number(value),
      ]),
    );
    expect(defined).toEqual({ ...packets, ...dictionary });
  });

  it("has every verb of the module, and shares no name with dialward.h but the same", () => {
    const module = new WebAssembly.Module(readFileSync("dist/radius.router.wasm"));
    for (const { name } of WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function"))
      expect(radius).toMatch(new RegExp(`X\\(DIALWARD_RADIUS_CALL_\\w+, ${name}, \\d\\)`));
    for (const [name, value] of Object.entries({ ...packets, ...dictionary }))
      if (name in abi) expect(value, name).toBe(abi[name as keyof typeof abi]);
  });
});
