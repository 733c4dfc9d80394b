// A checkpoint of the spent log: all states in one file, beside the logins, and the removal of what it makes needless.
// (spent-log.md, "On a disk")
import { readdirSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ENTRY_BYTES, isLater, KIND_CHECKPOINT, makeHeader, sealEntry, STATE_AT } from "./spent-entry.ts";
import { pathOf, syncFolder, writeWhole } from "./spent-files.ts";
import type { States } from "./states.ts";

const SLICE_ENTRIES = 4096;

/**
 * Writes checkpoint `sequence` of `states`, puts it in place, and removes older logs and checkpoints but for one. Gives
 * up once `isClosed`. Throws where it cannot be written.
 */
export async function writeCheckpoint(
  folder: string,
  sequence: number,
  states: States,
  isClosed: () => boolean,
): Promise<void> {
  const path = pathOf(folder, sequence, "checkpoint");
  const file = await open(`${path}.draft`, "w", 0o600);
  try {
    let count = 0;
    let at = ENTRY_BYTES;
    const slice = Buffer.alloc(SLICE_ENTRIES * ENTRY_BYTES);
    for (let slot = 1; slot <= states.last;) {
      let size = 0;
      for (; slot <= states.last && size < slice.length; slot++) {
        if (!states.has(slot)) continue;
        states.at(slot).copy(slice, size + STATE_AT);
        sealEntry(slice, size, slot, states.revision(slot), false);
        size += ENTRY_BYTES;
        count++;
      }
      await writeWhole(file, slice, size, at);
      at += size;
      if (isClosed()) return;
    }
    await writeWhole(file, makeHeader({ sequence, kind: KIND_CHECKPOINT, count, before: 0 }), ENTRY_BYTES, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.draft`, path);
  syncFolder(folder);
  await cleanUp(folder, sequence);
}

/** Removes what the checkpoint of `sequence` and the one before it have made needless. */
async function cleanUp(folder: string, sequence: number): Promise<void> {
  const names = readdirSync(folder).filter((name) => /^[0-9a-f]{8}\./.test(name));
  const numberOf = (name: string): number => Number.parseInt(name, 16);
  const kept = names
    .filter((name) => name.endsWith(".checkpoint") && isLater(sequence, numberOf(name)))
    .map(numberOf)
    .reduce((last, one) => (last === sequence || isLater(one, last) ? one : last), sequence);
  for (const name of names) if (isLater(kept, numberOf(name))) await rm(join(folder, name), { force: true });
}
