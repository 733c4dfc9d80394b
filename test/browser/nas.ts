// A NAS beside the browser: accounting by Debian's radclient, and an answer to Disconnect-Requests (RFC 5176).
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const NAS_SECRET = "a shared secret for the tests";
const DISCONNECT_ACK = 41;

/** Sends one Accounting-Request; `attributes` in radclient's form. */
export function account(server: string, folder: string, attributes: string[]): void {
  const file = join(folder, "nas-secret");
  writeFileSync(file, `${NAS_SECRET}\n`, { mode: 0o600 });
  const { status, stdout, stderr } = spawnSync("radclient", ["-S", file, "-t", "5", server, "acct"], {
    input: attributes.join("\n") + "\n",
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`radclient: ${stdout}${stderr}`);
}

export interface DisconnectServer {
  port: number;
  /** Requests that were answered with an ACK. */
  count(): number;
  close(): void;
}

/** Answers every Disconnect-Request with an ACK. */
export async function answerDisconnects(): Promise<DisconnectServer> {
  let count = 0;
  const socket: Socket = createSocket("udp4");
  socket.on("message", (request, from) => {
    const header = Buffer.from([DISCONNECT_ACK, request[1]!, 0, 20]);
    const authenticator = createHash("md5")
      .update(header)
      .update(request.subarray(4, 20))
      .update(NAS_SECRET)
      .digest();
    count++;
    socket.send(Buffer.concat([header, authenticator]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { port: socket.address().port, count: () => count, close: () => socket.close() };
}
