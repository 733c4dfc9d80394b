// EAP packets and the three methods' contents: reading a response, printing a request. No state, no verdict.
// Sources: RFC 3748 sections 4 and 5 (Identity, Nak, MD5-Challenge, GTC); EAP-MSCHAPv2 as in
// draft-kamath-pppext-eap-mschapv2-02 section 2.

import type { Proof } from "../core/dial-in.ts";
import { withoutDomain } from "./mschapv2.ts";

export const EAP_REQUEST = 1;
export const EAP_RESPONSE = 2;
export const EAP_SUCCESS = 3;
export const EAP_FAILURE = 4;

export const IDENTITY = 1;
export const NAK = 3;
export const MD5_CHALLENGE = 4;
export const GTC = 6;
export const MSCHAPV2 = 26;

/** EAP-MSCHAPv2's OpCode. */
export const OP_CHALLENGE = 1;
export const OP_RESPONSE = 2;
export const OP_SUCCESS = 3;
export const OP_FAILURE = 4;

/** The name that this server gives itself in EAP-MD5 and EAP-MSCHAPv2. */
const SERVER_NAME = Buffer.from("dialward");

/** An EAP packet that a peer sent. */
export interface EapResponse {
  identifier: number;
  type: number;
  /** What follows the type. */
  data: Buffer;
}

/** The response in joined EAP-Message attributes; undefined where it is none, or its length does not fit. */
export function readEap(message: Buffer): EapResponse | undefined {
  if (message.length < 5 || message[0] !== EAP_RESPONSE) return undefined;
  const length = message.readUInt16BE(2);
  if (length < 5 || length > message.length) return undefined;
  return { identifier: message[1]!, type: message[4]!, data: message.subarray(5, length) };
}

/** An EAP Request of `type`. */
export function printRequest(identifier: number, type: number, data: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(5 + data.length);
  out[0] = EAP_REQUEST;
  out[1] = identifier;
  out.writeUInt16BE(out.length, 2);
  out[4] = type;
  out.set(data, 5);
  return out;
}

/** EAP Success or Failure, which has no data. */
export function printEnd(code: typeof EAP_SUCCESS | typeof EAP_FAILURE, identifier: number): Buffer {
  return Buffer.of(code, identifier, 0, 4);
}

/** The first request of a method. `challenge` has 16 bytes; GTC shows `prompt` instead. */
export function printChallenge(
  type: number,
  identifier: number,
  challenge: Uint8Array,
  prompt: string,
): Buffer {
  if (type === GTC) return printRequest(identifier, GTC, Buffer.from(prompt));
  const value = Buffer.concat([Buffer.of(challenge.length), challenge, SERVER_NAME]);
  if (type === MD5_CHALLENGE) return printRequest(identifier, MD5_CHALLENGE, value);
  return printRequest(identifier, MSCHAPV2, printMsChapV2(OP_CHALLENGE, identifier, value));
}

/** EAP-MSCHAPv2's Success or Failure Request with its message ("S=…", "E=…"). */
export function printOutcome(
  opcode: typeof OP_SUCCESS | typeof OP_FAILURE,
  identifier: number,
  msIdentifier: number,
  message: string,
): Buffer {
  return printRequest(identifier, MSCHAPV2, printMsChapV2(opcode, msIdentifier, Buffer.from(message)));
}

function printMsChapV2(opcode: number, msIdentifier: number, data: Uint8Array): Buffer {
  const length = 4 + data.length;
  return Buffer.concat([Buffer.of(opcode, msIdentifier, length >> 8, length & 255), data]);
}

/** The proof in the response to printChallenge(); undefined where it is not well formed. */
export function readProof(response: EapResponse, challenge: Uint8Array): Proof | undefined {
  const { type, identifier, data } = response;
  if (type === GTC) return { kind: "clear", text: data };
  if (type === MD5_CHALLENGE)
    return data.length >= 17 && data[0] === 16
      ? { kind: "chap", id: identifier, challenge, response: data.subarray(1, 17) }
      : undefined;
  // OpCode, MS-CHAPv2-ID, MS-Length, Value-Size 49, Peer-Challenge, 8 reserved, NT-Response, Flags, Name.
  if (type !== MSCHAPV2 || data.length < 54 || data[0] !== OP_RESPONSE || data[4] !== 49) return undefined;
  const length = data.readUInt16BE(2);
  if (length < 54 || length > data.length) return undefined;
  return {
    kind: "mschapv2",
    authenticatorChallenge: challenge,
    peerChallenge: data.subarray(5, 21),
    response: data.subarray(29, 53),
    name: withoutDomain(data.subarray(54, length)),
  };
}

/** The method that a Nak asks for: the first of its list that is offered here; 0 where there is none. */
export function readNak(data: Uint8Array, refused: number): number {
  return data.find((type) => type !== refused && [MSCHAPV2, GTC, MD5_CHALLENGE].includes(type)) ?? 0;
}
