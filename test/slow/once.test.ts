// One code sent on ten connections at the same instant, to the RADIUS door of a service: one accept.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Core } from "../../host/core/core.ts";
import { dialIn, PEER_PROOFS } from "../../host/radius/client/peer.ts";
import { openEmbedded } from "../store/open.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { bundle } from "./bundle.ts";

const CONNECTIONS = 10;
const ROUNDS = 20;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const SEALING_KEY = Buffer.alloc(32, 5);
const RADIUS_SECRET = "testing123";

let folder: string;
const services: { child: ChildProcess; port: number }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dialward-once-"));
  const file = join(folder, "data");
  const store = await openEmbedded(file);
  await new Users(Core.load(), store, new Sealer([SEALING_KEY])).add({
    name: "alice",
    secret: SECRET,
    active: true,
  });
  await store.close();
  const program = await bundle("victim", folder);
  {
    const child = fork(program, [file, SEALING_KEY.toString("hex"), RADIUS_SECRET]);
    const [ready] = await Promise.race([once(child, "message"), once(child, "exit")]);
    services.push({ child, port: (ready as { port: number }).port });
  }
});
afterAll(() => {
  for (const { child } of services) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

test("ten connections, every proof, one code: one accept", async () => {
  let time = 1_800_000_000;
  for (let round = 0; round < ROUNDS; round++, time += 30) {
    for (const { child } of services) {
      child.send(time);
      await once(child, "message");
    }
    const logins = Array.from({ length: CONNECTIONS }, (_, i) =>
      dialIn({
        server: { address: "127.0.0.1", port: services[0]!.port },
        secret: RADIUS_SECRET,
        user: "alice",
        password: totp(KEY, time),
        proof: PEER_PROOFS[(i + round) % PEER_PROOFS.length]!,
        timeout: 5000,
      }),
    );
    const outcomes = (await Promise.all(logins)).map(({ outcome }) => outcome).toSorted();
    expect(outcomes).toEqual(["accept", ...Array<string>(CONNECTIONS - 1).fill("refuse")]);
  }
});
