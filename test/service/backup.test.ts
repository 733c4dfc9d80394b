// Backup and restore: everything comes back, and no code that may have been used since the backup was made.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadConfig } from "../../host/config/config.ts";
import { silentLog } from "../../host/log/log.ts";
import { restoreBackup } from "../../host/service/backup.ts";
import { openService, type Service } from "../../host/service/service.ts";
import { sealUsers } from "../../host/formats/sealed.ts";
import { writePskc } from "../../host/formats/pskc-write.ts";
import { openBackup, sealBackup, type BackupLine } from "../../host/store/backup.ts";
import { hotp, totp } from "../codes.ts";
import { runCommand } from "../command.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const PASSPHRASE = "correct horse battery staple";

let folder: string;
const at = (name: string): string => join(folder, name);
const run = (data: string, args: readonly string[], input = "") =>
  runCommand(["--data", at(data), ...args], input);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-backup-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

async function open(data: string): Promise<Service> {
  return openService(loadConfig(undefined, at(data)), silentLog, () => {});
}

const whole = async (pieces: AsyncIterable<Buffer>): Promise<Buffer> =>
  Buffer.concat(await Readable.from(pieces).toArray());

async function log(service: Service, user: string, code: string): Promise<string> {
  const proof = { kind: "clear", text: Buffer.from(code) } as const;
  return (await service.admission.submit({ user, proof, source: "" })).reason;
}

test("what was spent before and after the backup stays spent, until it is too old; the rest is as it was", async () => {
  const users = ["alice", "bob"].map((name) => ({ name, secret: SECRET, active: true }));
  const rows = [
    ...users,
    { name: "hal", factor: "hotp", secret: SECRET, active: true },
    { name: "new", secret: SECRET },
  ];
  expect(await run("first", ["init"])).toMatchObject({ status: 0 });
  expect(await run("first", ["user", "import", "-"], JSON.stringify({ users: rows }))).toMatchObject({
    status: 0,
  });
  expect(await run("first", ["user", "disable", "bob"])).toMatchObject({ status: 0 });
  expect(await run("first", ["group", "save", "Sales", "--logins", "2"])).toMatchObject({ status: 0 });
  const now = Date.now() / 1000;
  expect(await run("first", ["user", "verify", "alice"], totp(KEY, now))).toMatchObject({ status: 0 });
  expect(await run("first", ["user", "verify", "hal"], hotp(KEY, 0))).toMatchObject({ status: 0 });
  const clients = JSON.stringify([{ name: "Büro", address: "192.0.2.1", secret: "größer als ß" }]);
  writeFileSync(at("first/radius-clients.json"), clients, { mode: 0o600 });
  // A passphrase that is guessed at once guards nothing.
  expect(await run("first", ["backup", at("file"), "--passphrase-file", "-"], "seven77")).toMatchObject({
    status: 2,
    err: expect.stringContaining("at least 8 letters"),
  });
  expect(existsSync(at("file"))).toBe(false);
  const made = await run("first", ["backup", at("file"), "--passphrase-file", "-"], PASSPHRASE);
  expect(made).toMatchObject({ status: 0, err: "", out: expect.stringContaining("4 users") });
  expect(statSync(at("file")).mode & 0o777).toBe(0o600);
  expect(readFileSync(at("file"), "latin1")).not.toContain(
    readFileSync(at("first/key"), "latin1").slice(0, 32),
  );
  // After it: a code that the backup does not know of.
  expect(await run("first", ["user", "verify", "alice"], totp(KEY, now + 30))).toMatchObject({ status: 0 });
  expect(await run("first", ["backup", at("file"), "--passphrase-file", "-"], PASSPHRASE)).toMatchObject({
    status: 2,
  });

  expect(await run("second", ["restore", at("file"), "--passphrase-file", "-"], "wrong")).toMatchObject({
    status: 1,
  });
  const restored = await run("second", ["restore", at("file"), "--passphrase-file", "-"], PASSPHRASE);
  expect(restored).toMatchObject({ status: 0, err: expect.stringContaining("hal") });
  expect(readFileSync(at("second/radius-clients.json"), "utf8")).toBe(clients);
  expect(await run("second", ["restore", at("file"), "--passphrase-file", "-"], PASSPHRASE)).toMatchObject({
    status: 1,
  });
  vi.useFakeTimers({ toFake: ["Date"], now: now * 1000 });
  const service = await open("second");
  try {
    for (const step of [-1, 0, 1])
      expect(await log(service, "alice", totp(KEY, now + 30 * step))).not.toBe("ok");
    expect(await log(service, "bob", totp(KEY, now))).toBe("profile-disabled");
    expect(await service.groups.named(["Sales"])).toEqual([{ name: "Sales", logins: 2 }]);
    expect(await log(service, "new", totp(KEY, now))).toBe("profile-pending");
    expect(await log(service, "hal", hotp(KEY, 0))).not.toBe("ok");
    expect(await log(service, "hal", hotp(KEY, 1))).toBe("ok");
    vi.setSystemTime((now + 3600) * 1000);
    await service.users.unlock("alice");
    expect(await log(service, "alice", totp(KEY, now + 3600))).toBe("ok");
  } finally {
    await service.close();
  }
});

