// dialward clients: the RADIUS clients, and what the running service has seen of them.
import type { Command } from "commander";
import type { ClientReport } from "../radius/client-report.ts";
import { formatTime, print, table } from "./output.ts";
import { withDesk } from "./session.ts";

const STATIONS: Record<NonNullable<ClientReport["station"]>, string> = {
  caller: "tells callers apart",
  constant: "one for many users",
  undecided: "one so far",
  own: "the client's own",
  absent: "not sent",
};

/** Adds `clients` to `program`. */
export function addClients(program: Command): void {
  program
    .command("clients")
    .description("list the RADIUS clients, and what the running service has seen of them")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async (desk, { json }) => {
        const { running, clients } = await desk.clients.list();
        const rows = clients.map((one) => [
          one.name,
          one.address,
          one.lastPacket === undefined ? "-" : formatTime(Math.floor(one.lastPacket / 1000)),
          one.messageAuthenticator ?? "-",
          describeStation(one),
          one.accounting ? "yes" : "no",
        ]);
        const heads = [
          "NAME",
          "ADDRESS",
          "LAST PACKET",
          "MESSAGE-AUTHENTICATOR",
          "CALLING STATION",
          "ACCOUNTING",
        ];
        const seen = running ? "" : "\nThe service does not run: nothing has been seen of them.";
        print(json, { running, clients }, table(heads, rows) + seen);
      });
    });
}

function describeStation({ station, stationSetting }: ClientReport): string {
  const seen = station === undefined ? "-" : STATIONS[station];
  return stationSetting === "auto" ? seen : `${seen} (set: ${stationSetting})`;
}
