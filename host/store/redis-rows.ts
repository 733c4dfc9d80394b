// Rows of many users as one string, on the way to Redis and back: an argument or a reply for each user would cost more
// than all the rest of a login. (redis.io: "Lua API reference", struct; redis-scripts.ts has the other end.)
import { resume } from "../core/state.ts";
import { newRevision, printMark } from "./redis-keys.ts";
import { STATE_BYTES } from "./spent-entry.ts";
import type { Entry, Update } from "./store.ts";

const REVISION_BYTES = 6;
const REVISIONS = 2 ** (8 * REVISION_BYTES);
const LENGTH_BYTES = 4;
const ROW_BYTES = 2 * REVISION_BYTES + STATE_BYTES + 2 * LENGTH_BYTES;

/** What another program has put under a user's key is that user's fault; the state is lost, as the spent log has it. */
const LOST = Buffer.alloc(STATE_BYTES, 0xff);
const FOREIGN: Entry = { profile: Buffer.alloc(0), state: LOST, revision: -1, damaged: true };

/** What COMMIT takes; states go on from what is `known` of the updates' secrets. */
export function packUpdates(
  updates: readonly Update[],
  known: readonly (Buffer | null | undefined)[],
): Buffer {
  const marks = updates.map(({ mark }) => (mark ? printMark(mark) : ""));
  const size = updates.reduce(
    (sum, { profile }, i) => sum + ROW_BYTES + (profile?.length ?? 0) + marks[i]!.length,
    0,
  );
  const rows = Buffer.allocUnsafe(size);
  let at = 0;
  const put = (bytes: Uint8Array): void => {
    rows.set(bytes, at);
    at += bytes.length;
  };
  updates.forEach(({ revision, profile, state }, i) => {
    at = rows.writeUIntLE(revision, at, REVISION_BYTES);
    at = rows.writeUIntLE(newRevision(), at, REVISION_BYTES);
    put(known[i] ? resume(known[i], state) : state);
    at = rows.writeUInt32LE(profile?.length ?? 0, at);
    if (profile) put(profile);
    at = rows.writeUInt32LE(marks[i]!.length, at);
    at += rows.write(marks[i]!, at, "latin1");
  });
  return rows;
}

/** What LOAD returns of `count` users; undefined where there is none. */
export function unpackEntries(rows: Buffer, count: number): (Entry | undefined)[] {
  let at = 0;
  const take = (): Buffer | undefined | null => {
    const length = rows.readInt32LE(at);
    at += LENGTH_BYTES;
    if (length < 0) return length === -1 ? undefined : null;
    return rows.subarray(at, (at += length));
  };
  const entries: (Entry | undefined)[] = [];
  while (entries.length < count) {
    const [revision, state, profile] = [take(), take(), take()];
    if (revision === undefined && state === undefined && profile === undefined) {
      entries.push(undefined);
      continue;
    }
    const number = revision ? Number(revision.toString("latin1")) : 0;
    const ours = Number.isInteger(number) && number > 0 && number < REVISIONS;
    if (profile && state?.length === STATE_BYTES && ours) entries.push({ profile, state, revision: number });
    else entries.push({ ...FOREIGN, profile: profile ?? FOREIGN.profile });
  }
  return entries;
}
