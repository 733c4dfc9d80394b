// Commands that root runs leave nothing behind that the service, a user of its own, cannot read and write: every file in
// the data folder stays its owner's, whatever commands came in whatever order. (As root, who may become another user.)
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPrivateFile, replacePrivateFile } from "../../host/config/private-file.ts";
import { loadClients, loadConfig } from "../../host/config/config.ts";
import { silentLog } from "../../host/log/log.ts";
import { openService } from "../../host/service/service.ts";
import { readTls } from "../../host/web/tls.ts";
import { hotp } from "../codes.ts";
import { runs } from "../runs.ts";

const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
/** nobody and nogroup of Debian; any other user would do. */
const OWNER = 65_534;

let folder: string;
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-as-root-"));
  chmodSync(folder, 0o755);
  for (const name of ["data", "log"]) {
    mkdirSync(join(folder, name), { mode: 0o700 });
    if (process.getuid!() === 0) chownSync(join(folder, name), OWNER, OWNER);
  }
  config = join(folder, "dialward.toml");
  writeFileSync(config, 'data = "data"\n[log]\naudit = "log/audit.jsonl"\n', { mode: 0o644 });
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(args: readonly string[], input = ""): void {
  const env = { ...process.env, DIALWARD_KEY: "", STATE_DIRECTORY: "" };
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, "--config", config, ...args], {
    env,
    input,
  });
  expect([args.join(" "), status, `${stderr}`]).toEqual([args.join(" "), 0, expect.any(String)]);
}

/** Every file in the folders, with its owner and its mode. */
const owners = () =>
  ["data", "log"].flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, encoding: "utf8" }).map((file) => {
      const { uid, gid, mode } = lstatSync(join(folder, name, file));
      return { file, uid, gid, open: mode & 0o077 };
    }),
  );

/** Runs `act` as the owner of the folder, in this process: where its program lies he may not read. */
async function asOwner<T>(act: () => Promise<T>): Promise<T> {
  const groups = process.getgroups!();
  process.setgroups!([]);
  process.setegid!(OWNER);
  process.seteuid!(OWNER);
  const mask = process.umask(0o077); // as the program does
  try {
    return await act();
  } finally {
    process.umask(mask);
    process.seteuid!(0);
    process.setegid!(0);
    process.setgroups!(groups);
  }
}

type Command = readonly [args: readonly string[], input?: string];
let names = 0;
/** What an administrator does, each a command or two that write. */
const ACTS: readonly (() => readonly Command[])[] = [
  () => [[["key", "add"]], [["key", "rotate"]]],
  () => [[["key", "rotate"]]],
  () => [[["administrator", "password", "--password-file", "-"], "correct horse battery\n"]],
  () => [[["administrator", "access", "--advanced"]], [["administrator", "unlock"]]],
  () => [[["management", "--allow", "ssh"]]],
  () => [[["user", "disable", "alice"]], [["user", "enable", "alice"]]],
  () => [[["user", "edit", "alice", "--types", "openvpn"]], [["user", "unlock", "alice"]]],
  () => [[["user", "recovery-codes", "alice"]]],
  () => {
    const users = [{ name: `user${++names}`, factor: "hotp", secret: SECRET }];
    return [[["user", "import", "-"], JSON.stringify({ users })], [["user", "remove", `user${names}`]]];
  },
];

