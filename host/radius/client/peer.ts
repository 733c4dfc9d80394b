// One login as a NAS sends it, with any proof: for `dialward dial`, the tests and the load generator.
// Sources: RFC 2865 section 2, RFC 3579 section 2, and those of the proofs. Each reply is checked in full.

import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import * as field from "../../../assembly/radius/dictionary.ts";
import { randomAuthenticator, type SharedSecret } from "./digest.ts";
import { encodeResponse } from "./eap-packet.ts";
import { attribute, integerAttribute, splitAttribute, vendorAttribute, type Packet } from "./packet.ts";
import { describeBrought } from "../../groups/attribute.ts";
import { openLine, type Line, type LineOptions } from "./peer-line.ts";
import { respondMsChapV2, type MsChapV2Result } from "./peer-mschapv2.ts";

export const PEER_PROOFS = ["pap", "chap", "mschapv2", "eap-md5", "eap-gtc", "eap-mschapv2"] as const;
export type PeerProof = (typeof PEER_PROOFS)[number];

export interface PeerOptions extends LineOptions {
  /** What the user types first: the code, password and code, or the password. */
  password: string;
  proof: PeerProof;
  /** Asked for the next word when the server sends an Access-Challenge; undefined gives up. */
  ask?: (prompt: string) => Promise<string | undefined>;
}

/** How a login ended. `wrong`: the server answered, but did not prove what it must. */
export interface PeerResult {
  outcome: "accept" | "refuse" | "no-answer" | "wrong";
  /** What is wrong, or what the server wrote in Reply-Message. */
  message?: string;
  /** What the Accept brought, as administrators write it. */
  attributes?: string[];
  /** Whether the server showed that it knows the code too (MS-CHAPv2), with MPPE keys that match. */
  serverProved?: boolean;
}

const METHODS = {
  "eap-md5": field.EAP_MD5,
  "eap-gtc": field.EAP_GTC,
  "eap-mschapv2": field.EAP_MSCHAPV2,
} as const;
const ROUNDS = 12;

/** Logs in once. Never throws for what the server sends. */
export async function dialIn(options: PeerOptions): Promise<PeerResult> {
  const line = await openLine(options);
  try {
    return options.proof in METHODS ? await dialEap(options, line) : await dialPlain(options, line);
  } finally {
    line.close();
  }
}

/** PAP in one step or two, CHAP, MS-CHAPv2. */
async function dialPlain(options: PeerOptions, { exchange, secret }: Line): Promise<PeerResult> {
  const { user, proof } = options;
  let { password } = options;
  let state: Buffer[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const authenticator = randomAuthenticator();
    let expected: MsChapV2Result | undefined;
    const attributes = [...state];
    if (proof === "pap")
      attributes.push(
        attribute(
          field.USER_PASSWORD,
          secret.hidePassword(Buffer.from(password).subarray(0, 128), authenticator),
        ),
      );
    else if (proof === "chap") {
      const challenge = randomBytes(16);
      const id = randomBytes(1);
      attributes.push(attribute(field.CHAP_CHALLENGE, challenge));
      attributes.push(
        attribute(field.CHAP_PASSWORD, Buffer.concat([id, respondChap(id, password, challenge)])),
      );
    } else {
      const authenticatorChallenge = randomBytes(16);
      const peerChallenge = randomBytes(16);
      const name = withoutDomain(Buffer.from(user));
      expected = respondMsChapV2({ authenticatorChallenge, peerChallenge, name, password });
      const value = Buffer.concat([Buffer.of(7, 0), peerChallenge, Buffer.alloc(8), expected.response]);
      attributes.push(vendorAttribute(field.MICROSOFT, field.MS_CHAP_CHALLENGE, authenticatorChallenge));
      attributes.push(vendorAttribute(field.MICROSOFT, field.MS_CHAP2_RESPONSE, value));
    }
    const reply = await exchange(attributes, authenticator);
    if (typeof reply !== "object") return noReply(reply);
    const message = reply.text(field.REPLY_MESSAGE);
    if (reply.code === field.ACCESS_CHALLENGE) {
      const next = await options.ask?.(message ?? "");
      if (next === undefined)
        return { outcome: "refuse", message: "the server asks for more, and there is no more" };
      password = next;
      const value = reply.value(field.STATE);
      state = value ? [attribute(field.STATE, value)] : [];
      continue;
    }
    if (reply.code !== field.ACCESS_ACCEPT)
      return { outcome: "refuse", ...(message !== undefined && { message }) };
    if (expected === undefined) return accepted(reply);
    const success =
      reply.vendorValue(field.MICROSOFT, field.MS_CHAP2_SUCCESS)?.subarray(1).toString("latin1") ?? "";
    return checkServer(success, reply, expected, secret, authenticator);
  }
  return { outcome: "wrong", message: "the server asks without end" };
}

