// EAP over RADIUS: Identity, MSCHAPv2 offered first, a Nak followed, the proof submitted, the outcome told.
// Sources: RFC 3579 sections 2 and 3, RFC 3748 section 4.
//
// Until a proof is right nothing is kept: State holds the conversation, with a MAC that binds it to user and
// NAS, so that any number of conversations costs no memory. What waits after a right proof is in Pending.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { DialIn, Verdict } from "../core/dial-in.ts";
import { CHALLENGE_ADVICE } from "./challenge.ts";
import type { Nas } from "./clients.ts";
import { ACCESS_ACCEPT, ACCESS_CHALLENGE, ACCESS_REJECT, EAP_MESSAGE, STATE } from "./dictionary.ts";
import * as eap from "./eap-methods.ts";
import type { Answer, Door, EapPending } from "./answer.ts";
import { printFailure, printAuthenticatorResponse, printMppeKeys } from "./mschapv2.ts";
import { attribute, splitAttribute, type Packet } from "./packet.ts";
import { CODE_PROMPT, PENDING_MS } from "../admission/pending-challenges.ts";

/** What a State says: method, EAP identifier expected, flags, time, challenge; then the MAC. */
const TIME_AT = 3;
const CHALLENGE_AT = 9;
const MAC_AT = 25;
const STATE_BYTES = 41;
/** A Nak has been followed already. */
const FLAG_NAKED = 1;
/** The failure has been told; whatever comes is refused. */
const FLAG_FAILED = 2;

const KEY = randomBytes(32);

interface Conversation {
  method: number;
  identifier: number;
  flags: number;
  challenge: Buffer;
}

/**
 * The answer to an Access-Request with `message` in its EAP-Message attributes; undefined where it is
 * malformed. `dialIn` lacks only its proof.
 */
export async function answerEap(
  packet: Packet,
  message: Buffer,
  nas: Nas,
  dialIn: Omit<DialIn, "proof">,
  door: Door,
): Promise<Answer | undefined> {
  if (message.length === 0) return challenge(eap.printRequest(randomByte(), eap.IDENTITY, Buffer.alloc(0)));
  const response = eap.readEap(message);
  if (response === undefined) return undefined;
  const next = (response.identifier + 1) & 255;
  if (response.type === eap.IDENTITY) return offer(eap.MSCHAPV2, next, 0, dialIn);

  const state = packet.value(STATE) ?? Buffer.alloc(0);
  if (state.length !== STATE_BYTES) {
    const pending = door.pending.take(state, dialIn.user);
    if (pending?.kind === "eap-success" && pending.nas === dialIn.nas)
      return acknowledge(packet, response, nas, pending);
    if (pending?.kind === "eap-code" && pending.nas === dialIn.nas)
      return response.type === eap.GTC && response.identifier === pending.identifier
        ? judge(response, { ...dialIn, proof: { kind: "clear", text: response.data }, second: true }, door)
        : reject(response.identifier);
  }
  const conversation = openState(state, dialIn);
  if (conversation === undefined) {
    door.log.info(
      { login: dialIn.login, user: dialIn.user, nas: dialIn.nas, reason: "eap-expired" },
      "refuse",
    );
    return reject(response.identifier);
  }
  const { method, identifier, flags } = conversation;
  if (response.identifier !== identifier) return undefined;
  if ((flags & FLAG_FAILED) !== 0) return reject(identifier);
  if (response.type === eap.NAK) {
    const wanted = (flags & FLAG_NAKED) === 0 ? eap.readNak(response.data, method) : 0;
    return wanted === 0 ? reject(identifier) : offer(wanted, next, FLAG_NAKED, dialIn);
  }
  const proof = response.type === method ? eap.readProof(response, conversation.challenge) : undefined;
  return proof && judge(response, { ...dialIn, proof }, door);
}

/** Submits the proof and says what comes of it. */
async function judge(response: eap.EapResponse, dialIn: DialIn, door: Door): Promise<Answer> {
  const verdict = await door.admission.submit(dialIn);
  const { identifier, type } = response;
  const next = (identifier + 1) & 255;
  const { user, nas = "" } = dialIn;
  if (type === eap.MSCHAPV2) return tellMsChapV2(response, dialIn, verdict, door);
  if (verdict.outcome === "accept")
    return {
      code: ACCESS_ACCEPT,
      attributes: splitAttribute(EAP_MESSAGE, eap.printEnd(eap.EAP_SUCCESS, identifier)),
    };
  if (verdict.outcome === "continue" && type === eap.GTC) {
    const state = door.pending.put({ kind: "eap-code", nas, identifier: next }, user);
    return challenge(eap.printRequest(next, eap.GTC, Buffer.from(CODE_PROMPT)), state);
  }
  if (verdict.outcome === "continue") noteNoChallenge(dialIn, door);
  return reject(identifier);
}

