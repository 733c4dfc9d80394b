// Whether a folder that was hurt lets in with what was accepted before.
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import { Sealer } from "../../host/store/seal.ts";
import type { Store } from "../../host/store/store.ts";
import { totp } from "../codes.ts";
import { openEmbedded } from "../store/open.ts";
import { KEY, NAMES, SEALING_KEY, START } from "./power-cut.ts";

const core = Core.load();
const sealer = new Sealer([SEALING_KEY]);

/**
 * Opens a folder and sends each user's latest accepted code again, at its time; how many are accepted. `look` sees the
 * store before.
 */
export async function replay(
  data: string,
  answered: ReadonlyMap<string, number>,
  look: (store: Store) => Promise<void> = async () => {},
): Promise<number> {
  const store = await openEmbedded(data);
  try {
    await look(store);
    let accepted = 0;
    for (const round of new Set(answered.values())) {
      const time = START + round * 30;
      const clock = { seconds: () => time, plausible: () => true };
      const admission = new Admission(core, store, sealer, { clock });
      const text = Buffer.from(totp(KEY, time));
      const users = NAMES.filter((user) => answered.get(user) === round);
      const verdicts = await Promise.all(
        users.map((user) => admission.submit({ user, proof: { kind: "clear", text }, source: "nas" })),
      );
      accepted += verdicts.filter(({ outcome }) => outcome === "accept").length;
    }
    return accepted;
  } finally {
    await store.close();
  }
}