/** EAP: Identity, then the method, asked for by a Nak where another one is offered. */
async function dialEap(options: PeerOptions, { exchange, secret }: Line): Promise<PeerResult> {
  const { user } = options;
  const method = METHODS[options.proof as keyof typeof METHODS];
  const name = Buffer.from(user);
  let { password } = options;
  let asked = 0;
  let expected: MsChapV2Result | undefined;
  let success = "";
  let attributes = splitAttribute(field.EAP_MESSAGE, encodeResponse(0, field.EAP_IDENTITY, name));
  for (let round = 0; round < ROUNDS; round++) {
    const authenticator = randomAuthenticator();
    const reply = await exchange(attributes, authenticator);
    if (typeof reply !== "object") return noReply(reply);
    if (reply.code === field.ACCESS_REJECT) return { outcome: "refuse" };
    const message = reply.joined(field.EAP_MESSAGE);
    if (reply.code === field.ACCESS_ACCEPT) {
      if (message?.[0] !== field.EAP_SUCCESS)
        return { outcome: "wrong", message: "Access-Accept without EAP Success" };
      if (method !== field.EAP_MSCHAPV2) return accepted(reply);
      return expected
        ? checkServer(success, reply, expected, secret, authenticator)
        : { outcome: "wrong", message: "Access-Accept before the method was done" };
    }
    if (message === undefined || message.length < 5 || message[0] !== field.EAP_REQUEST)
      return { outcome: "wrong", message: "Access-Challenge without an EAP Request" };
    const [, identifier = 0, , , type] = message;
    const data = message.subarray(5);
    let answer: Buffer;
    if (type !== method) answer = encodeResponse(identifier, field.EAP_NAK, Buffer.of(method));
    else if (type === field.EAP_GTC) {
      if (asked++ > 0) {
        const next = await options.ask?.(data.toString());
        if (next === undefined)
          return { outcome: "refuse", message: "the server asks for more, and there is no more" };
        password = next;
      }
      answer = encodeResponse(identifier, type, Buffer.from(password));
    } else if (type === field.EAP_MD5) {
      const digest = respondChap(Buffer.of(identifier), password, data.subarray(1, 1 + (data[0] ?? 0)));
      answer = encodeResponse(identifier, type, Buffer.concat([Buffer.of(16), digest, name]));
    } else if (data[0] === field.OP_CHALLENGE) {
      const peerChallenge = randomBytes(16);
      const authenticatorChallenge = data.subarray(5, 21);
      expected = respondMsChapV2({
        authenticatorChallenge,
        peerChallenge,
        name: withoutDomain(name),
        password,
      });
      const value = Buffer.concat([peerChallenge, Buffer.alloc(8), expected.response, Buffer.of(0)]);
      const length = 5 + value.length + name.length;
      const head = Buffer.of(field.OP_RESPONSE, data[1] ?? 0, length >> 8, length & 255, value.length);
      answer = encodeResponse(identifier, type, Buffer.concat([head, value, name]));
    } else {
      success = data.subarray(4).toString("latin1");
      answer = encodeResponse(identifier, type, Buffer.of(data[0] ?? 0));
    }
    const state = reply.value(field.STATE);
    attributes = splitAttribute(field.EAP_MESSAGE, answer);
    if (state !== undefined) attributes.push(attribute(field.STATE, state));
  }
  return { outcome: "wrong", message: "the server asks without end" };
}

/** The name as a peer hashes it: what follows the last "\\" (RFC 2759 section 4). */
export function withoutDomain(name: Uint8Array): Uint8Array {
  return name.subarray(name.lastIndexOf(0x5c) + 1);
}

/** RFC 1994 section 4.1. */
export function respondChap(id: Uint8Array, password: string, challenge: Uint8Array): Buffer {
  return hash("md5", Buffer.concat([id, Buffer.from(password), challenge]), "buffer");
}

/** Whether "S=…" and both MPPE keys are what this side has computed too. */
function checkServer(
  success: string,
  reply: Packet,
  expected: MsChapV2Result,
  secret: SharedSecret,
  authenticator: Buffer,
): PeerResult {
  const proved = success.slice(0, 42) === `S=${expected.authenticatorResponse.toString("hex").toUpperCase()}`;
  if (!proved) return { outcome: "wrong", message: "the server's authenticator response is wrong" };
  for (const [type, key] of [
    [field.MS_MPPE_SEND_KEY, expected.sendKey],
    [field.MS_MPPE_RECV_KEY, expected.receiveKey],
  ] as const) {
    const hidden = reply.vendorValue(field.MICROSOFT, type);
    const shown = hidden && secret.revealKey(hidden, authenticator);
    if (shown?.length !== key.length || !timingSafeEqual(shown, key))
      return { outcome: "wrong", message: "the MPPE keys do not match" };
  }
  return { ...accepted(reply), serverProved: true };
}

/** An Accept, with what it brought beside the protocol's own. */
function accepted({ bytes }: Packet): PeerResult {
  const attributes: string[] = [];
  for (let at = 20; at + 2 <= bytes.length; at += bytes[at + 1]!)
    attributes.push(...describeBrought(bytes[at]!, bytes.subarray(at + 2, at + bytes[at + 1]!)));
  return { outcome: "accept", ...(attributes.length > 0 && { attributes }) };
}

function noReply(wrong: string | undefined): PeerResult {
  return wrong === undefined ? { outcome: "no-answer" } : { outcome: "wrong", message: wrong };
}

/** What `dialward dial` says of itself: a NAS on this machine, Service-Type Login. */
export const NAS_ATTRIBUTES: readonly Buffer[] = [
  attribute(field.NAS_IDENTIFIER, "dialward-dial"),
  integerAttribute(field.SERVICE_TYPE, 1),
];