/** EAP-MSCHAPv2 tells the outcome inside the method first, and the peer acknowledges it. */
function tellMsChapV2(response: eap.EapResponse, dialIn: DialIn, verdict: Verdict, door: Door): Answer {
  const next = (response.identifier + 1) & 255;
  const msIdentifier = response.data[1]!;
  const { keys } = verdict;
  if (verdict.outcome === "accept" && keys !== undefined) {
    const { user, nas = "" } = dialIn;
    const state = door.pending.put({ kind: "eap-success", nas, identifier: next, keys }, user);
    const text = `${printAuthenticatorResponse(keys)} M=OK`;
    return challenge(eap.printOutcome(eap.OP_SUCCESS, next, msIdentifier, text), state);
  }
  if (verdict.outcome === "continue") noteNoChallenge(dialIn, door);
  return challenge(
    eap.printOutcome(eap.OP_FAILURE, next, msIdentifier, printFailure()),
    sealState(
      { method: eap.MSCHAPV2, identifier: next, flags: FLAG_FAILED, challenge: randomBytes(16) },
      dialIn,
    ),
  );
}

/** After EAP-MSCHAPv2's Success Request: Access-Accept with the MSK, or, if the peer does not trust it, refusal. */
function acknowledge(
  packet: Packet,
  response: eap.EapResponse,
  nas: Nas,
  pending: EapPending & { kind: "eap-success" },
): Answer {
  const { identifier, type, data } = response;
  if (identifier !== pending.identifier || type !== eap.MSCHAPV2 || data[0] !== eap.OP_SUCCESS)
    return reject(identifier);
  return {
    code: ACCESS_ACCEPT,
    attributes: [
      ...splitAttribute(EAP_MESSAGE, eap.printEnd(eap.EAP_SUCCESS, identifier)),
      ...printMppeKeys(pending.keys, nas, packet.authenticator),
    ],
  };
}

function offer(method: number, identifier: number, flags: number, dialIn: Omit<DialIn, "proof">): Answer {
  const conversation = { method, identifier, flags, challenge: randomBytes(16) };
  return challenge(
    eap.printChallenge(method, identifier, conversation.challenge, CODE_PROMPT),
    sealState(conversation, dialIn),
  );
}

function challenge(message: Buffer, state?: Buffer): Answer {
  const attributes = splitAttribute(EAP_MESSAGE, message);
  if (state !== undefined) attributes.push(attribute(STATE, state));
  return { code: ACCESS_CHALLENGE, attributes };
}

function reject(identifier: number): Answer {
  const failure = eap.printEnd(eap.EAP_FAILURE, identifier);
  return { code: ACCESS_REJECT, attributes: splitAttribute(EAP_MESSAGE, failure) };
}

function noteNoChallenge({ login, user, nas }: DialIn, door: Door): void {
  door.log.warn({ login, user, nas, reason: "challenge-not-supported" }, CHALLENGE_ADVICE);
}

function sealState(conversation: Conversation, dialIn: Omit<DialIn, "proof">): Buffer {
  const state = Buffer.alloc(STATE_BYTES);
  state[0] = conversation.method;
  state[1] = conversation.identifier;
  state[2] = conversation.flags;
  state.writeUIntBE(Date.now(), TIME_AT, 6);
  state.set(conversation.challenge, CHALLENGE_AT);
  state.set(macOf(state, dialIn), MAC_AT);
  return state;
}

function openState(state: Buffer, dialIn: Omit<DialIn, "proof">): Conversation | undefined {
  if (state.length !== STATE_BYTES) return undefined;
  if (!timingSafeEqual(macOf(state, dialIn), state.subarray(MAC_AT))) return undefined;
  const age = Date.now() - state.readUIntBE(TIME_AT, 6);
  if (age < 0 || age > PENDING_MS) return undefined;
  return {
    method: state[0]!,
    identifier: state[1]!,
    flags: state[2]!,
    challenge: state.subarray(CHALLENGE_AT, MAC_AT),
  };
}

function macOf(state: Buffer, { user, nas = "" }: Omit<DialIn, "proof">): Buffer {
  const mac = createHmac("sha256", KEY).update(state.subarray(0, MAC_AT));
  return mac
    .update(`${user}\0${nas}`)
    .digest()
    .subarray(0, STATE_BYTES - MAC_AT);
}

function randomByte(): number {
  return randomBytes(1)[0]!;
}
