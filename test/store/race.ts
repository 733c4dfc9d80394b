// One of several processes on one store, for test/store/race.test.ts: submits all dial-ins it is sent at once.
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import { openLmdb } from "../../host/store/lmdb.ts";
import { Sealer } from "../../host/store/seal.ts";

export interface Round {
  time: number;
  dialIns: { user: string; code: string }[];
}

const [file, key] = process.argv.slice(2);
let time = 0;
const clock = { seconds: () => time, plausible: () => true };
const store = openLmdb(file!);
const admission = new Admission(Core.load(), store, new Sealer([Buffer.from(key!, "hex")]), { clock });

process.on("message", async (round: Round) => {
  time = round.time;
  const verdicts = await Promise.all(
    round.dialIns.map(({ user, code }) =>
      admission.submit({ user, proof: { kind: "clear", text: Buffer.from(code) }, source: "race" }),
    ),
  );
  process.send!(verdicts.map(({ reason }) => reason));
});
process.on("disconnect", async () => {
  await admission.close();
  await store.close();
});
process.send!("ready");
