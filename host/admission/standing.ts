// Which profile an entry has: what a record, a first step and an answer that waits were judged by, and whether it is that
// one still.
import { tagOf } from "../store/seal.ts";
import type { Entry } from "../store/store.ts";

/** As many bytes as a door keeps of a verdict (assembly/radius/). */
const STANDING_BYTES = 16;

/**
 * A number above 0 that no other profile of the user has had while this process lives: the store's, or where it has none
 * the sealed profile's tag.
 */
export function standingOf(entry: Entry): number {
  return entry.standing ?? 1 + tagOf(entry.profile);
}

/** The same as a verdict has it. */
export function printStanding(entry: Entry): Uint8Array {
  const bytes = Buffer.alloc(STANDING_BYTES);
  bytes.writeDoubleLE(standingOf(entry));
  return bytes;
}

/** Whether an entry still has the profile that was printed so. */
export function isStanding(standing: Uint8Array, entry: Entry): boolean {
  return Buffer.compare(standing, printStanding(entry)) === 0;
}
