// Access-Requests as a NAS makes them, of parts that a test chooses, on node:crypto alone: PAP, CHAP, MS-CHAPv2, EAP-GTC.
// Sources: RFC 2865 sections 3 and 5.2, RFC 1994, RFC 2548 section 2.3, RFC 2869 section 5.14, RFC 3748 section 5.6.
import { createHash, createHmac } from "node:crypto";
import { msChapV2 } from "../mschapv2.ts";

export const SECRET = "testing123";
export const [ACCEPT, REJECT, CHALLENGE] = [2, 3, 11];

const USER_NAME = 1;
const USER_PASSWORD = 2;
const CHAP_PASSWORD = 3;
const NAS_PORT = 5;
const STATE = 24;
const VENDOR_SPECIFIC = 26;
const CALLING_STATION_ID = 31;
const NAS_IDENTIFIER = 32;
const ACCT_STATUS_TYPE = 40;
const ACCT_SESSION_ID = 44;
const CHAP_CHALLENGE = 60;
const EAP_MESSAGE = 79;
const MESSAGE_AUTHENTICATOR = 80;

export const PROOFS = ["pap", "chap", "mschapv2", "eap-gtc"] as const;

/** What a packet is made of, beside user and code. Two of equal parts have equal bytes. */
export interface Parts {
  proof: (typeof PROOFS)[number];
  identifier: number;
  /** One byte, sixteen times. */
  authenticator: number;
  /** Where it is sent from. */
  port: number;
  session: string | undefined;
  station: string | undefined;
  nasPort: number | undefined;
  nas: string | undefined;
}

const md5 = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const attribute = (type: number, value: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([Buffer.of(type, bytes.length + 2), bytes]);
};

const vendor = (type: number, value: Uint8Array): Buffer =>
  attribute(VENDOR_SPECIFIC, Buffer.concat([Buffer.of(0, 0, 1, 55), attribute(type, value)]));

function hide(password: string, authenticator: Uint8Array): Buffer {
  const padded = Buffer.alloc(Math.max(16, Math.ceil(Buffer.byteLength(password) / 16) * 16));
  padded.write(password);
  let before = authenticator;
  for (let at = 0; at < padded.length; at += 16) {
    const block = padded.subarray(at, at + 16);
    md5(SECRET, before).forEach((byte, i) => (block[i]! ^= byte));
    before = block;
  }
  return padded;
}

const eapResponse = (identifier: number, type: number, data: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(data as Uint8Array);
  return Buffer.concat([Buffer.of(2, identifier, 0, 5 + bytes.length, type), bytes]);
};

/** The attributes that show `text`, typed by `user`. */
function prove({ proof }: Parts, user: string, text: string, authenticator: Buffer): Buffer[] {
  if (proof === "pap") return [attribute(USER_PASSWORD, hide(text, authenticator))];
  const challenge = Buffer.alloc(16, authenticator[0]! ^ 0x55);
  if (proof === "chap") {
    const response = md5(Buffer.of(9), text, challenge);
    return [
      attribute(CHAP_CHALLENGE, challenge),
      attribute(CHAP_PASSWORD, Buffer.concat([Buffer.of(9), response])),
    ];
  }
  if (proof === "eap-gtc") return [attribute(EAP_MESSAGE, eapResponse(1, 1, user))];
  const peerChallenge = Buffer.alloc(16, authenticator[0]! ^ 0xaa);
  const exchange = {
    password: text,
    authenticatorChallenge: challenge,
    peerChallenge,
    name: Buffer.from(user),
  };
  const { response } = msChapV2(exchange);
  const value = Buffer.concat([Buffer.of(7, 0), peerChallenge, Buffer.alloc(8), response]);
  return [vendor(11, challenge), vendor(25, value)];
}

function sign(identifier: number, authenticator: Buffer, attributes: Buffer[], signed = true): Buffer {
  const message = attribute(MESSAGE_AUTHENTICATOR, Buffer.alloc(16));
  const body = Buffer.concat(signed ? [message, ...attributes] : attributes);
  const head = Buffer.concat([Buffer.of(1, identifier, 0, 0), authenticator]);
  head.writeUInt16BE(head.length + body.length, 2);
  const packet = Buffer.concat([head, body]);
  if (signed) createHmac("md5", SECRET).update(packet).digest().copy(packet, 22);
  return packet;
}

/** An Accounting-Request that says that a session has begun (RFC 2866). */
export function accountingRequest(user: string, session: string): Buffer {
  const attributes = [attribute(USER_NAME, user), attribute(ACCT_SESSION_ID, session)];
  const body = Buffer.concat([attribute(ACCT_STATUS_TYPE, Buffer.of(0, 0, 0, 1)), ...attributes]);
  const packet = Buffer.concat([Buffer.of(4, 1, 0, 20 + body.length), Buffer.alloc(16), body]);
  md5(packet, SECRET).copy(packet, 4);
  return packet;
}

function common(parts: Parts, user: string): Buffer[] {
  const attributes = [attribute(USER_NAME, user)];
  const { session, station, nasPort, nas } = parts;
  if (session !== undefined) attributes.push(attribute(ACCT_SESSION_ID, session));
  if (station !== undefined) attributes.push(attribute(CALLING_STATION_ID, station));
  if (nasPort !== undefined) attributes.push(attribute(NAS_PORT, Buffer.of(0, 0, 0, nasPort)));
  if (nas !== undefined) attributes.push(attribute(NAS_IDENTIFIER, nas));
  return attributes;
}

/** An Access-Request of `user`, who typed `text`; with EAP the Identity, which shows nothing yet. */
export function request(parts: Parts, user: string, text: string, signed = true): Buffer {
  const authenticator = Buffer.alloc(16, parts.authenticator);
  const attributes = [...common(parts, user), ...prove(parts, user, text, authenticator)];
  return sign(parts.identifier, authenticator, attributes, signed);
}

/** What the peer of an EAP conversation sends after an Access-Challenge: a Nak that asks for GTC, or the code. */
export function answerEap(parts: Parts, user: string, text: string, challenge: Buffer): Buffer {
  const message = valueOf(challenge, EAP_MESSAGE) ?? Buffer.alloc(5);
  const [identifier, type] = [message[1]!, message[4]];
  const response = type === 6 ? eapResponse(identifier, 6, text) : eapResponse(identifier, 3, Buffer.of(6));
  const state = valueOf(challenge, STATE) ?? Buffer.alloc(0);
  const attributes = [...common(parts, user), attribute(EAP_MESSAGE, response), attribute(STATE, state)];
  return sign(parts.identifier, Buffer.alloc(16, parts.authenticator), attributes);
}

function valueOf(packet: Buffer, type: number): Buffer | undefined {
  for (let at = 20; at + 2 <= packet.length; at += packet[at + 1]!)
    if (packet[at] === type) return packet.subarray(at + 2, at + packet[at + 1]!);
  return undefined;
}

/** Whether `reply` is one to `packet`, by its Response Authenticator (RFC 2865 section 3). */
export function isReply(reply: Buffer, packet: Buffer): boolean {
  const expected = md5(reply.subarray(0, 4), packet.subarray(4, 20), reply.subarray(20), SECRET);
  return reply[1] === packet[1] && expected.equals(reply.subarray(4, 20));
}