test("without keys a backup opens with them alone", async () => {
  await run("first", ["init"]);
  await run("first", ["user", "add", "alice", "--secret-file", "-"], `${SECRET}\n`);
  expect(await run("first", ["backup", at("file"), "--no-keys"])).toMatchObject({ status: 0 });
  expect(await run("none", ["restore", at("file")])).toMatchObject({
    status: 1,
    err: expect.stringContaining("key"),
  });
  await run("other", ["init"]);
  const elsewhere = loadConfig(undefined, at("third"));
  mkdirSync(at("third"), { mode: 0o700 });
  writeFileSync(at("third/key"), readFileSync(at("other/key")), { mode: 0o600 });
  const never = async (): Promise<string> => expect.fail("no passphrase is needed");
  await expect(restoreBackup(elsewhere, readFileSync(at("file")), never, () => {})).rejects.toMatchObject({
    code: "sealed",
  });
  writeFileSync(at("third/key"), readFileSync(at("first/key")), { mode: 0o600 });
  expect(await restoreBackup(elsewhere, readFileSync(at("file")), never, () => {})).toMatchObject({
    users: 1,
  });
});

test("any byte of a backup changed, and any cut, opens nothing", async () => {
  const rootKey = Buffer.alloc(32, 3);
  const sealed = await whole(sealBackup([{ kind: "made", seconds: 1 }], { rootKey }));
  expect(await openBackup(sealed, { rootKey })).toMatchObject({ made: 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(sealed.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (place, bits, cut) => {
        const bad = cut ? sealed.subarray(0, place) : Buffer.from(sealed);
        if (!cut) bad[place]! ^= bits;
        await expect(openBackup(bad, { rootKey })).rejects.toThrow(
          expect.objectContaining({ name: "DialwardError" }),
        );
      },
    ),
  );
});

test("lines of any number and length come back; one that fails while they are read fails the backup", async () => {
  const rootKey = Buffer.alloc(32, 3);
  const bytes = fc.uint8Array({ maxLength: 400 }).map((each) => Buffer.from(each));
  const user = fc.record({
    realm: fc.constantFrom("users" as const, "administrator" as const),
    ...{ user: fc.string({ unit: "grapheme", maxLength: 40 }), profile: bytes, state: bytes },
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(user, { maxLength: 40 }),
      fc.constantFrom(1, 100),
      fc.array(fc.string()),
      async (some, times, texts) => {
        const users = Array.from({ length: times }, () => some).flat();
        const lines: BackupLine[] = [
          ...texts.map((text, i) => ({ kind: "file" as const, name: `f${i}`, text })),
          ...texts.map((group) => ({ kind: "group" as const, group })),
          ...users.map(({ realm, user, profile, state }) => ({
            ...{ kind: "user" as const, realm, user },
            ...{ profile: profile.toString("base64"), state: state.toString("base64") },
          })),
        ];
        const opened = await openBackup(await whole(sealBackup(lines, { rootKey })), { rootKey });
        expect([opened.files, opened.groups]).toEqual([
          new Map(texts.map((text, i) => [`f${i}`, text])),
          texts,
        ]);
        for (const realm of ["users", "administrator"] as const) {
          const found = (await Readable.from(opened.users(realm)).toArray()).flat();
          const wanted = users.filter((one) => one.realm === realm);
          expect(found).toEqual(wanted.map(({ user, profile, state }) => ({ user, profile, state })));
        }
      },
    ),
    { numRuns: 30 },
  );
  async function* failing(): AsyncGenerator<BackupLine> {
    yield { kind: "made", seconds: 1 };
    throw new Error("the store cannot be read");
  }
  await expect(whole(sealBackup(failing(), { rootKey }))).rejects.toThrow("the store cannot be read");
});

test("logins go on while a passphrase is made into a key", async () => {
  const user = { name: "ada", secret: SECRET };
  const file = await whole(sealBackup([{ kind: "made", seconds: 1 }], { passphrase: PASSPHRASE }));
  const works: Record<string, () => Promise<unknown>> = {
    opened: () => openBackup(file, { passphrase: PASSPHRASE }),
    backup: () => whole(sealBackup([], { passphrase: PASSPHRASE })),
    sealed: async () => (await sealUsers([user], { about: {} }, PASSPHRASE).next()).value,
    pskc: () => writePskc([], "Dialward", PASSPHRASE),
  };
  for (const [name, work] of Object.entries(works)) {
    let turns = 0;
    let over = false;
    const turn = (): void => {
      turns++;
      if (!over) setImmediate(turn);
    };
    turn();
    await work();
    over = true;
    expect(turns, name).toBeGreaterThan(20);
  }
});
