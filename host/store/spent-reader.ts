// Reads the spent log of a folder: the newest checkpoint that is whole, and the logs from it on. It tells what is torn
// (never answered, dropped) from what has rotted (somebody's spent code may be gone). (spent-log.md)
import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { DialwardError } from "../errors.ts";
import * as entries from "./spent-entry.ts";
import { ENTRY_BYTES, isLater, type Header } from "./spent-entry.ts";

const CHUNK_BYTES = 1 << 18;
/** What is read by itself where a larger piece cannot be. */
const BLOCK_BYTES = 4096;
const BLANK_BLOCK = Buffer.alloc(BLOCK_BYTES);
/** No entry, and not blank: stands where the disk gives nothing. */
const UNREADABLE = 0x5a;

/** Hears what the log holds, in its order. */
export interface Visitor {
  /** A sound entry at `at` of `bytes`, which live until this returns. */
  entry(id: number, revision: number, bytes: Buffer, stateAt: number): void;
  /** Something has rotted here: users without an entry from now on are damaged. */
  rot(): void;
  /** What was told up to now came from a checkpoint that is not whole, and does not count. */
  forget(): void;
}

/** What a start finds. */
export interface Reading {
  /** The highest number of a log or a checkpoint; 0 where there is none. */
  sequence: number;
  /** Entries that count in it. */
  count: number;
  /** How many its file has room for. */
  room: number;
  /** Nothing is torn and nothing has rotted: appends may go on behind the last entry. */
  clean: boolean;
  /** A batch that was never answered was dropped. */
  torn: boolean;
  /** No checkpoint is whole, or the log of it is gone: whatever was found, every user is damaged. */
  lost: boolean;
}

interface LogFile {
  path: string;
  header: Header;
}

/** Reads the folder. Throws DialwardError("store") where it was written by a newer version, or cannot be listed. */
export function readSpentLog(folder: string, visitor: Visitor): Reading {
  const logs = new Map<number, LogFile>();
  const checkpoints = new Map<number, LogFile>();
  for (const name of readdirSync(folder)) {
    const [, digits, kind] = /^([0-9a-f]{8})\.(log|checkpoint)$/.exec(name) ?? [];
    if (digits === undefined) continue;
    const path = join(folder, name);
    const header = readFileHeader(path);
    const sequence = Number.parseInt(digits, 16);
    const known = kind === "log" ? entries.KIND_LOG : entries.KIND_CHECKPOINT;
    if (header?.sequence === sequence && header.kind === known)
      (kind === "log" ? logs : checkpoints).set(sequence, { path, header });
  }
  const newest = [...logs.keys()].reduce<number | undefined>(
    (last, one) => (last === undefined || isLater(one, last) ? one : last),
    undefined,
  );
  const sequence = [...logs.keys(), ...checkpoints.keys()].reduce(
    (last, one) => (last === 0 || isLater(one, last) ? one : last),
    0,
  );
  const reading: Reading = { sequence, count: 0, room: 0, clean: true, torn: false, lost: false };
  const whole = [...checkpoints.values()]
    .sort((a, b) => (isLater(a.header.sequence, b.header.sequence) ? -1 : 1))
    .find((one) => readWhole(one, visitor));
  if (newest === undefined || whole === undefined || isLater(whole.header.sequence, newest)) {
    reading.lost = true;
    reading.clean = false;
  }
  if (newest === undefined) return reading;
  const from = whole?.header.sequence ?? newest;
  if (isLater(from, newest)) return reading;
  const found: Visitor = {
    ...visitor,
    rot: () => {
      reading.clean = false;
      visitor.rot();
    },
  };
  for (let sequence = from; ; sequence = (sequence + 1) >>> 0) {
    const log = logs.get(sequence);
    if (sequence === newest) {
      readNewest(log!, found, reading);
      return reading;
    }
    // A log that is gone may have held anything.
    if (!log) {
      if (sequence === from) reading.lost = true;
      found.rot();
    } else readFollowed(log, logs.get((sequence + 1) >>> 0)?.header.before, found);
  }
}

/** A log that another one follows: `count` entries, every one of them. Unknown where the next log is gone. */
function readFollowed({ path }: LogFile, count: number | undefined, visitor: Visitor): void {
  let index = 0;
  readAll(path, (bytes, at) => {
    if (count !== undefined && index >= count) return false;
    index++;
    if (!tell(visitor, bytes, at) && count !== undefined) visitor.rot();
    return true;
  });
  if (count !== undefined && index < count) visitor.rot();
}

