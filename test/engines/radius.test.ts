// The packets' module as C gives the same bytes on a little-endian and on a big-endian processor, also where wasm2c swaps
// nothing: a router answers as a server does.
import { execFileSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { BUILT, needs, PROCESSORS, run } from "./toolchain.ts";

const { secret: SECRET, cases } = JSON.parse(readFileSync("test/vectors/radius.json", "utf8")) as {
  secret: string;
  cases: { request: string }[];
};
const FOLDER = join(BUILT, "radius");
const STATUS = "0cda00268a54f4686fb394c52866e302185d062350125a665e2e1e8411f3e243822097c84fa3"; // RFC 5997 section 6.1
const packets = [...cases.map(({ request }) => request), STATUS, cases[0]!.request];

/** The Access-Accept of a request, by node:crypto. */
function accept(request: string): string {
  const head = Buffer.from(`02${request.slice(2, 4)}0026${request.slice(8, 40)}5012`, "hex");
  const reply = Buffer.concat([head, Buffer.alloc(16)]);
  reply.set(createHmac("md5", SECRET).update(reply).digest(), 22);
  reply.set(createHash("md5").update(reply).update(SECRET).digest(), 4);
  return reply.toString("hex");
}

it.for(PROCESSORS)("$name", (processor, context) => {
  const emulated = processor.compiler !== "gcc";
  needs(context, "wasm2c", processor.compiler, ...(emulated ? [processor.emulator] : []));
  mkdirSync(FOLDER, { recursive: true });
  copyFileSync("host/firmware/dialward-radius.h", join(FOLDER, "dialward-radius.h"));
  // wabt's own, and not the one in host/firmware/, which is cut down to one page.
  copyFileSync("/usr/include/wasm-rt.h", join(FOLDER, "wasm-rt.h"));
  const source = join(FOLDER, "radius.c");
  run("wasm2c", ["-n", "radius", resolve("dist/radius.router.wasm"), "-o", source]);
  const program = join(FOLDER, `radius-${processor.name.replaceAll(/\W+/g, "-")}`);
  const flags = ["-std=gnu99", "-O2", "-w", "-static", `-I${FOLDER}`];
  run(processor.compiler, [...flags, "-o", program, "test/engines/radius.c", source, "-lm"]);
  const [command, ...args] = emulated ? [processor.emulator, program] : [program];
  const output = execFileSync(command!, [...args, ...packets], { encoding: "utf8" })
    .trim()
    .split("\n");
  expect(output.slice(0, 2)).toEqual(["self-test 0", "client 0"]);
  const reads = output.slice(2).map((line) => /^read (\d+)/.exec(line)![1]);
  expect(reads).toEqual(["16", "8", "6", "5"]);
  // A copy gets the same bytes, and every processor gives the same ones.
  const reply = (line: string) => /reply (\d+ [0-9a-f]+)$/.exec(line)![1];
  expect(reply(output[5]!)).toBe(reply(output[2]!));
  expect(reply(output[2]!)).toBe(`38 ${accept(cases[0]!.request)}`);
});
