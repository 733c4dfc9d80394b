// What the embedded store keeps of a user beside its sealed profile, read for all users at a start: 36 bytes.

/** One user. */
export interface UserRow {
  /** Of the user in the spent log, and its slot. */
  id: number;
  /** Of the profile. */
  revision: number;
  /** Of its secret's mark: seconds of a step, 0 for HOTP, and 16 bytes. */
  period: number;
  hash: Buffer;
  /** The import that has added it; 0 where it was added by itself. */
  importNumber: number;
}

const ID_AT = 0;
const REVISION_AT = 8;
const PERIOD_AT = 12;
const IMPORT_AT = 16;
const HASH_AT = 20;
const BYTES = 36;

export function encodeUser({ id, revision, period, hash, importNumber }: UserRow): Buffer {
  const bytes = Buffer.alloc(BYTES);
  bytes.writeDoubleLE(id, ID_AT);
  bytes.writeUInt32LE(revision, REVISION_AT);
  bytes.writeUInt32LE(period, PERIOD_AT);
  bytes.writeUInt32LE(importNumber, IMPORT_AT);
  hash.copy(bytes, HASH_AT);
  return bytes;
}

/** Throws where it is no row. */
export function decodeUser(bytes: Buffer): UserRow {
  if (bytes.length !== BYTES) throw new Error("a user's entry is damaged");
  return {
    id: bytes.readDoubleLE(ID_AT),
    revision: bytes.readUInt32LE(REVISION_AT),
    period: bytes.readUInt32LE(PERIOD_AT),
    importNumber: bytes.readUInt32LE(IMPORT_AT),
    hash: bytes.subarray(HASH_AT),
  };
}
