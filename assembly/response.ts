// The proofs that hash the candidate password instead of showing it, over the lanes: CHAP by MD5, MS-CHAPv2 by MD4.

import { PROOF_CHAP } from "./abi";
import { laneBlock, pad } from "./bytes";
import { indexIn, planIn } from "./candidate";
import { chapMatches, chapText } from "./chap";
import { md4Block } from "./md4";
import { md5Block, md5Start } from "./md5";
import { forgetBlocks } from "./motp";
import { ntText, queueRow } from "./mschapv2";
import { mark, PLAN_PROOF } from "./plan";
import { TEXT_AT } from "./scratch";

/**
 * Hashes the candidate passwords of the lanes whose proof is `proof`. CHAP: marks the lanes that match. MS-CHAPv2:
 * queues them for DES, or, for a single lane that is not to be queued, leaves the NT hash at DIGEST_AT.
 */
export function respond<L>(proof: u32, lanes: u32, queue: bool): void {
  for (let block: u32 = 0; block < 2; block++) {
    let blocks: u32 = 0; // bit n: lane n has this block; bit 8 + n: it is its last
    for (let lane: u32 = 0; lane < lanes; lane++) {
      if (load<u8>(planIn(lane), PLAN_PROOF) != proof) continue;
      const count = pad(proof == PROOF_CHAP ? chapText(lane) : ntText(lane), false);
      if (count > block) blocks |= 1 << lane;
      if (count == block + 1) blocks |= 256 << lane;
      laneBlock(lane, TEXT_AT + block * 64, false);
    }
    if (!(blocks & 255)) return;
    if (block == 0) md5Start<L>();
    if (proof == PROOF_CHAP) md5Block<L>();
    else md4Block<L>();
    for (let lane: u32 = 0; lane < lanes && queue; lane++) {
      if (!((blocks >>> (8 + lane)) & 1)) continue;
      if (proof == PROOF_CHAP) mark(planIn(lane), indexIn(lane), chapMatches(lane));
      else queueRow<L>(lane);
    }
    forgetBlocks();
  }
}
