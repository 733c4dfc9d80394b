// The proofs that hash the candidate password instead of showing it, over the lanes: CHAP by MD5, MS-CHAPv2 by MD4.

import { PROOF_CHAP } from "./abi";
import { laneBlock, pad } from "./bytes";
import { candidateIn } from "./candidate";
import { chapMatches, chapText } from "./chap";
import { GROUPED } from "./lane";
import { md4Block } from "./md4";
import { md5Block, md5Start } from "./md5";
import { forgetBlocks } from "./motp";
import { ntText, queueRow } from "./mschapv2";
import { mark } from "./plan";
import { TEXT_AT } from "./scratch";

/**
 * Hashes the candidate passwords of the lanes whose proof is `proof`. CHAP: marks the lanes that match. MS-CHAPv2:
 * queues them for DES, or, for a single lane that is not to be queued, leaves the NT hash at DIGEST_AT.
 */
export function respond<L>(proof: u32, lanes: u32, queue: bool): void {
  let more = true;
  for (let block: u32 = 0; more; block++) {
    let done: u32 = 0; // bit n: this is the last block of lane n
    more = false;
    let lane: u32 = 0;
    do {
      if (GROUPED && candidateIn(lane).plan.proof != proof) continue;
      const blocks = pad(proof == PROOF_CHAP ? chapText(lane) : ntText(lane), false);
      laneBlock(lane, TEXT_AT + block * 64, false);
      if (blocks == block + 1) done |= 1 << lane;
      else if (blocks > block) more = true;
    } while (GROUPED && ++lane < lanes);
    if (block == 0) md5Start<L>();
    if (proof == PROOF_CHAP) md5Block<L>(true);
    else md4Block<L>();
    if (!queue) continue;
    lane = 0;
    do {
      if (!((done >>> lane) & 1)) continue;
      if (proof == PROOF_CHAP) mark(candidateIn(lane).plan, candidateIn(lane).step, chapMatches(lane));
      else queueRow<L>(lane);
    } while (GROUPED && ++lane < lanes);
  }
  forgetBlocks();
}
