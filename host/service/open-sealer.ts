// The sealing keys of a service: read, or made for a new store, and tried on a user before the first login needs them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DialwardError } from "../errors.ts";
import type { GroupStore } from "../groups/groups.ts";
import { environmentKeys, KEY_FILE, loadKeys, Sealer } from "../store/seal.ts";
import type { Store } from "../store/store.ts";

/**
 * The keys in the folder `data`, or in DIALWARD_KEY. Where there are none, `create` makes them, for a store without
 * users. Throws DialwardError("sealed") where they do not open its users.
 */
export async function openSealer(
  data: string,
  store: Store,
  create: boolean,
  warn: (message: string) => void,
): Promise<Sealer> {
  const file = join(data, KEY_FILE);
  // A new key for a store that has users would only hide that theirs is missing.
  const mayCreate = create && !existsSync(file) && (await isEmpty(store));
  const sealer = new Sealer(loadKeys(file, mayCreate, warn));
  await checkKeys(store, sealer, environmentKeys() ? "DIALWARD_KEY" : file);
  return sealer;
}

/** A document of the store, sealed under its name. */
export function sealedDocument(store: Store, sealer: Sealer, name: string): GroupStore {
  // No user can have this name: it holds a control character.
  const label = `\0${name}`;
  return {
    async read() {
      const sealed = await store.document(name);
      return sealed && sealer.open(label, sealed);
    },
    write: (document) =>
      sealer.using(() => store.saveDocument(name, sealer.seal(label, Buffer.from(document)))),
  };
}

/** Throws where the first user of the store does not open: better now than at its login. */
async function checkKeys(store: Store, sealer: Sealer, from: string): Promise<void> {
  try {
    for await (const { user, entry } of store.list()) {
      if (!entry.damaged) sealer.open(user, entry.profile).fill(0);
      return;
    }
  } catch (cause) {
    // A Redis that does not answer now may answer later.
    if (!(cause instanceof DialwardError) || cause.code !== "sealed") return;
    throw new DialwardError(
      "sealed",
      `The keys in ${from} do not open the users of this store: ${cause.message} Put the file back that they were ` +
        "sealed with, as it was before, or restore a backup that has it.",
      { cause },
    );
  }
}

async function isEmpty(store: Store): Promise<boolean> {
  for await (const _ of store.list()) return false;
  return true;
}
