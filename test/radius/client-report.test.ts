// What a RADIUS client is seen to be, and whom its names mean: packets of a simulated NAS through the real listener.
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { RadiusClient } from "../../host/config/config.ts";
import type { DialIn, Login, Verdict } from "../../host/core/dial-in.ts";
import { silentLog } from "../../host/log/log.ts";
import type { RadiusDoor } from "../../host/radius/door.ts";
import { openDoor } from "../../host/radius/listener.ts";
import { readUserName, type NamePolicy } from "../../host/users/user-name.ts";
import { runs } from "../runs.ts";
import { accountingRequest, request, SECRET, type Parts } from "../service/simulated-nas.ts";

const CLIENT: RadiusClient = {
  address: "203.0.113.1",
  secret: SECRET,
  name: "gate",
  requireMessageAuthenticator: false,
};
const PARTS: Parts = {
  proof: "pap",
  identifier: 1,
  authenticator: 1,
  port: 40_000,
  session: undefined,
  station: undefined,
  nasPort: undefined,
  nas: undefined,
};

let door: RadiusDoor | undefined;
afterEach(() => door?.close());

/** A door of `clients` that accepts nobody; and the dial-ins that it was asked about. */
function open(clients: RadiusClient[]): DialIn[] {
  const asked: DialIn[] = [];
  const refuse: Verdict = { outcome: "refuse", reason: "wrong-code", waitSeconds: 0, offset: 0 };
  const admit = (login: Login): void => {
    asked.push({ ...login }); // the door fills the same object again
    login.decide(refuse);
  };
  const admission = { admit, look: async () => ({ reason: "unknown-user" as const }) };
  const store = { saveSession: async () => {}, dropSession: async () => undefined, sessions: async () => [] };
  door = openDoor({ clients, admission, store, log: silentLog }, { send: () => true, isIdle: () => true });
  return asked;
}

test("what was seen of each client is told: signatures, stations, accounting", async () => {
  open([
    CLIENT,
    { ...CLIENT, address: "198.51.100.0/24", name: "branch", station: "none" },
    { ...CLIENT, address: "203.0.113.9", name: "silent" },
  ]);
  const send = (bytes: Buffer, address: string, accounting = false) =>
    door!.receive(bytes, { address, port: 40_000 }, accounting);
  for (const station of ["192.0.2.7[500]", "192.0.2.8[500]"])
    send(request({ ...PARTS, station }, "alice", "000000"), "203.0.113.1");
  send(request({ ...PARTS, authenticator: 2, station: "198.51.100.3" }, "alice", "000000"), "198.51.100.3");
  send(accountingRequest("alice", "909E2C3A"), "198.51.100.3", true);
  const report = (name: string) => door!.clients().find((one) => one.name === name);
  expect(report("gate")).toMatchObject({
    address: "203.0.113.1",
    messageAuthenticator: "always",
    station: "caller",
    stationSetting: "auto",
    accounting: false,
  });
  expect(report("branch@198.51.100.3")).toMatchObject({
    station: "own",
    stationSetting: "none",
    accounting: true,
  });
  expect(Date.now() - report("gate")!.lastPacket!).toBeLessThan(60_000);
  expect(report("silent")).toEqual({
    name: "silent",
    address: "203.0.113.9",
    stationSetting: "auto",
    accounting: false,
  });
  send(request({ ...PARTS, identifier: 9 }, "alice", "000000", false), "203.0.113.1");
  expect(report("gate")!.messageAuthenticator).toBe("sometimes");
});

test("a flood from addresses that show no secret makes nobody forgotten who has shown it", () => {
  open([{ ...CLIENT, address: "10.0.0.0/8" }]);
  const send = (address: string, signed: boolean): void =>
    door!.receive(request(PARTS, "alice", "000000", signed), { address, port: 40_000 }, false);
  const known = ["10.255.0.1", "10.255.0.2"];
  for (const address of known) send(address, true);
  for (let i = 0; i < 3000; i++) send(`10.0.${i >> 8}.${i & 255}`, false);
  const heard = new Set(door!.clients().map(({ address }) => address));
  expect(known.filter((address) => !heard.has(address))).toEqual([]);
  expect(heard.size).toBeLessThan(3000);
});

test("clients of one name are told apart by their addresses; this machine is one", () => {
  const addresses = ["203.0.113.1", "203.0.113.2", "2001:db8::1", "127.0.0.1", "::1", "198.51.100.1"];
  const asked = open([
    ...addresses.map((address) => ({ ...CLIENT, address })),
    { ...CLIENT, address: "192.0.2.1", name: "other" },
  ]);
  for (const address of [...addresses, "192.0.2.1"])
    door!.receive(request(PARTS, "alice", "000000"), { address, port: 40_000 }, false);
  const names = ["@203.0.113.1", "@203.0.113.2", "@2001:db8::1", "", "", "@198.51.100.1"];
  expect(asked.map(({ nas }) => nas)).toEqual([...names.map((behind) => `gate${behind}`), "other"]);
});

test("a name means whom the client's settings say, and by default exactly who is named", async () => {
  const part = fc.constantFrom("", "alice", "Bob", "corp.example", "CORP", "@", "\\", "@@", "ü", " ");
  const policy = fc.record<NamePolicy>({
    realm: fc.constantFrom(undefined, "keep", "strip"),
    domain: fc.constantFrom(undefined, "keep", "strip"),
    case: fc.constantFrom(undefined, "exact", "fold"),
  });
  await fc.assert(
    fc.asyncProperty(policy, fc.array(part, { minLength: 1, maxLength: 5 }), async (settings, parts) => {
      const name = parts.join("");
      fc.pre(name !== "");
      const asked = open([{ ...CLIENT, ...settings }]);
      door!.receive(request(PARTS, name, "000000"), { address: CLIENT.address, port: 40_000 }, false);
      const meant = readUserName(name, settings);
      expect(asked.map(({ user }) => user)).toEqual(meant === "" ? [] : [meant]);
    }),
    runs(20),
  );
});
