// dialward sessions: who is connected, as accounting told it.
import type { Command } from "commander";
import { formatTime, print, table } from "./output.ts";
import { withService } from "./session.ts";

/** Adds `sessions` to `program`. */
export function addSessions(program: Command): void {
  program
    .command("sessions")
    .description("list the connected users")
    .action(async (_: object, command: Command) => {
      await withService(command, async ({ store }, { json }) => {
        const sessions = (await store.sessions()).sort((a, b) => a.since - b.since);
        const rows = sessions.map((one) => [
          one.user,
          one.type ?? "",
          one.nas,
          formatTime(one.since),
          one.framedAddress ?? "",
          one.callingStation ?? "",
          String(one.bytesIn),
          String(one.bytesOut),
        ]);
        const heads = ["USER", "TYPE", "NAS", "SINCE", "ADDRESS", "FROM", "BYTES IN", "BYTES OUT"];
        print(json, sessions, rows.length > 0 ? table(heads, rows) : "Nobody is connected.");
      });
    });
}