describe.skipIf(process.getuid!() !== 0)("as root", () => {
  test(
    "whatever commands are run in a folder of another user, he can go on",
    { timeout: 300_000 },
    async () => {
      const walk = fc.shuffledSubarray([...ACTS], { minLength: 2, maxLength: 3 });
      let counter = 0;
      const act = async (acts: typeof ACTS): Promise<void> => {
        for (const [args, input] of acts.flatMap((each) => each())) {
          run(args, input);
          for (const each of owners())
            expect({ ...each, args }).toMatchObject({ uid: OWNER, gid: OWNER, open: 0 });
        }
        const outcome = await asOwner(async () => {
          const loaded = loadConfig(config);
          loadClients(loaded, () => {});
          const service = await openService(loaded, silentLog, () => {});
          try {
            await service.users.setEnabled("alice", true);
            service.settings.change((settings) => ({ ...settings, advanced: true }));
            await service.administrator().unlock();
            const proof = { kind: "clear", text: Buffer.from(hotp(KEY, counter)) } as const;
            return await service.admission.submit({ user: "alice", proof, type: "openvpn", source: "" });
          } finally {
            await service.close();
          }
        });
        expect(outcome).toMatchObject({ outcome: "accept", reason: "ok" });
        counter++;
        for (const each of owners()) expect(each).toMatchObject({ uid: OWNER, gid: OWNER, open: 0 });
      };
      run(["init"]);
      run(["user", "add", "alice", "--factor", "hotp", "--secret-file", "-"], `${SECRET}\n`);
      run(["user", "verify", "alice"], `${hotp(KEY, counter++)}\n`);
      // The two that were found, and then any.
      await act(ACTS.slice(1, 3));
      await fc.assert(fc.asyncProperty(walk, act), { ...runs(1), endOnFailure: true });
    },
  );

  test("links of the folder's owner lead root to nothing that he could not reach himself", () => {
    const [secret, away] = [join(folder, "secret"), join(folder, "away")];
    writeFileSync(secret, "of root alone", { mode: 0o600 });
    mkdirSync(away);
    const listen = '[radius]\nlisten = "127.0.0.1:0"\naccounting = "127.0.0.1:0"\n[web]\nlisten = "off"\n';
    writeFileSync(config, `data = "data"\n${listen}[log]\naudit = "log/below/audit.jsonl"\n`, {
      mode: 0o644,
    });
    symlinkSync(away, join(folder, "log", "below"));
    const fails = (...args: string[]): string => {
      const env = { ...process.env, DIALWARD_KEY: "", STATE_DIRECTORY: "" };
      const { status, stderr } = spawnSync(process.execPath, [PROGRAM, "--config", config, ...args], {
        env,
        timeout: 20_000,
        input: "123456\n",
      });
      expect([status, `${stderr}`]).toEqual([2, expect.stringContaining("permission denied")]);
      expect(readdirSync(away)).toEqual([]);
      return `${stderr}`;
    };
    expect(fails("serve")).toContain("audit.jsonl");
    rmSync(join(folder, "data", "radius-secret"));
    symlinkSync(secret, join(folder, "data", "radius-secret"));
    for (const command of [["serve"], ["dial", "alice"]])
      expect(fails(...command)).toContain("radius-secret");
  });

  test("what `serve` makes for itself, too: RADIUS secret, certificate", () => {
    const loaded = loadConfig(config);
    loadClients(loaded, () => {});
    const tls = readTls(loaded, "192.0.2.1", () => {})!;
    expect(`${tls.key}`).toMatch(/^-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n$/);
    expect(`${tls.cert}`).toMatch(/^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n$/);
    expect(owners().map(({ file }) => file)).toEqual(["radius-secret", "web-cert.pem", "web-key.pem"]);
    for (const each of owners()) expect(each).toMatchObject({ uid: OWNER, gid: OWNER, open: 0 });
  });
});

test("a file is put in place whole, for its owner alone, and no link is followed", () => {
  const [file, other] = [join(folder, "data", "file"), join(folder, "other")];
  writeFileSync(other, "untouched");
  symlinkSync(other, file);
  createPrivateFile(file, "one");
  expect([readFileSync(other, "utf8"), lstatSync(file).isSymbolicLink()]).toEqual(["untouched", true]);
  replacePrivateFile(file, "two");
  expect([readFileSync(other, "utf8"), readFileSync(file, "utf8")]).toEqual(["untouched", "two"]);
  expect(lstatSync(file).isFile()).toBe(true);
  expect(lstatSync(file).mode & 0o777).toBe(0o600);
  const dangling = join(folder, "data", "dangling");
  symlinkSync(join(folder, "elsewhere"), dangling);
  createPrivateFile(dangling, "three");
  expect(existsSync(join(folder, "elsewhere"))).toBe(false);
  // Where it cannot be put in place nothing is left behind.
  mkdirSync(join(folder, "data", "folder", "in it"), { recursive: true });
  expect(() => replacePrivateFile(join(folder, "data", "folder"), "four")).toThrow();
  expect(readdirSync(join(folder, "data")).toSorted()).toEqual(["dangling", "file", "folder"]);
});
