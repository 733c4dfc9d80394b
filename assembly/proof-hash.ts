// The proof as a number that tells nothing without the record's key: STATE_WRONG, by which the same wrong proof again is
// known. It stands in the state, and people mistype what is nearly right.

import { PROOF_CLEAR } from "./abi";
import { load64 } from "./bytes";
import { Plan } from "./plan";
import { Record } from "./record";
import { Request } from "./rows";
import { sipHash } from "./siphash";

/** The hash of the text or the response, and behind it of what was asked for. Never 0. The plan must have been made. */
export function hashProof(plan: Plan, request: Request, record: Record): u32 {
  const proof: u32 = plan.proof;
  // A response of CHAP has two words of 64 bits, one of MS-CHAPv2 has three.
  const length: u32 = proof == PROOF_CLEAR ? request.length : proof * 8;
  // What lies behind the text or response has been read.
  store<u8>(request.text + length, (proof << 2) | (plan.parts as u32));
  return (sipHash(load64(record.key), load64(record.key + 8), request.text, length + 1) as u32) | 1;
}
