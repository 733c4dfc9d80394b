// What the embedded store keeps of a user beside its sealed profile, read for all users at a start: 36 bytes. They lie
// in pages (user-pages.ts).

/** One user. */
export interface UserRow {
  /** Of the user in the spent log, and its slot. */
  id: number;
  /** Of the profile. */
  revision: number;
  /** Of its secret's mark: seconds of a step, 0 for HOTP, and 16 bytes. */
  period: number;
  hash: Uint8Array;
  /** The import that has added it; 0 where it was added by itself. */
  importNumber: number;
}

const ID_AT = 0;
const REVISION_AT = 8;
const PERIOD_AT = 12;
const IMPORT_AT = 16;
const HASH_AT = 20;
export const ROW_BYTES = 36;

/** Writes a row at `at`. */
export function writeUser(
  { id, revision, period, hash, importNumber }: UserRow,
  bytes: Buffer,
  at: number,
): void {
  bytes.writeDoubleLE(id, at + ID_AT);
  bytes.writeUInt32LE(revision, at + REVISION_AT);
  bytes.writeUInt32LE(period, at + PERIOD_AT);
  bytes.writeUInt32LE(importNumber, at + IMPORT_AT);
  bytes.set(hash, at + HASH_AT);
}

export function decodeUser(bytes: Buffer): UserRow {
  return {
    id: idOf(bytes, 0),
    revision: revisionOf(bytes, 0),
    period: bytes.readUInt32LE(PERIOD_AT),
    importNumber: importNumberOf(bytes, 0),
    hash: bytes.subarray(HASH_AT, ROW_BYTES),
  };
}

/** The id of the row at `at`. */
export function idOf(bytes: Buffer, at: number): number {
  return bytes.readDoubleLE(at + ID_AT);
}

export function revisionOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + REVISION_AT);
}

export function importNumberOf(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + IMPORT_AT);
}
