// Two processes on one store are given the same codes at the same moment: each code is accepted once.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Core } from "../../host/core/core.ts";
import { openLmdb } from "../../host/store/lmdb.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import type { Round } from "./race.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const SEALING_KEY = Buffer.alloc(32, 5);
const NAMES = Array.from({ length: 40 }, (_, i) => `user${i}`);
const ROUNDS = 25;

const root = new URL("../..", import.meta.url).pathname;
let folder: string;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dialward-race-"));
  const store = openLmdb(join(folder, "dialward.mdb"));
  const rows = NAMES.map((name) => ({ name, secret: SECRET, active: true }));
  expect(await new Users(Core.load(), store, new Sealer([SEALING_KEY])).import(rows)).toEqual([]);
  await store.close();

  const program = join(folder, "race.mjs");
  const lmdb = { path: import.meta.resolve("lmdb"), external: true };
  await build({
    entryPoints: [join(root, "test", "store/race.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    plugins: [{ name: "lmdb", setup: (plugins) => plugins.onResolve({ filter: /^lmdb$/ }, () => lmdb) }],
  });
  for (const file of ["dialward.wasm", "dialward.simd.wasm"]) {
    copyFileSync(join(root, "dist", file), join(folder, file));
  }
  for (let i = 0; i < 2; i++) {
    const child = fork(program, [join(folder, "dialward.mdb"), SEALING_KEY.toString("hex")]);
    processes.push(child);
    await once(child, "message");
  }
});

afterAll(async () => {
  for (const child of processes) {
    const left = once(child, "exit");
    child.disconnect();
    await left;
  }
  rmSync(folder, { recursive: true });
});

test("each code is accepted by one of two processes", async () => {
  const pairs = new Map<string, number>();
  for (let i = 0; i < ROUNDS; i++) {
    const time = 1_800_000_000 + i * 30;
    const round: Round = { time, dialIns: NAMES.map((user) => ({ user, code: totp(KEY, time) })) };
    const answers = processes.map((child) => once(child, "message"));
    for (const child of processes) child.send(round);
    const [one, two] = (await Promise.all(answers)).map(([reasons]) => reasons as string[]);
    NAMES.forEach((_, n) => {
      const pair = [one![n], two![n]].toSorted().join(" ");
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    });
  }
  expect(Object.fromEntries(pairs)).toEqual({ "code-spent ok": ROUNDS * NAMES.length });
});
