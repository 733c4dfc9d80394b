// dialward sessions: who is connected, as accounting told it, and how to end a connection.
import type { Command } from "commander";
import { formatTime, print, printable, table } from "./output.ts";
import { withDesk } from "./session.ts";
import { terminal } from "./terminal.ts";

/** Adds `sessions` to `program`. */
export function addSessions(program: Command): void {
  program
    .command("sessions")
    .description("list the connected users, or end a connection")
    .option("--disconnect <id>", "ask the session's NAS (RFC 5176) or OpenVPN to end it")
    .action(async ({ disconnect: id }: { disconnect?: string }, command: Command) => {
      await withDesk(command, async ({ sessions }, { json }) => {
        if (id !== undefined) {
          const { outcome, text } = await sessions.end(id);
          print(json, { id, outcome }, printable(text));
          if (outcome !== "disconnected") terminal().status = 1;
          return;
        }
        const connected = (await sessions.list()).sort((a, b) => a.since - b.since);
        const rows = connected.map((one) => [
          one.user,
          one.type ?? "",
          one.nas,
          formatTime(one.since),
          one.framedAddress ?? "",
          one.callingStation ?? "",
          String(one.bytesIn),
          String(one.bytesOut),
          one.id,
        ]);
        const heads = ["USER", "TYPE", "NAS", "SINCE", "ADDRESS", "FROM", "BYTES IN", "BYTES OUT", "ID"];
        print(json, connected, rows.length > 0 ? table(heads, rows) : "Nobody is connected.");
      });
    });
}
