// The tarball of `npm run firmware:release`, as a porter meets it: its README is followed to an Access-Accept by a MIPS
// program, and it is built for every processor, with musl too, and for C++.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/**
 * Unpacks the tarball anew and runs commands in it, with nothing of this repository in sight; with `programs` with nothing
 * but these.
 */
function follow(script: string, programs?: readonly string[]): string {
  rmSync(unpacked, { recursive: true, force: true });
  run("tar", ["-xzf", resolve(`dist/dialward-firmware-${version}.tar.gz`), "-C", folder]);
  if (programs === undefined) return run("sh", ["-ec", `cd '${unpacked}'\n${script}`]);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const program of programs)
    symlinkSync(run("sh", ["-c", `command -v ${program}`]).trim(), join(bin, program));
  return run("env", ["-i", `PATH=${bin}`, "/bin/sh", "-c", `cd '${unpacked}'\n${script}`]);
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

it("its README leads to an Access-Accept on a MIPS, where there is but a cross compiler", (context) => {
  needs(context, ...TOOLS, "mips-linux-gnu-gcc", "qemu-mips", "radclient");
  const script = /```sh\n([^]*?)```/.exec(readFileSync("host/firmware/release/README.md", "utf8"))![1]!;
  const compiler = ["make", "mips-linux-gnu-gcc", "mips-linux-gnu-ar", "sh", "rm", "mkdir", "grep", "printf"];
  const out = follow(`${script}! command -v node wasm2c gcc`, [...compiler, "qemu-mips", "radclient"]);
  expect(out).toContain("Received Access-Accept");
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

it("is built small for a MIPS with little flash, and lets in there", (context) => {
  needs(context, ...TOOLS, "mips-linux-gnu-gcc", "qemu-mips", "radclient");
  const script = /```sh\n([^]*?)```/.exec(readFileSync("host/firmware/release/README.md", "utf8"))![1]!;
  const small = script
    .replace(/^make -s /m, "make -s SIZE=small ")
    .replace(" LDFLAGS=-static", "")
    .replaceAll("qemu-mips ", "qemu-mips -L /usr/mips-linux-gnu ");
  const strip = "mips-linux-gnu-strip -s -o stripped dialward-radiusd\nwc -c <stripped\n";
  const out = follow(`${small}${strip}`);
  expect(out).toContain("Received Access-Accept");
  expect(Number(/^(\d+)$/m.exec(out)![1])).toBeLessThanOrEqual(80 * 1024);
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

it("is built by CMake, and what another project takes from it links and runs", (context) => {
  needs(context, ...TOOLS, "cmake", "gcc");
  const project = join(folder, "consumer");
  mkdirSync(project);
  const lists = `cmake_minimum_required(VERSION 3.13)
project(consumer C)
add_subdirectory("${unpacked}" dialward)
add_executable(consumer "${unpacked}/demo.c" "${unpacked}/flash-file.c")
target_link_libraries(consumer PRIVATE dialward)
`;
  writeFileSync(join(project, "CMakeLists.txt"), lists);
  const out = follow(`cmake -S ../consumer -B build -DCMAKE_BUILD_TYPE=MinSizeRel >log
cmake --build build --verbose >>log
cmake --install build --prefix root >>log
grep -c -- '-Os.* -O2 .*core.c' log
cd build
./consumer $(./consumer)
../root/sbin/dialward-radiusd --help
ls ../root/lib ../root/include/dialward ../root/sbin`);
  expect(out).toMatch(
    /^1\naccepted[^]*Usage: dialward-radiusd[^]*dialward\.h\nhost\.h\nspent-log\.h[^]*libdialward\.a[^]*dialward-state/,
  );
});

it("OpenWrt's recipe installs what its script starts, by stand-ins for OpenWrt's includes", (context) => {
  needs(context, ...TOOLS, "gcc");
  const top = join(folder, "openwrt");
  mkdirSync(join(top, "include"), { recursive: true });
  writeFileSync(
    join(top, "rules.mk"),
    `INCLUDE_DIR:=$(TOPDIR)/include
BUILD_DIR:=${folder}
TARGET_LDFLAGS:=-static
INSTALL_DIR:=install -d -m0755
INSTALL_BIN:=install -m0755
INSTALL_CONF:=install -m0600
INSTALL_DATA:=install -m0644
`,
  );
  writeFileSync(
    join(top, "include/package.mk"),
    `MAKE_FLAGS := CC=gcc
define BuildPackage
all:
\tCFLAGS=-Os LDFLAGS="$(TARGET_LDFLAGS)" $(MAKE) -s -C $(PKG_BUILD_DIR) $(MAKE_FLAGS)
\t$(call Package/$(1)/install,$(TOPDIR)/root)
endef
`,
  );
  const out = follow(`make -s -f openwrt/Makefile TOPDIR=${top}
sh -n ${top}/root/etc/uci-defaults/dialward
sh -n ${top}/root/etc/init.d/dialward
cd ${top}/root
find . -type f | sort
./usr/sbin/dialward-state new ./state
./usr/sbin/dialward-radiusd --help
cat etc/uci-defaults/dialward lib/upgrade/keep.d/dialward`);
  for (const file of ["dialward-radiusd", "dialward-state"]) expect(out).toContain(`./usr/sbin/${file}\n`);
  for (const file of ["clients", "users"]) expect(out).toContain(`./etc/dialward/${file}\n`);
  // The state is where the daemon looks for it, the package makes it, and sysupgrade keeps it.
  expect(out).toContain("default /etc/dialward/state");
  expect(out).toContain("dialward-state new /etc/dialward/state");
  expect(out).toMatch(/^\/etc\/dialward\/$/m);
});
