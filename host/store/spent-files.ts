// Files of the spent log's folder: written whole beside their place, synced, and renamed. (spent-log.md, "On a disk")
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { ENTRY_BYTES } from "./spent-entry.ts";

/** What a file is filled with before its use. */
export const ZEROS: Buffer = Buffer.alloc(1 << 18);

/** Where a log or a checkpoint lies. */
export function pathOf(folder: string, sequence: number, kind: "log" | "checkpoint"): string {
  return join(folder, `${sequence.toString(16).padStart(8, "0")}.${kind}`);
}

/** Makes room for a header and `room` entries. */
export function fillWithZeros(descriptor: number, room: number): void {
  const size = (room + 1) * ENTRY_BYTES;
  for (let at = 0; at < size; at += ZEROS.length)
    writeAll(descriptor, ZEROS, Math.min(ZEROS.length, size - at), at);
}

/** A write may take less than it was given, on a full disk for example. */
export function writeAll(descriptor: number, bytes: Uint8Array, length: number, at: number): void {
  for (let done = 0; done < length;) done += writeSync(descriptor, bytes, done, length - done, at + done);
}

/** The same beside the logins; behind what was written before where `at` is null. */
export async function writeWhole(
  file: FileHandle,
  bytes: Uint8Array,
  length: number,
  at: number | null,
): Promise<void> {
  for (let done = 0; done < length;) {
    const { bytesWritten } = await file.write(bytes, done, length - done, at === null ? null : at + done);
    done += bytesWritten;
  }
}

/** A new file with these bytes, on the disk when it returns. */
export function writeFileSynced(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, "wx", 0o600);
  try {
    writeAll(descriptor, bytes, bytes.length, 0);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** So that the names in it are on the disk. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Closes a file that is not used again, whatever has become of it. */
export function tryClose(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // it is not used again
  }
}
