// One entry of the spent log: its bytes, its check sum, and the repair of one turned bit.
// (spent-log.md beside this file. CRC-32 as zlib has it, eight bytes at a time: a call of zlib takes longer than the sum.)

export const ENTRY_BYTES = 64;
export const STATE_AT = 16;
export const STATE_BYTES = 48;
/** The version of the format that is written. */
export const FORMAT = 1;
export const KIND_LOG = 1;
export const KIND_CHECKPOINT = 2;
export const KINDS = { log: KIND_LOG, checkpoint: KIND_CHECKPOINT } as const;

const MAGIC = Buffer.from("dialward");
const CHECKED_AT = 4;
const JOINED = 0x8000_0000;
const REVISIONS = 0x7fff_ffff;
const VERSION_AT = STATE_AT + 8;
const KIND_AT = STATE_AT + 10;
const COUNT_AT = STATE_AT + 12;
const BEFORE_AT = STATE_AT + 16;

/** CRC-32 (IEEE 802.3) of one byte, and behind it of one followed by one to seven zeros. */
const SUMS = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  SUMS[byte] = sum;
}
for (let at = 256; at < SUMS.length; at++) {
  const sum = SUMS[at - 256]!;
  SUMS[at] = (sum >>> 8) ^ SUMS[sum & 255]!;
}

function sumOfFour(bytes: Uint8Array, at: number, sum: number): number {
  return (
    SUMS[768 + ((sum & 255) ^ bytes[at]!)]! ^
    SUMS[512 + (((sum >>> 8) & 255) ^ bytes[at + 1]!)]! ^
    SUMS[256 + (((sum >>> 16) & 255) ^ bytes[at + 2]!)]! ^
    SUMS[(sum >>> 24) ^ bytes[at + 3]!]!
  );
}

/** The check sum of the entry at `at`: over all of it behind its first four bytes. */
function checkSum(bytes: Uint8Array, at: number): number {
  let sum = sumOfFour(bytes, at + CHECKED_AT, -1);
  for (let i = at + 2 * CHECKED_AT; i < at + ENTRY_BYTES; i += 8)
    sum =
      SUMS[1792 + ((sum & 255) ^ bytes[i]!)]! ^
      SUMS[1536 + (((sum >>> 8) & 255) ^ bytes[i + 1]!)]! ^
      SUMS[1280 + (((sum >>> 16) & 255) ^ bytes[i + 2]!)]! ^
      SUMS[1024 + ((sum >>> 24) ^ bytes[i + 3]!)]! ^
      sumOfFour(bytes, i + 4, 0);
  return ~sum >>> 0;
}

/** What a header says; `version` may be one that is not known here. */
export interface Header {
  sequence: number;
  version: number;
  kind: number;
  /** Checkpoint: entries that follow. Log: for how many there is room; 0 is not told. */
  count: number;
  /** Log: entries that count in the log before this one. */
  before: number;
}

/** Whether sequence number `a` comes after `b`, modulo 2^32. */
export function isLater(a: number, b: number): boolean {
  const ahead = (a - b) >>> 0;
  return ahead > 0 && ahead < 0x8000_0000;
}

/** Writes an entry at `at`, all but its state, which the caller has put there, and its check sum. */
export function sealEntry(bytes: Buffer, at: number, id: number, revision: number, joined: boolean): void {
  put(bytes, at + 4, (revision & REVISIONS) | (joined ? JOINED : 0));
  put(bytes, at + 8, id);
  put(bytes, at + 12, id / 0x1_0000_0000);
  put(bytes, at, checkSum(bytes, at));
}

/** The lowest 32 bits of a number, little-endian; writeUInt32LE takes thrice as long. */
function put(bytes: Uint8Array, at: number, number: number): void {
  bytes[at] = number;
  bytes[at + 1] = number >>> 8;
  bytes[at + 2] = number >>> 16;
  bytes[at + 3] = number >>> 24;
}

/** A header as an entry of its own. */
export function makeHeader({ sequence, kind, count, before }: Omit<Header, "version">): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  MAGIC.copy(bytes, STATE_AT);
  bytes.writeUInt16LE(FORMAT, VERSION_AT);
  bytes[KIND_AT] = kind;
  bytes.writeUInt32LE(count, COUNT_AT);
  bytes.writeUInt32LE(before, BEFORE_AT);
  bytes.writeUInt32LE(sequence >>> 0, 4);
  bytes.writeUInt32LE(checkSum(bytes, 0), 0);
  return bytes;
}

/** What the header `entry` says; undefined where it is none, or is not sound. A turned bit is repaired in place. */
export function readHeader(entry: Buffer): Header | undefined {
  if (entry.length < ENTRY_BYTES || !repair(entry)) return undefined;
  if (idOf(entry, 0) !== 0 || !entry.subarray(STATE_AT, VERSION_AT).equals(MAGIC)) return undefined;
  return {
    sequence: entry.readUInt32LE(4),
    version: entry.readUInt16LE(VERSION_AT),
    kind: entry[KIND_AT]!,
    count: entry.readUInt32LE(COUNT_AT),
    before: entry.readUInt32LE(BEFORE_AT),
  };
}

/** The user's id; ids are below 2^53 where this program gives them. */
export function idOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 8) + bytes.readUInt32LE(at + 12) * 0x1_0000_0000;
}

export function revisionOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) & REVISIONS;
}

/** Whether the entry was written in one append with the one before. */
export function isJoined(bytes: Buffer, at: number): boolean {
  return bytes[at + 7]! >= 0x80;
}

/** Whether the check sum of the entry at `at` is right, and is that of a user. */
export function isSound(bytes: Buffer, at: number): boolean {
  return idOf(bytes, at) > 0 && checkSum(bytes, at) === bytes.readUInt32LE(at);
}

/** Whether all of the entry at `at` is 00, or all of it FF, or all but one bit. */
export function isBlank(bytes: Uint8Array, at: number): boolean {
  const like = bytes[at]! === bytes[at + 1]! ? bytes[at]! : bytes[at + 2]!;
  if (like !== 0x00 && like !== 0xff) return false;
  let bits = 0;
  for (let i = at; i < at + ENTRY_BYTES; i++)
    for (let left = bytes[i]! ^ like; left !== 0; left &= left - 1) if (++bits > 1) return false;
  return true;
}

/** Turns back the one bit that is wrong; false, and nothing is changed, where none or more than one is to blame. */
export function repair(entry: Buffer): boolean {
  const right = (): boolean => checkSum(entry, 0) === entry.readUInt32LE(0);
  if (right()) return true;
  for (let bit = 0; bit < 8 * ENTRY_BYTES; bit++) {
    entry[bit >> 3]! ^= 1 << (bit & 7);
    if (right()) return true;
    entry[bit >> 3]! ^= 1 << (bit & 7);
  }
  return false;
}
