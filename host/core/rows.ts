// A dial-in as a request in the core's page, and its result as a verdict. The layout is assembly/abi.ts.

import * as abi from "../../assembly/abi.ts";
import type { DialIn, Reason, Verdict } from "./dial-in.ts";
import { typeBit } from "./enrolment.ts";

/**
 * One dial-in for the core: whose record, when (seconds since 1970), whence (a number of the caller's, 0 unknown), and
 * whether the host has that caller wait.
 */
export interface CoreRequest {
  record: number;
  dialIn: DialIn;
  time: number;
  source: number;
  callerWaits?: boolean;
}

const REASONS: Record<number, Reason> = {
  [abi.VERDICT_ACCEPT]: "ok",
  [abi.VERDICT_CONTINUE]: "password-ok",
  [abi.VERDICT_WRONG]: "wrong-code",
  [abi.VERDICT_SPENT]: "code-spent",
  [abi.VERDICT_WAIT]: "must-wait",
  [abi.VERDICT_PENDING]: "profile-pending",
  [abi.VERDICT_DISABLED]: "profile-disabled",
  [abi.VERDICT_TYPE]: "type-not-allowed",
  [abi.VERDICT_UNKNOWN]: "unknown-user",
  [abi.VERDICT_BAD_RECORD]: "bad-record",
  [abi.VERDICT_BAD_REQUEST]: "bad-request",
  [abi.VERDICT_RECOVERED]: "recovered",
  [abi.VERDICT_NOT_VALID]: "not-valid-now",
};

/** The verdicts that let in, or on; all others refuse. */
const OUTCOMES: Record<number, Verdict["outcome"]> = {
  [abi.VERDICT_ACCEPT]: "accept",
  [abi.VERDICT_RECOVERED]: "accept",
  [abi.VERDICT_CONTINUE]: "continue",
};

const PROOFS = { clear: abi.PROOF_CLEAR, chap: abi.PROOF_CHAP, mschapv2: abi.PROOF_MSCHAPV2 };

/** Writes a request at `at` of a page that is zero there. */
export function writeRequest(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  { record, dialIn, time, source, callerWaits }: CoreRequest,
): void {
  const proof = dialIn.proof;
  if (proof.kind === "laid-out") bytes.set(proof.request, at);
  else bytes[at + abi.REQUEST_PROOF] = PROOFS[proof.kind];
  view.setUint16(at + abi.REQUEST_RECORD, record, true);
  bytes[at + abi.REQUEST_FLAGS] =
    (dialIn.second ? abi.FLAG_SECOND : 0) |
    (dialIn.activate ? abi.FLAG_ACTIVATE : 0) |
    (dialIn.notValid ? abi.FLAG_NOT_VALID : 0) |
    (callerWaits ? abi.FLAG_CALLER_WAITS : 0);
  view.setUint32(at + abi.REQUEST_SOURCE, source, true);
  view.setUint32(at + abi.REQUEST_TIME, time % 4294967296, true);
  view.setUint32(at + abi.REQUEST_TIME + 4, time / 4294967296, true);
  bytes[at + abi.REQUEST_TYPE] = dialIn.type ? typeBit(dialIn.type) : 0;
  if (proof.kind === "clear") {
    bytes[at + abi.REQUEST_LENGTH] = Math.min(proof.text.length, 255);
    bytes.set(first(proof.text, abi.TEXT_BYTES), at + abi.REQUEST_TEXT);
  } else if (proof.kind === "chap") {
    bytes[at + abi.REQUEST_LENGTH] = Math.min(proof.challenge.length, 255);
    bytes[at + abi.REQUEST_CHAP_ID] = proof.id;
    bytes.set(first(proof.response, 16), at + abi.REQUEST_RESPONSE);
    bytes.set(first(proof.challenge, abi.CHALLENGE_BYTES), at + abi.REQUEST_CHAP_CHALLENGE);
  } else if (proof.kind === "mschapv2") {
    bytes[at + abi.REQUEST_NAME_LENGTH] = Math.min(proof.name.length, 255);
    bytes.set(first(proof.response, 24), at + abi.REQUEST_RESPONSE);
    bytes.set(first(proof.authenticatorChallenge, 16), at + abi.REQUEST_CHALLENGE);
    bytes.set(first(proof.peerChallenge, 16), at + abi.REQUEST_PEER_CHALLENGE);
    bytes.set(first(proof.name, abi.NAME_BYTES), at + abi.REQUEST_NAME);
  }
}

/** The verdict at `at` of a page; keys that it grants are taken out. `proof` is what the dial-in showed. */
export function readResult(bytes: Uint8Array, view: DataView, at: number, proof: DialIn["proof"]): Verdict {
  const code = bytes[at + abi.RESULT_VERDICT] ?? 0;
  const verdict: Verdict = {
    outcome: OUTCOMES[code] ?? "refuse",
    reason: REASONS[code] ?? "bad-request",
    waitSeconds: view.getUint32(at + abi.RESULT_WAIT, true),
    offset: view.getInt32(at + abi.RESULT_OFFSET, true),
  };
  if (verdict.outcome === "refuse") return verdict;
  if (proof.kind === "laid-out") {
    for (let i = 0; i < abi.RESULT_BYTES; i++) proof.result[i] = bytes[at + i]!;
    bytes.fill(0, at + abi.RESULT_AUTHENTICATOR_RESPONSE, at + abi.RESULT_BYTES);
  } else if (proof.kind === "mschapv2") {
    const key = (offset: number, length: number) => bytes.slice(at + offset, at + offset + length);
    verdict.keys = {
      authenticatorResponse: key(abi.RESULT_AUTHENTICATOR_RESPONSE, 20),
      masterKey: key(abi.RESULT_MASTER_KEY, 16),
      sendKey: key(abi.RESULT_SEND_KEY, 16),
      receiveKey: key(abi.RESULT_RECEIVE_KEY, 16),
    };
    bytes.fill(0, at + abi.RESULT_AUTHENTICATOR_RESPONSE, at + abi.RESULT_BYTES);
  }
  return verdict;
}

/** At most the first `most` of `bytes`; itself where it is not longer, since a view takes as long as what is copied. */
function first(bytes: Uint8Array, most: number): Uint8Array {
  return bytes.length <= most ? bytes : bytes.subarray(0, most);
}
