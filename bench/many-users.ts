// A million users, as the program has them: their import from a file, its start with them, and logins of one after the
// other.

import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Admission } from "../host/admission/admission.ts";
import type { Core } from "../host/core/core.ts";
import { DataFolder } from "../host/store/data-folder.ts";
import { EmbeddedStore } from "../host/store/embedded.ts";
import { loadKeys, Sealer } from "../host/store/seal.ts";
import { formatSecret } from "../host/users/profile.ts";
import type { Setting } from "./case.ts";
import { expect, hotp, NOW } from "./cases.ts";

const BATCH = 64;

/** A user's key of 20 bytes, the same in every run. */
export const keyOf = (i: number): Buffer => createHash("sha1").update(`user ${i}`).digest();

/** Processor time of all threads while `work` runs, in nanoseconds. */
export async function busy(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}

/** What a program used, asked for while it runs. */
function usage(child: ChildProcess): { seconds: number; megabytes: number } {
  const stat = readFileSync(`/proc/${child.pid}/stat`, "latin1").split(") ")[1]!.split(" ");
  const most = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "latin1"))![1];
  return { seconds: (Number(stat[11]) + Number(stat[12])) / 100, megabytes: Number(most) / 1024 };
}

/** Users in a data folder: imported by the program from a CSV file; what that used. */
export async function importUsers(
  setting: Setting,
  data: string,
  count: number,
): Promise<{ seconds: number; megabytes: number }> {
  const csv = `${data}.csv`;
  const lines = ["name,secret,active"];
  for (let i = 0; i < count; i++) lines.push(`user${i},${formatSecret("totp", keyOf(i))},yes`);
  writeFileSync(csv, lines.join("\n"));
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [join(setting.dist, "dialward.mjs"), "--data", data, ...args], {
      stdio: "ignore",
    });
    let used = { seconds: 0, megabytes: 0 };
    const ended = once(child, "exit");
    let running = true;
    void ended.then(() => (running = false));
    while (running) {
      try {
        used = usage(child);
      } catch {
        // it has ended
      }
      await Promise.race([ended, setTimeout(50)]);
    }
    expect(`dialward ${args[0]}`, (await ended)[0], 0);
    return used;
  };
  await run("init");
  return run("user", "import", csv);
}

/** Seconds until `serve` is ready, and the most memory that it has had when it has opened all profiles. */
export async function start(setting: Setting, data: string): Promise<{ seconds: number; megabytes: number }> {
  const config = `${data}.toml`;
  const off = '[radius]\nlisten = "127.0.0.1:0"\naccounting = "127.0.0.1:0"\n[web]\nlisten = "off"\n';
  writeFileSync(config, off);
  const begun = performance.now();
  const args = [
    "--max-semi-space-size=2",
    join(setting.dist, "dialward.mjs"),
    "--config",
    config,
    "--data",
    data,
    "serve",
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  await new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.stdout.on("data", (piece) => /^ready$/m.test((output += piece)) && resolve());
  });
  const seconds = (performance.now() - begun) / 1000;
  for (let before = -1, quiet = 0; quiet < 4;) {
    await setTimeout(500);
    const { seconds } = usage(child);
    quiet = seconds - before < 0.03 ? quiet + 1 : 0;
    before = seconds;
  }
  const { megabytes } = usage(child);
  child.kill("SIGTERM");
  await once(child, "exit");
  return { seconds, megabytes };
}

/** Microseconds of processor time for a login, of users one after the other. */
export async function loginsInTurns(core: Core, data: string, count: number, turns: number): Promise<number> {
  const folder = await DataFolder.open(data);
  const store = await EmbeddedStore.open(folder);
  let round = 0;
  const clock = { seconds: () => NOW + 30 * round, plausible: () => true };
  const sealer = new Sealer(loadKeys(join(data, "key"), false, () => {}));
  const admission = new Admission(core, store, sealer, { clock });
  await admission.warm();
  let nanoseconds = 0;
  // Far apart, as people come; each once where there are enough, or everybody by the next code again.
  const step = Math.max(1, Math.floor(count / turns));
  for (let at = 0, done = 0; done < 2 * turns; at += BATCH * step, done += BATCH) {
    round = Math.floor(at / count);
    const dialIns = Array.from({ length: BATCH }, (_, i) => {
      // Who comes for the second time within a batch has the next code already.
      const lap = Math.floor((at + i * step) / count);
      const user = (at + i * step + (step > 1 ? lap : 0)) % count;
      const text = Buffer.from(hotp(keyOf(user), Math.floor(NOW / 30) + lap));
      return { user: `user${user}`, proof: { kind: "clear", text } as const, source: "" };
    });
    const took = await busy(async () => {
      for (const { reason } of await Promise.all(dialIns.map((dialIn) => admission.submit(dialIn))))
        expect("a login in turns", reason, "ok");
    });
    if (done >= turns) nanoseconds += took;
  }
  await admission.close();
  await store.close();
  await folder.close();
  return nanoseconds / turns / 1000;
}
