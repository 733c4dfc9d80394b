// A disk that fails: each write and each sync of a service at work fails once, by EIO or for want of room. Nothing is
// accepted that was not synced, the service lives on, and a start afterwards lets nobody in twice.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Core } from "../../host/core/core.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { openEmbedded } from "../store/open.ts";
import { bundle } from "./bundle.ts";
import { NAMES, ROUNDS, SEALING_KEY, SECRET } from "./power-cut.ts";
import { replay } from "./replay.ts";

/** Calls that are made to fail, spread over all of them; DISK_FAULTS=100000 is each of them. */
const FAULTS = Number(process.env["DISK_FAULTS"] ?? (process.env["CI"] ? 40 : 120));
const source = new URL("failing-disk.c", import.meta.url).pathname;
const core = Core.load();
const sealer = new Sealer([SEALING_KEY]);
let folder: string;
let scribe: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dialward-disk-"));
  execFileSync("gcc", ["-shared", "-fPIC", "-O2", "-o", at("failing-disk.so"), source]);
  scribe = await bundle("scribe", folder);
  const store = await openEmbedded(at("users"), { logEntries: 60 });
  const rows = NAMES.map((name) => ({ name, secret: SECRET, active: true }));
  expect(await new Users(core, store, sealer).import(rows)).toEqual([]);
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the service with one fault: what it accepted, the status, and how many calls there were. */
function serve(data: string, call: number, errno: number) {
  const env = {
    ...process.env,
    LD_PRELOAD: at("failing-disk.so"),
    FAIL_BELOW: `${data}/`,
    FAIL_AT: String(call),
    FAIL_ERRNO: String(errno),
    FAIL_COUNT: at("count"),
  };
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [scribe, data], { env });
  const accepts = [...`${stdout}`.matchAll(/ACCEPT (\S+) (\d+)/g)].map(([, user, round]) => {
    return { user: user!, round: Number(round) };
  });
  return { status, signal, accepts, err: `${stderr}`, calls: Number(readFileSync(at("count"), "utf8")) };
}

const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
const inRound = (accepts: readonly { round: number }[], round: number): number =>
  accepts.filter((accept) => accept.round === round).length;

test.each([
  ["EIO", 5],
  ["ENOSPC", 28],
])(
  "%s at any write and sync: nothing counts twice, and the service goes on",
  { timeout: 3_600_000 },
  async (_, errno) => {
    cpSync(at("users"), at(`whole-${errno}`), { recursive: true });
    const whole = serve(at(`whole-${errno}`), 0, errno);
    expect([whole.status, whole.accepts.length]).toEqual([0, (NAMES.length / 5) * ROUNDS]);
    const step = Math.max(1, Math.floor(whole.calls / FAULTS));
    let refused = 0;
    for (let call = 1; call <= whole.calls; call += step) {
      const data = at(`fault-${errno}-${call}`);
      cpSync(at("users"), data, { recursive: true });
      const { status, signal, accepts, err } = serve(data, call, errno);
      // At the start it may say that it cannot open the store; afterwards it goes on to its end.
      expect([
        call,
        signal,
        accepts.length > 0 || /cannot be (opened|written)/.test(err) ? 0 : status,
        err,
      ]).toEqual([call, null, 0, expect.any(String)]);
      if (accepts.length > 0) {
        expect([call, status]).toEqual([call, 0]);
        if (accepts.length < whole.accepts.length) refused++;
        // It has gone on: a fault costs the round that it fell in, and no other.
        const short = rounds.filter((round) => inRound(accepts, round) < inRound(whole.accepts, round));
        expect([call, short.length <= 1 ? "one round" : short]).toEqual([call, "one round"]);
      }
      const last = new Map(accepts.map(({ user, round }) => [user, round]));
      expect([call, await replay(data, last)]).toEqual([call, 0]);
      rmSync(data, { recursive: true });
    }
    expect(refused).toBeGreaterThan(0);
    rmSync(at(`whole-${errno}`), { recursive: true });
  },
);
