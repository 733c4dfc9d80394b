// Disconnect-Request: asks a NAS to end a session. Source: RFC 5176 sections 2.1, 2.3 and 3.

import { createSocket } from "node:dgram";
import { randomBytes } from "node:crypto";
import type { RadiusClient } from "../../config/config.ts";
import type { Session } from "../../store/store.ts";
import {
  ACCT_SESSION_ID,
  DISCONNECT_ACK,
  DISCONNECT_NAK,
  DISCONNECT_REQUEST,
  ERROR_CAUSE,
  NAS_PORT,
  USER_NAME,
} from "../../../assembly/radius/dictionary.ts";
import { SharedSecret } from "./digest.ts";
import { readEndpoint } from "../../config/endpoint.ts";
import { isWithin } from "../../config/networks.ts";
import { isClient } from "../../groups/group.ts";
import { attribute, integerAttribute, encodePacket, parsePacket } from "./packet.ts";

/** What became of it: the NAS ended the session, refused (with RFC 5176's Error-Cause), or said nothing. */
export type DisconnectResult =
  | { outcome: "disconnected" }
  | { outcome: "refused"; cause?: number }
  | { outcome: "no-answer" }
  /** The session's NAS is not a client here, or takes no Disconnect-Requests (`disconnect` is not set). */
  | { outcome: "not-offered" };

/** Milliseconds until the request is sent again, and how often it is sent. */
const TIMEOUT_MS = 2000;
const TRIES = 3;
const ZEROS = Buffer.alloc(16);

/** The client that a session's NAS is; where several have the name, the one whose address stands behind it. */
export function clientOf({ nas }: Session, clients: readonly RadiusClient[]): RadiusClient | undefined {
  return (
    clients.find(({ name }) => name === nas) ??
    clients.find(
      ({ name, address }) => isClient(nas, name) && isWithin(nas.slice(name.length + 1), [address]),
    )
  );
}

/** Asks the session's NAS to end it, and waits for the word of the NAS, up to 6 s. */
export async function disconnect(
  session: Session,
  clients: readonly RadiusClient[],
  timeout: number = TIMEOUT_MS,
): Promise<DisconnectResult> {
  const client = clientOf(session, clients);
  if (client?.disconnect === undefined) return { outcome: "not-offered" };
  const { address, port } = await readEndpoint(client.disconnect, `RADIUS client ${client.name}, disconnect`);
  const secret = new SharedSecret(client.secret);
  const attributes = [attribute(USER_NAME, session.user), attribute(ACCT_SESSION_ID, session.acctSessionId)];
  if (session.nasPort !== undefined) attributes.push(integerAttribute(NAS_PORT, session.nasPort));
  const [identifier = 0] = randomBytes(1);
  const request = secret.sign(
    encodePacket(DISCONNECT_REQUEST, identifier, ZEROS, attributes, { bare: true })!,
  );
  const authenticator = Buffer.from(request.subarray(4, 20));

  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  return new Promise((resolve) => {
    let sent = 0;
    const timer = setInterval(send, timeout);
    function end(result: DisconnectResult): void {
      clearInterval(timer);
      socket.close();
      resolve(result);
    }
    function send(): void {
      if (sent++ === TRIES) end({ outcome: "no-answer" });
      else socket.send(request);
    }
    socket.on("error", () => {}); // nobody listens there: told as no answer
    socket.on("message", (datagram) => {
      const reply = parsePacket(datagram);
      if (reply?.identifier !== identifier || !secret.checkReply(reply, authenticator)) return;
      if (secret.checkMessage(reply, authenticator) === false) return;
      const cause = reply.integer(ERROR_CAUSE);
      if (reply.code === DISCONNECT_ACK) end({ outcome: "disconnected" });
      else if (reply.code === DISCONNECT_NAK)
        end({ outcome: "refused", ...(cause !== undefined && { cause }) });
    });
    socket.connect(port, address, send);
  });
}
