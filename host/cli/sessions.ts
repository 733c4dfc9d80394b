// dialward sessions: who is connected, as accounting told it, and how to end a connection.
import type { Command } from "commander";
import type { Config } from "../config.ts";
import { DialwardError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { formatTime, print, table, warn } from "./output.ts";
import { withService } from "./session.ts";

/** RFC 5176 section 3.6: the NAS knows of no such session. */
const SESSION_NOT_FOUND = 503;

/** Adds `sessions` to `program`. */
export function addSessions(program: Command): void {
  program
    .command("sessions")
    .description("list the connected users, or end a connection")
    .option("--disconnect <id>", "ask the session's NAS (RFC 5176) or OpenVPN to end it")
    .action(async ({ disconnect: id }: { disconnect?: string }, command: Command) => {
      await withService(command, async ({ store }, { json }, config) => {
        if (id !== undefined) {
          const { outcome, text } = await end(id, store, config);
          print(json, { id, outcome }, text);
          if (outcome !== "disconnected") process.exitCode = 1;
          return;
        }
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
          one.id,
        ]);
        const heads = ["USER", "TYPE", "NAS", "SINCE", "ADDRESS", "FROM", "BYTES IN", "BYTES OUT", "ID"];
        print(json, sessions, rows.length > 0 ? table(heads, rows) : "Nobody is connected.");
      });
    });
}

/** Ends a session, and says what became of it. Throws DialwardError("not-found"). */
async function end(id: string, store: Store, config: Config): Promise<{ outcome: string; text: string }> {
  const session = (await store.sessions()).find((one) => one.id === id);
  if (session === undefined)
    throw new DialwardError("not-found", `There is no session "${id}"; see: dialward sessions`);
  const { user, nas } = session;
  if (config.openvpn.some(({ name }) => name === nas)) {
    // The running service sees that it is gone and tells OpenVPN (host/openvpn/sessions.ts).
    await store.dropSession(id);
    return { outcome: "disconnected", text: `OpenVPN ends the connection of "${user}" within 10 s.` };
  }
  const [{ loadClients }, { disconnect }] = await Promise.all([
    import("../config.ts"),
    import("../radius/disconnect.ts"),
  ]);
  const result = await disconnect(session, loadClients(config, warn).clients);
  const { outcome } = result;
  if (outcome === "disconnected") return { outcome, text: `${nas} has ended the connection of "${user}".` };
  if (outcome === "no-answer") return { outcome, text: `${nas} does not answer to Disconnect-Requests.` };
  if (outcome === "not-offered")
    return { outcome, text: `${nas} takes no Disconnect-Requests: set \`disconnect\` of its RADIUS client.` };
  if (result.cause !== SESSION_NOT_FOUND)
    return { outcome, text: `${nas} refuses to end it (Error-Cause ${result.cause ?? "is not told"}).` };
  await store.dropSession(id);
  return { outcome, text: `${nas} knows of no such connection; it is taken off the list.` };
}
