// The way of one login's packets to a RADIUS server: each is signed, sent again where no answer comes, and each reply is
// checked. (RFC 2865 section 2, RFC 3579 section 3.2.)
import { createSocket } from "node:dgram";
import { randomBytes } from "node:crypto";
import * as field from "../../../assembly/radius/dictionary.ts";
import type { Endpoint } from "../../config/endpoint.ts";
import { randomAuthenticator, SharedSecret } from "./digest.ts";
import { attribute, encodePacket, parsePacket, type Packet } from "./packet.ts";

/** Sends a request with these attributes; the reply, what is wrong, or undefined where none has come. */
export type Exchange = (
  attributes: readonly Buffer[],
  authenticator?: Buffer,
) => Promise<Packet | string | undefined>;

/** Where a NAS sends to, and what it sends beside the proof. */
export interface LineOptions {
  server: Endpoint;
  secret: string | Uint8Array;
  user: string;
  /** Attributes beside the proof, as attribute() makes them. */
  attributes?: readonly Buffer[];
  /** Milliseconds until a packet is sent again, and how often it is sent. */
  timeout?: number;
  tries?: number;
}

/** A way to the server; closed when the login has ended. */
export interface Line {
  secret: SharedSecret;
  exchange: Exchange;
  close(): void;
}

/** A socket to the server; exchange() sends a request and resolves to the reply, what is wrong, or undefined. */
export async function openLine({
  server,
  secret: text,
  user,
  attributes: extra = [],
  timeout = 2000,
  tries = 3,
}: LineOptions): Promise<Line> {
  const secret = new SharedSecret(text);
  const socket = createSocket(server.address.includes(":") ? "udp6" : "udp4");
  socket.on("error", () => {}); // nobody listens there: told as no answer
  await new Promise<void>((resolve) => socket.connect(server.port, server.address, () => resolve()));
  let identifier = randomBytes(1)[0]!;
  const exchange: Exchange = async (attributes, authenticator = randomAuthenticator()) => {
    identifier = (identifier + 1) & 255;
    const all = [attribute(field.USER_NAME, user), ...extra, ...attributes];
    const request = encodePacket(field.ACCESS_REQUEST, identifier, authenticator, all);
    if (request === undefined) return "the request is too long";
    secret.sign(request, authenticator, true);
    let wrong: string | undefined;
    for (let i = 0; i < tries; i++) {
      const reply = await new Promise<Packet | undefined>((resolve) => {
        const timer = setTimeout(() => done(undefined), timeout);
        const done = (packet: Packet | undefined): void => {
          clearTimeout(timer);
          socket.off("message", read);
          resolve(packet);
        };
        const read = (datagram: Buffer): void => {
          const packet = parsePacket(datagram);
          if (packet === undefined || packet.identifier !== identifier) return;
          if (
            !secret.checkReply(packet, authenticator) ||
            secret.checkMessage(packet, authenticator) !== true
          )
            wrong = "the reply is not signed with the shared secret";
          else done(packet);
        };
        socket.on("message", read);
        socket.send(request);
      });
      if (reply !== undefined) return reply;
    }
    return wrong;
  };
  return { secret, exchange, close: () => socket.close() };
}
