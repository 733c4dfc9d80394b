// Who signs its requests, remembered over restarts: packets of a simulated NAS through the real listener.
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { silentLog, type Log } from "../../host/log/log.ts";
import type { Judge } from "../../host/radius/door.ts";
import { openDoor } from "../../host/radius/listener.ts";
import { Signing } from "../../host/radius/signing.ts";
import { copyStore } from "../../host/store/copy.ts";
import { runs } from "../runs.ts";
import { request, SECRET, type Parts } from "../service/simulated-nas.ts";
import { MemoryStore } from "../store/memory-store.ts";

const CLIENT = {
  address: "127.0.0.1",
  secret: SECRET,
  name: "here",
  requireMessageAuthenticator: "auto",
} as const;
const PARTS: Parts = {
  ...{ proof: "pap", identifier: 1, authenticator: 1, port: 9 },
  ...{ session: undefined, station: undefined, nasPort: undefined, nas: undefined },
};
const NOBODY: Judge = {
  admit: (login) => login.decide({ outcome: "refuse", reason: "wrong-code", waitSeconds: 0, offset: 0 }),
  look: async () => ({ reason: "unknown-user" }),
};

test("auto holds over restarts: who has signed once must, who never does is named at each start", async () => {
  const store = new MemoryStore();
  const packet = fc.record({
    from: fc.constantFrom("192.0.2.7", "192.0.2.8", "127.0.0.1"),
    signed: fc.boolean(),
    restart: fc.boolean(),
  });
  const address = { "192.0.2.7": "gate@192.0.2.7", "192.0.2.8": "gate@192.0.2.8", "127.0.0.1": "here" };
  await fc.assert(
    fc.asyncProperty(fc.array(packet, { minLength: 10, maxLength: 30 }), async (packets) => {
      store.documents.clear();
      const signs = new Set<string>();
      const never = new Set<string>();
      let told: (string | undefined)[] = [];
      const log = { ...silentLog, warn: ({ nas }: { nas?: string }) => void told.push(nas) } as Log;
      const start = async () =>
        openDoor(
          {
            clients: [
              { ...CLIENT, address: "192.0.2.0/24", name: "gate", requireMessageAuthenticator: "auto" },
              { ...CLIENT, name: "here", requireMessageAuthenticator: "auto" },
            ],
            ...{ admission: NOBODY, store, log, signing: await Signing.open(store, log) },
          },
          { send: () => true, isIdle: () => true },
        );
      let remote = await start();
      for (const [id, { from, signed, restart }] of packets.entries()) {
        const before = remote.counters.missingAuthenticator;
        const bytes = request({ ...PARTS, identifier: id, authenticator: id }, "alice", "1", signed);
        remote.receive(bytes, { address: from, port: 9 }, false);
        const dropped = remote.counters.missingAuthenticator - before;
        expect(dropped).toBe(!signed && signs.has(from) ? 1 : 0);
        if (from !== "127.0.0.1") (signed ? signs : never).add(from);
        if (!restart) continue;
        await remote.close();
        told = [];
        remote = await start();
        const named = [...never].filter((one) => !signs.has(one)).map((one) => address[one as typeof from]);
        expect(told.toSorted()).toEqual(named.toSorted());
      }
      await remote.close();
    }),
    runs(3),
  );
});

test("a list of who signs that cannot be read is told, and learned anew", async () => {
  const store = new MemoryStore();
  const error = vi.fn();
  for (const document of ["{", "[1]", '{"gate":1}']) {
    store.documents.set("radius-signing", Buffer.from(document));
    await Signing.open(store, { ...silentLog, error });
  }
  expect(error).toHaveBeenCalledTimes(3);
  const signing = new Signing(silentLog, store);
  store.documents.clear();
  signing.note("gate", true);
  await signing.close();
  expect((await Signing.open(store, silentLog)).of("gate")).toBe(true);
});

test("what another machine has learned of the same store is not lost", async () => {
  const store = new MemoryStore();
  const [here, there] = [await Signing.open(store, silentLog), await Signing.open(store, silentLog)];
  here.note("gate", true);
  await here.close();
  there.note("gate", false);
  there.note("branch", false);
  await there.close();
  const later = await Signing.open(store, silentLog);
  expect(["gate", "branch", "other"].map((name) => later.of(name))).toEqual([true, false, undefined]);
});

test("it goes along to another store", async () => {
  const [from, to] = [new MemoryStore(), new MemoryStore()];
  const signing = await Signing.open(from, silentLog);
  signing.note("gate", true);
  await signing.close();
  await copyStore(from, to);
  expect((await Signing.open(to, silentLog)).of("gate")).toBe(true);
});

test("a flood from addresses that never sign forgets nobody who does, and is written seldom", async () => {
  const store = new MemoryStore();
  const saved = vi.spyOn(store, "saveDocument");
  const warn = vi.fn();
  const signing = await Signing.open(store, { ...silentLog, warn });
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}@${i}`);
  signing.note("gate", true);
  for (const name of names("far", 5000)) signing.note(name, false);
  for (const name of names("near", 100)) signing.note(name, true);
  await signing.close();
  expect(saved.mock.calls.length).toBeLessThan(5);
  expect(warn.mock.calls.length).toBeLessThan(2100);
  const later = await Signing.open(store, silentLog);
  for (const name of ["gate", ...names("near", 100)]) expect([name, later.of(name)]).toEqual([name, true]);
});
