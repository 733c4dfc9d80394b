// The service whose writes power-cut.test.ts records under strace: it lets users in on a store, and after each batch
// writes what it would have answered, so that the record tells what was on the disk before which answer.
import { writeSync } from "node:fs";
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import { openEmbedded } from "../store/open.ts";
import { Sealer } from "../../host/store/seal.ts";
import { totp } from "../codes.ts";
import { KEY, NAMES, ROUNDS, SEALING_KEY, START } from "./power-cut.ts";

let time = START;
const clock = { seconds: () => time, plausible: () => true };
const store = await openEmbedded(process.argv[2]!, { logEntries: 60, retryMs: 0 });
const admission = new Admission(Core.load(), store, new Sealer([SEALING_KEY]), { clock });
for (let round = 0; round < ROUNDS; round++, time += 30) {
  const text = Buffer.from(totp(KEY, time));
  // A few users each round, so that a commit touches some pages and leaves others.
  const some = NAMES.filter((_, i) => (i * 7 + round) % 5 === 0);
  await Promise.all(
    some.map(async (user) => {
      const { outcome } = await admission.submit({ user, proof: { kind: "clear", text }, source: "nas" });
      if (outcome === "accept") writeSync(1, `ACCEPT ${user} ${round}\n`);
    }),
  );
}
await admission.close();
await store.close();
