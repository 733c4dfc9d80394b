// The service that kill.test.ts kills: the RADIUS door, admission and store as in `dialward serve`, with a clock that the
// test sets by message.
import { Admission } from "../../host/admission/admission.ts";
import { Core } from "../../host/core/core.ts";
import { silentLog } from "../../host/log/log.ts";
import type { LoginEvent } from "../../host/log/login-event.ts";
import { startRadius } from "../../host/radius/server.ts";
import { openEmbedded } from "../store/open.ts";
import { Sealer } from "../../host/store/seal.ts";

const [file, key, secret] = process.argv.slice(2) as [string, string, string];
let time = 0;
const clock = { seconds: () => time, plausible: () => true };
const store = await openEmbedded(file);
const reasons = new Set<string>();
const options = { clock, note: ({ verdict }: LoginEvent) => void reasons.add(verdict.reason) };
const admission = new Admission(Core.load(), store, new Sealer([Buffer.from(key, "hex")]), options);
const client = { address: "127.0.0.1", secret, name: "test", requireMessageAuthenticator: false };
const { addresses } = await startRadius({
  listen: "127.0.0.1:0",
  accounting: "127.0.0.1:0",
  clients: [client],
  admission,
  store,
  log: silentLog,
});
process.on("message", (now: number) => {
  time = now;
  process.send!({ reasons: [...reasons] });
});
process.send!({ port: addresses.authentication.port });