/** The newest log: what stands behind its last batch is blank, or torn. */
function readNewest({ path, header }: LogFile, visitor: Visitor, reading: Reading): void {
  /** Since the first entry that is not sound: whether an entry was told there, or is rot if a later batch was written. */
  let behind: (Buffer | undefined)[] = [];
  let gap = false;
  let dirty = false;
  const blank = (count: number): void => {
    reading.room += count;
    gap = true;
    if (behind.at(-1) !== undefined || behind.length === 0) behind.push(undefined);
  };
  const entry = (bytes: Buffer, at: number): void => {
    reading.room++;
    const sound = soundAt(bytes, at);
    if (!gap && sound) {
      tell(visitor, bytes, at);
      reading.count++;
      return;
    }
    gap = true;
    if (!sound) {
      dirty ||= !entries.isBlank(bytes, at);
      if (behind.at(-1) !== undefined || behind.length === 0) behind.push(undefined);
      return;
    }
    behind.push(Buffer.from(bytes.subarray(at, at + ENTRY_BYTES)));
    if (entries.isJoined(bytes, at)) return;
    // A batch that was synced after what is not sound: that has rotted.
    for (const one of behind) {
      if (one) tell(visitor, one, 0);
      else visitor.rot();
    }
    behind = [];
    gap = false;
    dirty = false;
    reading.count = reading.room;
  };
  readAll(path, entry, blank);
  if (reading.room < header.count) {
    for (const one of behind) if (one) tell(visitor, one, 0);
    visitor.rot();
    return;
  }
  reading.torn = dirty || behind.some((one) => one !== undefined);
  if (reading.torn) reading.clean = false;
}

function soundAt(bytes: Buffer, at: number): boolean {
  if (entries.isSound(bytes, at)) return true;
  if (entries.isBlank(bytes, at)) return false;
  return entries.repair(bytes.subarray(at, at + ENTRY_BYTES)) && entries.idOf(bytes, at) > 0;
}

/** Tells of the entry where it is sound. */
function tell(visitor: Visitor, bytes: Buffer, at: number): boolean {
  if (!soundAt(bytes, at)) return false;
  visitor.entry(entries.idOf(bytes, at), entries.revisionOf(bytes, at), bytes, at + entries.STATE_AT);
  return true;
}

/** Tells of a checkpoint's entries where it is whole: it is read once, and what was told is taken back where it is not. */
function readWhole({ path, header }: LogFile, visitor: Visitor): boolean {
  let count = 0;
  let sound = true;
  const size = readAll(path, (bytes, at) => {
    count++;
    return (sound &&= tell(visitor, bytes, at));
  });
  if (sound && count === header.count && size === (count + 1) * ENTRY_BYTES) return true;
  visitor.forget();
  return false;
}

/** The header of a file; undefined where it is not sound. Throws DialwardError("store") where it is newer. */
function readFileHeader(path: string): Header | undefined {
  const descriptor = openSync(path, "r");
  try {
    const entry = Buffer.alloc(ENTRY_BYTES);
    const header = readPiece(descriptor, entry, 0) === ENTRY_BYTES ? entries.readHeader(entry) : undefined;
    if (header && header.version > entries.FORMAT)
      throw new DialwardError(
        "store",
        `${path} was written by a newer version of Dialward (format ${header.version}; this one knows ` +
          `${entries.FORMAT}). Use that version; nothing was changed.`,
      );
    return header;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Each entry behind the header, until `visit` returns false; the file's size. The bytes live until it returns. `blank`
 * is told of blocks of zeros instead, by how many entries they have room for: most of a log, at most starts.
 */
function readAll(
  path: string,
  visit: (bytes: Buffer, at: number) => boolean | void,
  blank?: (count: number) => void,
): number {
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let from = ENTRY_BYTES; from < size; from += CHUNK_BYTES) {
      const read = readPiece(descriptor, chunk, from);
      for (let at = 0; at + ENTRY_BYTES <= read; at += ENTRY_BYTES) {
        const end = at + BLOCK_BYTES;
        if (blank && end <= read && chunk.compare(BLANK_BLOCK, 0, BLOCK_BYTES, at, end) === 0) {
          blank(BLOCK_BYTES / ENTRY_BYTES);
          at = end - ENTRY_BYTES;
        } else if (visit(chunk, at) === false) return size;
      }
    }
    return size;
  } finally {
    closeSync(descriptor);
  }
}

/** Fills `bytes` from `from` on; how many there are. What cannot be read is made no entry. */
function readPiece(descriptor: number, bytes: Buffer, from: number): number {
  try {
    return readSync(descriptor, bytes, 0, bytes.length, from);
  } catch {
    const { size } = fstatSync(descriptor);
    const length = Math.min(bytes.length, size - from);
    for (let at = 0; at < length; at += BLOCK_BYTES) {
      const end = Math.min(at + BLOCK_BYTES, length);
      try {
        readSync(descriptor, bytes, at, end - at, from + at);
      } catch {
        bytes.fill(UNREADABLE, at, end);
      }
    }
    return length;
  }
}
