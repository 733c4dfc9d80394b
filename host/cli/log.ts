// dialward log: the latest logins with their reason.
import type { Command } from "commander";
import { DialwardError } from "../errors.ts";
import { formatTime, print, table } from "./output.ts";
import { describeReason } from "./reason.ts";
import { withDesk } from "./session.ts";

const MOST = 10_000;

/** Adds `log` to `program`. */
export function addLog(program: Command): void {
  program
    .command("log")
    .description("show the latest logins with their reason, the youngest first")
    .option("--user <name>", "of one user only")
    .option("--count <n>", "how many", "50")
    .action(async ({ user, count }: { user?: string; count: string }, command: Command) => {
      if (!/^\d{1,5}$/.test(count)) throw new DialwardError("usage", `"${count}" is not a whole number.`);
      await withDesk(command, async ({ log }, { json }) => {
        const logins = await log.latest(Math.min(Number(count), MOST), user);
        const rows = logins.map((one) => [
          formatTime(Math.floor(one.time / 1000)),
          one.user,
          one.outcome,
          describeReason(one.reason),
          [one.type, one.nas, one.source].filter(Boolean).join(", "),
        ]);
        const heads = ["TIME", "USER", "OUTCOME", "REASON", "FROM"];
        print(json, logins, rows.length > 0 ? table(heads, rows) : "No login is noted.");
      });
    });
}
