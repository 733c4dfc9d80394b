// Room on the disk, asked for before LMDB writes. lmdb 3.5.6 prints its message about a failed write into a buffer that
// is too small for it (mdb.c, mdb_page_flush: 100 bytes), and so damages the process's memory. No write may fail.
import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** More than a batch of logins writes: 64 × 4 pages of 4 KiB, twice. */
const RESERVE_BYTES = 2 << 20;

/** Throws where the disk of `file` has no room for `bytes` and a reserve. */
export function checkRoom(file: string, bytes = 0): void {
  const { bavail, bsize } = statfsSync(dirname(file));
  const room = bavail * bsize;
  if (room < RESERVE_BYTES + bytes)
    throw new Error(`the disk is full (${Math.floor(room / 1024)} KiB left, and 2048 are kept free)`);
}
