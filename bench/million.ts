// A million users, or as many as --users says, by the program: their import, the start with them, a login among them in turns against one among 10,000.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Core } from "../host/core/core.ts";
import { atMost, type Case } from "./case.ts";
import { importUsers, loginsInTurns, start } from "./many-users.ts";

const SOME = 10_000;
/** Logins that are measured among so many users. */
const TURNS = 20_000;

export const million: Case = {
  name: "million",
  ticks: () => 1,
  async run(setting) {
    const folder = join(setting.folder, "million");
    mkdirSync(folder, { recursive: true });
    const core = (): Core => new Core(setting.simd);
    const [some, many, turns] = setting.short ? [128, 256, 128] : [SOME, setting.users, TURNS];
    const [few, large] = [join(folder, "some"), join(folder, "many")];
    await importUsers(setting, few, some);
    const used = await importUsers(setting, large, many);
    const begun = await start(setting, large);
    const [among, against] = [
      await loginsInTurns(core(), large, many, turns),
      await loginsInTurns(core(), few, some, turns),
    ];
    const what = many.toLocaleString("en");
    const findings = [
      atMost(
        `Import of ${what} users, processor time`,
        used.seconds,
        60,
        `${used.seconds.toFixed(0)} s`,
        "s",
      ),
      atMost("Its memory, the most", used.megabytes, 300, `${used.megabytes.toFixed(0)} MB`, "MB"),
      atMost(`Start with ${what} users`, begun.seconds, 3, `${begun.seconds.toFixed(1)} s`, "s"),
      atMost(
        "Memory when all their profiles are open, the most",
        begun.megabytes,
        400,
        `${begun.megabytes.toFixed(0)} MB`,
        "MB",
      ),
      atMost(
        `A login among ${what} users in turns against ${some.toLocaleString("en")}, processor time`,
        among / against,
        1.3,
        `${(among / against).toFixed(2)} × (${among.toFixed(0)} µs, ${against.toFixed(0)} µs)`,
        "×",
      ),
    ];
    setting.progress("million");
    return { title: "A million users", unit: "", rates: [], findings: setting.short ? [] : findings };
  },
};
