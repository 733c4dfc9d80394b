// A power cut, simulated: strace records every write and sync of a service at work, byte for byte; then the store's
// file is put together as a disk may hold it at any moment: what was synced, and of what was written since any sectors,
// torn anywhere. Each such file must open, hold every user, and refuse every code whose acceptance was answered before.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import { openLmdb } from "../../host/store/lmdb.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { bundle } from "./bundle.ts";
import { afterPowerCut, KEY, NAMES, readTrace, ROUNDS, SEALING_KEY, SECRET, START } from "./power-cut.ts";

/** Files made of each moment. */
const VARIANTS = 4;
const core = Core.load();
const sealer = new Sealer([SEALING_KEY]);
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-power-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("whatever a power cut leaves, no answered code is accepted again", { timeout: 900_000 }, async () => {
  const store = openLmdb(at("users.mdb"));
  const rows = NAMES.map((name) => ({ name, secret: SECRET, active: true }));
  expect(await new Users(core, store, sealer).import(rows)).toEqual([]);
  await store.close();
  copyFileSync(at("users.mdb"), at("victim.mdb"));
  const scribe = await bundle("scribe", folder);
  const calls = "trace=openat,lseek,write,writev,pwrite64,pwritev,fdatasync,fsync,ftruncate";
  const strace = ["-f", "-y", "-xx", "-s", "1000000", "-e", calls, "-o", at("trace")];
  execFileSync("strace", [...strace, process.execPath, scribe, at("victim.mdb")], { stdio: "pipe" });
  const events = readTrace(readFileSync(at("trace"), "latin1"), hexName(at("victim.mdb")));

  // The record is whole: applied in full to the file before, it gives the file after.
  const start = readFileSync(at("users.mdb"));
  const end = readFileSync(at("victim.mdb"));
  expect(afterPowerCut(start, events, events.length, () => true).equals(end)).toBe(true);
  const accepts = events.filter(({ kind }) => kind === "accept");
  expect(accepts).toHaveLength((NAMES.length / 5) * ROUNDS);
  expect(events.filter(({ kind }) => kind === "sync").length).toBeGreaterThanOrEqual(ROUNDS);

  const answered = new Map<string, number>();
  let images = 0;
  let accepted = 0;
  for (const [count, event] of events.entries()) {
    for (let variant = 0; event.kind !== "accept" && variant < VARIANTS; variant++) {
      const keep = [() => false, () => true][variant] ?? (() => Math.random() < 0.5);
      const file = at(`cut-${images++}.mdb`);
      writeFileSync(file, afterPowerCut(start, events, count, keep));
      accepted += await replay(file, answered);
      rmSync(file);
      rmSync(`${file}-lock`, { force: true });
    }
    if (event.kind === "accept") answered.set(event.user, event.round);
  }
  expect(accepted).toBe(0);
  expect(images).toBeGreaterThan(ROUNDS * VARIANTS);
});

/** Opens a file and sends each user's latest answered code again, at its time; how many are accepted. */
async function replay(file: string, answered: ReadonlyMap<string, number>): Promise<number> {
  const store = openLmdb(file);
  try {
    expect((await store.load(NAMES)).filter((entry) => entry === undefined)).toEqual([]);
    let accepted = 0;
    for (const round of new Set(answered.values())) {
      const time = START + round * 30;
      const admission = new Admission(core, store, sealer, {
        clock: { seconds: () => time, plausible: () => true },
      });
      const text = Buffer.from(totp(KEY, time));
      const users = NAMES.filter((user) => answered.get(user) === round);
      const verdicts = await Promise.all(
        users.map((user) => admission.submit({ user, proof: { kind: "clear", text }, source: "nas" })),
      );
      accepted += verdicts.filter(({ outcome }) => outcome === "accept").length;
    }
    return accepted;
  } finally {
    await store.close();
  }
}

/** strace -xx prints paths in hexadecimal too. */
function hexName(path: string): string {
  return [...Buffer.from(path)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
