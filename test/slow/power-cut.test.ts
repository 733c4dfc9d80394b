// A power cut, simulated: strace records every write and sync of a service at work, byte for byte; then the store's
// file is put together as a disk may hold it at any moment: what was synced, and of what was written since any sectors,
// torn anywhere. Each such file must open, hold every user, and refuse every code whose acceptance was answered before.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Core } from "../../host/core/core.ts";
import { openEmbedded } from "../store/open.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { bundle } from "./bundle.ts";
import { Disk, NAMES, readTrace, ROUNDS, SEALING_KEY, SECRET } from "./power-cut.ts";
import { replay } from "./replay.ts";

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
  const store = await openEmbedded(at("users"), { logEntries: 60 });
  const rows = NAMES.map((name) => ({ name, secret: SECRET, active: true }));
  expect(await new Users(core, store, sealer).import(rows)).toEqual([]);
  await store.close();
  cpSync(at("users"), at("victim"), { recursive: true });
  const scribe = await bundle("scribe", folder);
  const calls =
    "trace=openat,lseek,write,writev,pwrite64,pwritev,fdatasync,fsync,ftruncate,rename,renameat,renameat2,unlink,unlinkat";
  const strace = ["-f", "-y", "-xx", "-s", "10000000", "-e", calls, "-o", at("trace")];
  execFileSync("strace", [...strace, process.execPath, scribe, at("victim")], { stdio: "pipe" });
  const events = readTrace(readFileSync(at("trace"), "latin1"), at("victim"));

  // The record is whole: applied in full to the files before, it gives the files after.
  const whole = new Disk(readFiles(at("users")));
  for (const event of events) whole.apply(event);
  const end = readFiles(at("victim"));
  expect([...whole.files.keys()].sort()).toEqual([...end.keys()].sort());
  for (const [name, bytes] of whole.files) expect([name, bytes.equals(end.get(name)!)]).toEqual([name, true]);
  const accepts = events.filter(({ kind }) => kind === "accept");
  expect(accepts).toHaveLength((NAMES.length / 5) * ROUNDS);
  expect(events.filter(({ kind }) => kind === "sync").length).toBeGreaterThanOrEqual(ROUNDS);
  expect(events.filter(({ kind }) => kind === "rename").length).toBeGreaterThan(4); // logs and checkpoints

  const disk = new Disk(readFiles(at("users")));
  const answered = new Map<string, number>();
  let images = 0;
  let accepted = 0;
  for (const event of events) {
    for (let variant = 0; event.kind !== "accept" && variant < VARIANTS; variant++) {
      const keep = [() => false, () => true][variant] ?? (() => Math.random() < 0.5);
      const data = at(`cut-${images++}`);
      for (const [name, bytes] of disk.afterPowerCut(event, keep)) {
        mkdirSync(dirname(join(data, name)), { recursive: true });
        writeFileSync(join(data, name), bytes);
      }
      accepted += await replay(data, answered, async (store) => {
        expect((await store.load(NAMES)).filter((entry) => !entry || entry.damaged)).toEqual([]);
      });
      rmSync(data, { recursive: true });
    }
    disk.apply(event);
    if (event.kind === "accept") answered.set(event.user, event.round);
  }
  expect(accepted).toBe(0);
  expect(images).toBeGreaterThan(ROUNDS * VARIANTS);
});

function readFiles(data: string): Map<string, Buffer> {
  const names = readdirSync(data, { recursive: true, encoding: "utf8" });
  return new Map(
    names
      .filter((name) => statSync(join(data, name)).isFile())
      .map((name) => [name, readFileSync(join(data, name))]),
  );
}
