// For `npm run figures:firmware`: what dialward-radiusd and pppd's plug-in take on a router, of instructions, memory and
// flash, with all 254 users.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SharedSecret } from "../../host/radius/client/digest.ts";
import { attribute, encodePacket } from "../../host/radius/client/packet.ts";
import { ACCESS_ACCEPT, ACCESS_REQUEST, USER_NAME, USER_PASSWORD } from "../../assembly/radius/dictionary.ts";
import { hotp, totp } from "../codes.ts";
import { openNas } from "../radius/fixture.ts";
import { Daemon } from "./daemon.ts";
import { countWithQemu, PLUGIN } from "./instructions.ts";
import {
  buildDaemon,
  BUILT,
  compile,
  compileCore,
  DAEMON_FILES,
  FILES,
  FIRMWARE,
  link,
  makeDaemon,
  PROCESSORS,
  run,
  TESTS,
} from "./toolchain.ts";

const USERS = 254;
/** What makes it small. */
const SMALL = ["SIZE=small"];
const KEY = Buffer.from("12345678901234567890");
const secret = new SharedSecret("testing123");
const mips = PROCESSORS.find(({ name }) => name === "mips")!;
const here = PROCESSORS.find(({ name }) => name === "x86-64")!;
const name = (i: number): string => `user${String(i).padStart(3, "0")}`;
const usersFile = (rest: string): string =>
  Array.from({ length: USERS }, (_, i) => `${name(i)} ${rest}\n`).join("");

/** Logs in the first `logins` users by PAP; what `look` finds then, and what the daemon has said at its end. */
async function serve<T>(daemon: Daemon, logins: number, look: (pid: number) => T): Promise<[T, string]> {
  daemon.write(usersFile("totp GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ period=300"), "127.0.0.1 testing123\n");
  await daemon.start();
  const nas = await openNas("127.0.0.1", daemon.port);
  for (let i = 0; i < logins; i++) {
    const authenticator = Buffer.alloc(16, i);
    const password = secret.hidePassword(
      Buffer.from(totp(KEY, Date.now() / 1000, 6, "sha1", 300)),
      authenticator,
    );
    const attributes = [attribute(USER_NAME, name(i)), attribute(USER_PASSWORD, password)];
    const packet = encodePacket(ACCESS_REQUEST, i & 255, authenticator, attributes)!;
    nas.send(secret.sign(packet, authenticator, true));
    if ((await nas.next())?.[0] !== ACCESS_ACCEPT) throw new Error(`not let in:\n${daemon.log}`);
  }
  const found = look(daemon.pid);
  nas.close();
  await daemon.close();
  return [found, daemon.log];
}

/** Instructions of one login, datagram to datagram: the difference of many and few. */
async function countLogin(daemon: string, ...emulation: string[]): Promise<number> {
  const { tool } = buildDaemon(mips);
  const count = async (logins: number): Promise<number> => {
    const [, log] = await serve(
      new Daemon(mips, { daemon, tool }, ...emulation, "-plugin", PLUGIN),
      logins,
      () => undefined,
    );
    return Number(/^instructions (\d+)$/m.exec(log)![1]);
  };
  return Math.round(((await count(210)) - (await count(10))) / 200);
}

/** Instructions of pppd's plug-in from its start to an accepted login. */
function countPlugin(): number {
  const file = (one: string): string => join(BUILT, one);
  writeFileSync(file("plugin-users"), usersFile("hotp GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), { mode: 0o600 });
  const objects = [join(FIRMWARE, "pppd-plugin.c"), ...FILES].map((source) => {
    const pppd = `-I${join(TESTS, "pppd-2.5")}`;
    return source.endsWith("pppd-plugin.c")
      ? compile({ ...mips, flags: [pppd, "-Wno-conversion"] }, source)
      : compile(mips, source);
  });
  const main = compile({ ...mips, flags: [`-I${join(TESTS, "pppd-2.5")}`] }, join(TESTS, "plugin.c"));
  const program = link(mips, "plugin", [main, ...objects, ...compileCore(mips)]);
  rmSync(file("plugin-state"), { force: true });
  run(mips.emulator, [buildDaemon(mips).tool, "new", file("plugin-state")]);
  const args = [file("plugin-users"), file("plugin-state"), name(USERS - 1), hotp(KEY, 0)];
  return countWithQemu(mips, program, args, "") - countWithQemu(mips, program, args.slice(0, 2), "");
}

/** Bytes of a program in flash, stripped, and compressed by xz. */
function weigh(program: string): { bytes: number; compressed: number } {
  const stripped = `${program}.stripped`;
  run("mips-linux-gnu-strip", ["-s", "-o", stripped, program]);
  run("xz", ["-9e", "-k", "-f", stripped]);
  return { bytes: statSync(stripped).size, compressed: statSync(`${stripped}.xz`).size };
}

/** Kilobytes of memory that are its own, of the daemon with all users and of a program that only waits: this machine's. */
async function measureMemory(): Promise<{ daemon: number; idle: number }> {
  const own = (pid: number): number =>
    Number(/^Anonymous: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))![1]);
  const daemon = new Daemon(here, { daemon: makeDaemon(here), tool: buildDaemon(here).tool });
  const [kilobytes] = await serve(daemon, USERS, own);
  const source = join(BUILT, "idle.c");
  writeFileSync(
    source,
    '#include <stdio.h>\nint main(void) { return fputs("ready\\n", stderr), getchar(); }\n',
  );
  run("gcc", ["-O2", source, "-o", join(BUILT, "idle")]);
  const child = spawn(join(BUILT, "idle"), { stdio: ["pipe", "ignore", "pipe"] });
  await once(child.stderr, "data");
  const idle = own(child.pid!);
  child.kill();
  return { daemon: kilobytes, idle };
}

