// The embedded store in a folder of its own, for tests: closing it closes the folder.
import { DataFolder } from "../../host/store/data-folder.ts";
import { EmbeddedStore, type EmbeddedOptions } from "../../host/store/embedded.ts";
import type { SecretMark } from "../../host/store/store.ts";

export async function openEmbedded(path: string, options: EmbeddedOptions = {}): Promise<EmbeddedStore> {
  const folder = await DataFolder.open(path, { create: true });
  try {
    const store = await EmbeddedStore.open(folder, { create: true, ...options });
    const close = store.close.bind(store);
    store.close = async () => {
      await close();
      await folder.close();
    };
    return store;
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** A secret's mark of its own for each text. */
export function markOf(text: string, period = 30): SecretMark {
  const hash = Buffer.alloc(16);
  hash.write(text);
  return { hash, period };
}
