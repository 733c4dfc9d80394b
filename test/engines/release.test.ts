// The tarball of `npm run firmware:release`, as a porter meets it: its README is followed to an Access-Accept by a MIPS
// program, and it is built for every processor, with musl too, and for C++.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { missingPrograms, needs, PROCESSORS, run } from "./toolchain.ts";

const TOOLS = ["wasm2c", "make", "tar", "gzip"];
const folder = mkdtempSync(join(tmpdir(), "dialward-release-"));
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
const unpacked = join(folder, `dialward-firmware-${version}`);

function release(): string {
  const made = run("env", ["SOURCE_DATE_EPOCH=1767225600", process.execPath, "host/firmware/release.mjs"]);
  return resolve(made.trim());
}

/** Unpacks the tarball anew and runs commands in it, with nothing of this repository in sight. */
function follow(script: string): string {
  rmSync(unpacked, { recursive: true, force: true });
  run("tar", ["-xzf", resolve(`dist/dialward-firmware-${version}.tar.gz`), "-C", folder]);
  return run("sh", ["-ec", `cd '${unpacked}'\n${script}`]);
}

beforeAll(() => {
  if (missingPrograms(...TOOLS).length === 0) release();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("is the same when it is made again", (context) => {
  needs(context, ...TOOLS);
  const hash = () => createHash("sha256").update(readFileSync(release())).digest("hex");
  expect(hash()).toBe(hash());
  expect(follow("make -s check")).toBe("");
});

it("its README leads to an Access-Accept on a MIPS", (context) => {
  needs(context, ...TOOLS, "mips-linux-gnu-gcc", "qemu-mips", "radclient");
  const script = /```sh\n([^]*?)```/.exec(readFileSync("host/firmware/release/README.md", "utf8"))![1]!;
  expect(follow(`set +e\n${script}`)).toContain("Received Access-Accept");
});

for (const { name, compiler, emulator } of PROCESSORS)
  it(`is built and installed for ${name}, whatever CFLAGS say`, (context) => {
    needs(context, ...TOOLS, compiler, emulator);
    const ar = compiler.replace(/gcc$/, "ar");
    const make = `make -s -j2 CC=${compiler} AR=${ar} CFLAGS='-Os -Wall -Wextra -Werror' LDFLAGS=-static`;
    const out = follow(
      `${make} install DESTDIR="$PWD/root" PREFIX=/opt\n${emulator} root/opt/sbin/dialward-state new state\n` +
        `${emulator} root/opt/sbin/dialward-radiusd --help\ncat root/opt/lib/pkgconfig/dialward.pc`,
    );
    expect(out).toMatch(/state: done[^]*Usage: dialward-radiusd[^]*prefix=\/opt/);
  });

it("is built with musl", (context) => {
  needs(context, ...TOOLS, "musl-gcc");
  expect(follow("make -s CC=musl-gcc LDFLAGS=-static\n./dialward-state new state")).toContain("done");
});

it("gives pppd a plug-in, and shares no name with another runtime", (context) => {
  needs(context, ...TOOLS, "gcc", "pppd", "nm");
  const names = follow("make -s dialward.so libdialward.a\nnm -g --defined-only libdialward.a");
  const defined = [...names.matchAll(/^\w+ [A-Z] (\w+)$/gm)].map(([, name]) => name!);
  expect(defined.length).toBeGreaterThan(20);
  for (const name of defined) expect(name).toMatch(/^(dialward_|Z_dialward)/);
});

it("its headers are for C++ too", (context) => {
  needs(context, ...TOOLS, "g++");
  writeFileSync(
    join(folder, "all.cc"),
    ["host", "dialward-radius", "users", "flash-file"].map((one) => `#include "${one}.h"\n`).join(""),
  );
  expect(follow(`g++ -Wall -Wextra -Werror -fsyntax-only -I. ../all.cc`)).toBe("");
});