/** What a file calls through a pointer: the flash's functions, or what is done with a line; else memset. */
function pointed(file: string): string[] {
  if (/spent-log[-a-z]*\.c$/.test(file)) return [":file_read", ":file_program", ":file_erase"];
  if (file.endsWith("radiusd-files.c")) return [":look", ":forget", ":enrol"];
  return file.endsWith("lines.c") ? [":take_line"] : [];
}

/** The deepest stack from main() on by gcc's own count, in bytes; without what libc takes. */
function deepest(): number {
  const frames = new Map<string, number>();
  const calls = new Map<string, string[]>();
  const files = [...DAEMON_FILES, join(BUILT, "core.c"), join(BUILT, "radius.c")];
  for (const file of files) {
    const object = join(BUILT, `stack-${basename(file, ".c")}.o`);
    const flags = ["-std=gnu99", "-O2", "-w", `-I${FIRMWARE}`, `-I${BUILT}`, "-fcallgraph-info=su"];
    run(mips.compiler, [...flags, "-c", file, "-o", object]);
    const graph = readFileSync(object.replace(/o$/, "ci"), "utf8");
    for (const [, title, bytes] of graph.matchAll(
      /^node: \{ title: "([^"]+)" label: "[^"]*?(\d+) bytes \(/gm,
    ))
      frames.set(title!, Number(bytes));
    for (const [, from, to] of graph.matchAll(/^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/gm))
      calls.set(from!, [...(calls.get(from!) ?? []), ...(to === "__indirect_call" ? pointed(file) : [to!])]);
  }
  const depth = (title: string, above: readonly string[]): number => {
    if (above.includes(title)) throw new Error(`${title} calls itself`);
    const next = (calls.get(title) ?? []).flatMap((one) =>
      one.startsWith(":") ? [...frames.keys()].filter((known) => known.endsWith(one)) : [one],
    );
    return (frames.get(title) ?? 0) + Math.max(0, ...next.map((one) => depth(one, [...above, title])));
  };
  return depth(
    [...frames.keys()].find((title) => /(^|:)main$/.test(title))!,
    [],
  );
}

/** What the host and the daemon are, by the beginnings of their files' names. */
const OWN = ["host", "profile", "radiusd"];

/** Their lines of C, without comments and blank ones. */
function countLines(): number {
  const files = DAEMON_FILES.filter((file) => OWN.some((name) => basename(file).startsWith(name)));
  const code = files.map((file) => readFileSync(file, "utf8").replaceAll(/\/\*[^]*?\*\//g, ""));
  return code.flatMap((text) => text.split("\n")).filter((line) => line.trim() !== "").length;
}

/** The second table of host/firmware/README.md. */
export async function printDaemonTable(): Promise<string> {
  const [usual, tiny] = [makeDaemon(mips), makeDaemon(mips, ...SMALL)];
  const [fast, small] = [weigh(usual), weigh(tiny)];
  const libraries = ["-L", "/usr/mips-linux-gnu"];
  const memory = await measureMemory();
  const thousands = (n: number) => n.toLocaleString("en");
  return [
    "| with 254 users | measured | target |",
    "| --- | --- | --- |",
    `| a PAP login of TOTP, datagram to datagram, instructions on mips | ${thousands(await countLogin(usual, ...libraries))} | 35,000 |`,
    `| pppd's plug-in, its start and an accepted login, instructions on mips | ${thousands(countPlugin())} | 1,500,000 |`,
    `| the daemon for mips, dynamic, stripped, both modules in it: bytes, and by xz | ${thousands(fast.bytes)}, ${thousands(fast.compressed)} | 81,920, 36,864 |`,
    `| the same by make ${SMALL.join(" ")}: bytes, by xz, and instructions of a login | ${thousands(small.bytes)}, ${thousands(small.compressed)}, ${thousands(await countLogin(tiny, ...libraries))} | |`,
    `| its own memory after 254 logins, less that of an idle program with libc, KiB | ${memory.daemon - memory.idle} (${memory.daemon} - ${memory.idle}) | 160 |`,
    `| its stack on mips, without libc's, bytes | ${thousands(deepest())} | |`,
    `| host and daemon (${OWN.join(", ")}): lines of C without comments and blank ones | ${thousands(countLines())} | 600 |`,
  ].join("\n");
}
