// What a NAS of the conversation script sends, and how a reply to it is compared: what is random in it is checked and
// blanked. RFC 2865, 2866, 2548, 3579, 5997.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import * as field from "../../assembly/radius/dictionary.ts";
import { SharedSecret } from "../../host/radius/client/digest.ts";
import {
  attribute,
  encodePacket,
  parsePacket,
  splitAttribute,
  vendorAttribute,
} from "../../host/radius/client/packet.ts";
import { respondChap } from "../../host/radius/client/peer.ts";
import { respondMsChapV2 } from "../../host/radius/client/peer-mschapv2.ts";

export const SECRET = "testing123";
export interface Nas {
  /** Sends a datagram; the reply to it. */
  ask(datagram: Buffer, port?: number): Promise<Buffer>;
  /** Sends a datagram that gets no reply, which the reply to a Status-Server behind it shows. */
  tell(datagram: Buffer, port?: number): Promise<undefined>;
  close(): void;
}

export const secret = new SharedSecret(SECRET);
let identifiers = 0;

/** The identifier of the next request. */
export function nextIdentifier(): number {
  return (identifiers = (identifiers + 1) & 255);
}

/** Begins anew: the same requests have the same identifiers. */
export function beginAnew(): void {
  identifiers = 0;
}

/** An Access-Request; its authenticator is made of its number, so that the next run of the script sends the same. */
export function request(attributes: readonly Buffer[], code = field.ACCESS_REQUEST): Buffer {
  const identifier = nextIdentifier();
  const authenticator = Buffer.alloc(16, identifier);
  return secret.sign(encodePacket(code, identifier, authenticator, [...attributes])!, authenticator, true);
}

export const user = (name: string) => attribute(field.USER_NAME, name);
export const pap = (name: string, password: string, ...more: Buffer[]) => {
  const hidden = secret.hidePassword(Buffer.from(password), Buffer.alloc(16, (identifiers + 1) & 255));
  return request([user(name), attribute(field.USER_PASSWORD, hidden), ...more]);
};
const CHALLENGE = Buffer.alloc(16, 9);
export const chap = (name: string, password: string, ...more: Buffer[]) =>
  request([
    user(name),
    attribute(field.CHAP_CHALLENGE, CHALLENGE),
    attribute(
      field.CHAP_PASSWORD,
      Buffer.concat([Buffer.of(3), respondChap(Buffer.of(3), password, CHALLENGE)]),
    ),
    ...more,
  ]);
export const peerChallenge = Buffer.alloc(16, 5);
export function msChapV2(name: string, password: string): Buffer {
  const exchange = { authenticatorChallenge: CHALLENGE, peerChallenge, name: Buffer.from(name), password };
  const { response } = respondMsChapV2(exchange);
  const value = Buffer.concat([Buffer.of(7, 0), peerChallenge, Buffer.alloc(8), response]);
  return request([
    user(name),
    vendorAttribute(field.MICROSOFT, field.MS_CHAP_CHALLENGE, CHALLENGE),
    vendorAttribute(field.MICROSOFT, field.MS_CHAP2_RESPONSE, value),
  ]);
}
export const eap = (name: string, message: Buffer, state?: Buffer) =>
  request([
    user(name),
    ...splitAttribute(field.EAP_MESSAGE, message),
    ...(state ? [attribute(field.STATE, state)] : []),
  ]);

/** Hexadecimal with `length` bytes from `at` on blanked. */
const blank = (bytes: Buffer, at: number, length: number) =>
  bytes.toString("hex", 0, at) + "·".repeat(length) + bytes.toString("hex", at + length);

/** One attribute as it is compared. */
function describe(type: number, value: Buffer, asked: Buffer): string {
  if (type === field.STATE) return `24 ${blank(value, 0, value.length)}`;
  if (type === field.MESSAGE_AUTHENTICATOR) return "80 right";
  if (type === field.EAP_MESSAGE) {
    const method = value[4];
    // The challenge; the authenticator response, which is of it, or the error's next challenge.
    if (value[0] === field.EAP_REQUEST && method === field.EAP_MD5) return `79 ${blank(value, 6, 16)}`;
    if (value[0] === field.EAP_REQUEST && method === field.EAP_MSCHAPV2) {
      if (value[5] === field.OP_CHALLENGE) return `79 ${blank(value, 10, 16)}`;
      if (value[5] === field.OP_SUCCESS) return `79 ${blank(value, 11, 40)}`;
      return `79 ${blank(value, 9 + "E=691 R=0 C=".length, 32)}`;
    }
  }
  if (type === field.VENDOR_SPECIFIC) {
    const what = value[4];
    if (what === field.MS_MPPE_SEND_KEY || what === field.MS_MPPE_RECV_KEY) {
      const key = secret.revealKey(value.subarray(6), asked)?.toString("hex");
      return `26 ${value.toString("hex", 0, 6)} salt ${value[6]! >= 0x80} key ${key} in ${value.length}`;
    }
    if (what === field.MS_CHAP_ERROR) return `26 ${blank(value, 7 + "E=691 R=0 C=".length, 32)}`;
  }
  return `${type} ${value.toString("hex")}`;
}

/** A reply as it is compared: all of it where nothing is random, else its head and attributes in their order. */
export function tell(datagram: Buffer | undefined, asked: Buffer, keys = true): string {
  if (datagram === undefined) return "nothing";
  const reply = parsePacket(datagram);
  if (reply === undefined) return `malformed ${datagram.toString("hex")}`;
  const authenticator = asked.subarray(4, 20);
  const plain = asked[0] === field.ACCESS_REQUEST || asked[0] === field.STATUS_SERVER;
  if (!secret.checkReply(reply, authenticator)) return "a wrong Response Authenticator";
  if (plain && secret.checkMessage(reply, authenticator) !== true) return "no right Message-Authenticator";
  const { bytes } = reply;
  const attributes: string[] = [];
  let whole = true;
  for (let at = 20; at < bytes.length; at += bytes[at + 1]!) {
    const value = bytes.subarray(at + 2, at + bytes[at + 1]!);
    const told = describe(bytes[at]!, value, authenticator);
    if (told.includes("·") || told.includes("salt")) whole = false;
    attributes.push(keys ? told : told.replace(/key [0-9a-f]+/, "key ·"));
  }
  return whole ? bytes.toString("hex") : `${bytes.toString("hex", 0, 4)} ${attributes.join(" | ")}`;
}

export async function openNas(address: string, ports: readonly number[]): Promise<Nas> {
  const socket = createSocket("udp4").bind(0, address);
  await once(socket, "listening");
  const ask = async (datagram: Buffer, port = 0): Promise<Buffer> => {
    socket.send(datagram, ports[port]!, "127.0.0.1");
    const [reply] = (await once(socket, "message")) as [Buffer];
    if (reply[1] !== datagram[1]) throw new Error(`a reply to another packet: ${reply.toString("hex")}`);
    return reply;
  };
  return {
    ask,
    async tell(datagram, port = 0) {
      socket.send(datagram, ports[port]!, "127.0.0.1");
      await ask(request([], field.STATUS_SERVER), port);
      return undefined;
    },
    close: () => socket.close(),
  };
}
