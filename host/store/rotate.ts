// Key rotation while the service runs: the new key first in the file, every profile sealed anew, the old keys retired.
// Another machine's service reads its file again before it seals, and when it meets a key that it does not know.
import { randomBytes } from "node:crypto";
import { DialwardError } from "../errors.ts";
import { changeKeyFile, KEY_BYTES, wipeKeys } from "./key-file.ts";
import { keyId, type Sealer } from "./seal.ts";
import type { Resealed, Store } from "./store.ts";

/** Profiles that are stored at once: they are read, sealed and written before anybody of them is likely to log in. */
const PIECE = 64;
/** How often all users are gone through when some were left, because they logged in meanwhile. */
const PASSES = 20;

/** Adds a key that opens and does not seal yet: where several machines share a store, each gets the file first. */
export function addKey(file: string): void {
  const ring = changeKeyFile(file, (ring) => {
    if (ring.next) throw new DialwardError("exists", `${file} has a next key already: dialward key rotate`);
    const next = randomBytes(KEY_BYTES);
    return { ...ring, keys: [...ring.keys, next], next };
  });
  wipeKeys(ring);
}

/**
 * Rotates to the next key, or to a new one where there is none, and seals every profile of `stores` with it; the
 * number of them. `sealer` is the one that this process seals with. The keys before open until the next rotation: what
 * another machine has sealed meanwhile is not lost. Throws DialwardError("sealed") naming users that do not open: then
 * the old keys stay as they are.
 */
export async function rotateKeys(file: string, stores: readonly Store[], sealer: Sealer): Promise<number> {
  const idsOf = (keys: readonly Buffer[]): string[] => keys.map((key) => keyId(key).toString("hex"));
  let old: string[] = [];
  const during = changeKeyFile(file, (ring) => {
    const { keys, next, retired = [] } = ring;
    const before = keys.filter((key) => key !== next && !retired.includes(key));
    old = idsOf(before);
    return { ...ring, keys: [next ?? randomBytes(KEY_BYTES), ...before, ...retired], next: undefined };
  });
  const gone = idsOf(during.retired ?? []);
  sealer.use(during);
  await sealer.quiet();
  const sealed = new Set<string>();
  await sealAll(stores, sealer, sealed);
  // Only now, when nothing is sealed with them, do those go that were retired before; and only they.
  sealer.use(
    changeKeyFile(file, (ring) => {
      const ids = idsOf(ring.keys);
      const keys = ring.keys.filter((_, i) => !gone.includes(ids[i]!));
      return {
        ...ring,
        keys,
        retired: ring.keys.filter((key, i) => keys.includes(key) && old.includes(ids[i]!)),
      };
    }),
  );
  return sealed.size;
}

async function sealAll(stores: readonly Store[], sealer: Sealer, sealed: Set<string>): Promise<void> {
  for (let pass = 0; pass < PASSES; pass++) {
    let left = false;
    const problems: string[] = [];
    for (const [i, store] of stores.entries()) {
      let piece: Resealed[] = [];
      const write = async (): Promise<void> => {
        await store.reseal(piece);
        for (const { user } of piece) sealed.add(`${i} ${user}`);
        piece = [];
      };
      for await (const { user, entry } of store.list()) {
        if (sealer.isCurrent(entry.profile)) continue;
        left = true;
        try {
          const text = sealer.open(user, entry.profile);
          piece.push({ user, revision: entry.revision, profile: sealer.seal(user, text) });
          text.fill(0);
        } catch (error) {
          if (!(error instanceof DialwardError) || error.code !== "sealed") throw error;
          problems.push(error.message);
        }
        if (piece.length === PIECE) await write();
      }
      if (piece.length > 0) await write();
    }
    if (problems.length > 0)
      throw new DialwardError("sealed", `The old keys are kept in use, because of: ${problems.join(" ")}`);
    // Those who logged in or were changed meanwhile come in the next pass.
    if (!left) return;
  }
  throw new DialwardError(
    "conflict",
    "Users are being changed all the time; the old keys are kept. Try again.",
  );
}
