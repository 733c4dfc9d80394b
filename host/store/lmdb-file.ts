// What LMDB does not look at before it maps a file: whether it is one, and whether it is whole. A file that is not would
// end the process by a signal when a missing page is touched. (LMDB's mdb.c: MDB_meta, two at the start, data version 2.)
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from "node:fs";

const MAGIC = 0xbeefc0de;
const VERSION = 2;
const MAGIC_AT = 24;
const VERSION_AT = 28;
const PAGE_BYTES_AT = 48;
const LAST_PAGE_AT = 144;
const COMMIT_AT = 152;
const META_BYTES = 160;
const ZEROS_BYTES = 1 << 20;

/**
 * Whether the store's `file` had been cut short; it has zeros at its end then, which LMDB refuses as pages instead of
 * ending the process. LMDB may leave a page or two at the end unwritten itself, so the caller reads all to know.
 * Throws where it is no store at all. A file that is missing or empty is a new store.
 */
export function completeFile(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return false; // LMDB makes it, or says why it cannot
  }
  try {
    if (fstatSync(descriptor).size === 0) return false;
    const first = readMeta(descriptor, 0);
    const pageBytes = first?.readUInt32LE(PAGE_BYTES_AT) ?? 0;
    const second = first && readMeta(descriptor, pageBytes);
    if (!first || !second || pageBytes < 256) throw new Error("it is not a store of Dialward, or is damaged");
    const current = first.readBigUInt64LE(COMMIT_AT) > second.readBigUInt64LE(COMMIT_AT) ? first : second;
    const bytes = (Number(current.readBigUInt64LE(LAST_PAGE_AT)) + 1) * pageBytes;
    // Read after the metas: another process may be making it longer. For the same reason it is only ever appended to.
    let missing = bytes - fstatSync(descriptor).size;
    if (missing <= 0) return false;
    for (; missing > 0; missing -= ZEROS_BYTES)
      appendFileSync(file, Buffer.alloc(Math.min(missing, ZEROS_BYTES)));
    return true;
  } finally {
    closeSync(descriptor);
  }
}

function readMeta(descriptor: number, at: number): Buffer | undefined {
  const meta = Buffer.alloc(META_BYTES);
  if (readSync(descriptor, meta, 0, META_BYTES, at) < META_BYTES) return undefined;
  const isMeta = meta.readUInt32LE(MAGIC_AT) === MAGIC && meta.readUInt32LE(VERSION_AT) === VERSION;
  return isMeta ? meta : undefined;
}
