// MS-CHAPv2: MD4 of the candidate password, then DES of the challenge hash under it. RFC 2759 section 8.
//
// One DES block rejects a candidate: wrong ones pass with a chance of 2^-56, so a match is confirmed by the other two.
// The blocks wait in rows until a group is full (32 or 128 candidates), since DES here costs the same for one as for all.

import {
  REQUEST_CHALLENGE,
  REQUEST_NAME,
  REQUEST_PEER_CHALLENGE,
  REQUEST_RESPONSE,
} from "./abi";
import { copy, loadBigEndian } from "./bytes";
import { candidateIn } from "./candidate";
import { desMatches } from "./des";
import { LANES } from "./lane";
import { mark, Plan, requestOf, stepAt } from "./plan";
import { writePassword } from "./password";
import { Request } from "./rows";
import { DES_OWNERS_AT, DES_ROWS_AT, digestOf, QUEUED_AT, TEXT_AT } from "./scratch";
import { sha1Text, writeSha1 } from "./sha1";

const GROUP: u32 = 32 * LANES;

/** Replaces the peer's challenge in a request by the challenge hash, 8 bytes (RFC 2759 section 8.2). */
export function challengeHash<L>(request: Request): void {
  const name: u32 = request.nameLength;
  copy(TEXT_AT, request.at + REQUEST_PEER_CHALLENGE, 16);
  copy(TEXT_AT + 16, request.at + REQUEST_CHALLENGE, 16);
  copy(TEXT_AT + 32, request.at + REQUEST_NAME, name);
  sha1Text<L>(32 + name);
  writeSha1(request.at + REQUEST_PEER_CHALLENGE, 2);
}

/** Writes the lane's candidate password in UTF-16, least significant byte first, to TEXT_AT; returns its bytes, at most 80. */
export function ntText(lane: u32): u32 {
  const from = TEXT_AT + 128;
  const end = from + writePassword(from, lane);
  let to = TEXT_AT;
  for (let at = from; at < end; ) {
    const lead: u32 = load<u8>(at++);
    let point = lead;
    if (lead >= 0xc0) {
      const more: u32 = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
      point = lead & (0x3f >>> more);
      for (let i: u32 = 0; i < more; i++) point = (point << 6) | (load<u8>(at++) & 0x3f);
    }
    if (point >= 0x10000) {
      store<u8>(to++, (point - 0x10000) >>> 10);
      store<u8>(to++, 0xd8 | ((point - 0x10000) >>> 18));
      point = 0xdc00 | (point & 0x3ff);
    }
    store<u8>(to++, point);
    store<u8>(to++, point >>> 8);
  }
  return to - TEXT_AT;
}

/** Whose candidate a waiting block is. */
@unmanaged
class Owner {
  plan: u16;
  index: u8;
  zero: u8;
}

@inline
function ownerOf(row: u32): Owner {
  return changetype<Owner>(DES_OWNERS_AT + row * offsetof<Owner>());
}

/** Queues the lane's candidate, whose NT hash is in its digest; the first DES key is the hash's first seven bytes. */
export function queueRow<L>(lane: u32): void {
  const candidate = candidateIn(lane);
  const queued = load<u32>(QUEUED_AT);
  const high = bswap<u32>(load<u32>(digestOf(lane)));
  const low = bswap<u32>(load<u32>(digestOf(lane) + 4 * LANES));
  writeRow(queued, high, low & 0xffffff00, requestOf(candidate.plan), 0);
  ownerOf(queued).plan = candidate.plan.at as u16;
  ownerOf(queued).index = candidate.index;
  store<u32>(QUEUED_AT, queued + 1);
  if (queued + 1 == GROUP) settleRows<L>();
}

/** Runs DES over the rows that wait and marks the candidates that match. */
export function settleRows<L>(): void {
  const queued = load<u32>(QUEUED_AT);
  if (queued == 0) return;
  store<L>(TEXT_AT, desMatches<L>()); // not at DIGEST_AT: there may be digests that are still to be queued
  for (let row: u32 = 0; row < queued; row++) {
    const plan = changetype<Plan>(ownerOf(row).plan as usize);
    mark(plan, stepAt(plan, ownerOf(row).index), rowMatches(row));
  }
  store<u32>(QUEUED_AT, 0);
}

/**
 * Whether the NT hash at `hash` (16 bytes) also gives the second and third block of the response. Their keys are the
 * hash's bytes 7 to 13, and 14 and 15 with zeros.
 */
export function confirm<L>(request: Request, hash: u32): bool {
  const b = loadBigEndian(hash + 8);
  const c = loadBigEndian(hash + 12);
  writeRow(0, (loadBigEndian(hash + 4) << 24) | (b >>> 8), (b << 24) | ((c >>> 16) << 8), request, 8);
  writeRow(1, c << 16, 0, request, 16);
  store<L>(TEXT_AT, desMatches<L>());
  return (rowMatches(0) & rowMatches(1)) != 0;
}

/** Row c: key, plaintext (the challenge hash), and the block expected at `offset` of the response. */
function writeRow(c: u32, keyHigh: u32, keyLow: u32, request: Request, offset: u32): void {
  const row = DES_ROWS_AT + c * 4;
  store<u32>(row, keyHigh);
  store<u32>(row, keyLow, 4 * GROUP);
  store<u32>(row, loadBigEndian(request.at + REQUEST_PEER_CHALLENGE), 8 * GROUP);
  store<u32>(row, loadBigEndian(request.at + REQUEST_PEER_CHALLENGE + 4), 12 * GROUP);
  store<u32>(row, loadBigEndian(request.at + REQUEST_RESPONSE + offset), 16 * GROUP);
  store<u32>(row, loadBigEndian(request.at + REQUEST_RESPONSE + offset + 4), 20 * GROUP);
}

/** Row c's bit of what desMatches left at TEXT_AT. */
function rowMatches(c: u32): u32 {
  return (load<u32>(TEXT_AT + (c % LANES) * 4) >>> (c / LANES)) & 1;
}
