// Takes each mechanism out of a copy of the sources and shows that the test of its promise fails then:
// `node test/slow/mechanisms.mjs`, or with a word to run the promises that hold it. host/SECURITY.md has the table.
// Plain JavaScript: it runs for minutes and is no part of .ci/run.
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;

/** [promise, file, what is there, what stands there instead, test file, its test or none for all]. */
const MECHANISMS = [
  [
    "what is spent is remembered by the secret",
    "host/store/embedded.ts",
    "const state = lost ?? resume(before, fresh);",
    "const state = lost ?? fresh;",
    "test/store/embedded.test.ts",
  ],
  [
    "a profile that is older than its log",
    "host/store/states.ts",
    "else if (this.revision(slot) > revision) this.distrust(slot);",
    "",
    "test/store/embedded.test.ts",
  ],
  [
    "rot damages who has no later entry",
    "host/store/spent-log.ts",
    "if (states.has(slot) && seen[slot]! < rotten) states.lose(slot);",
    "void rotten;",
    "test/store/spent-log.test.ts",
  ],
  [
    "commit before the reply",
    "host/store/embedded.ts",
    "    this.#append(batch);\n    return done;\n  }\n\n  async #commitProfiles",
    "    setTimeout(() => this.#append(batch), 5);\n    return done;\n  }\n\n  async #commitProfiles",
    "test/slow/kill.test.ts",
  ],
  [
    "what a disk has refused is not accepted",
    "host/store/spent-log.ts",
    "      this.#leave();\n      throw error;\n    }\n    log.count",
    "      void error;\n    }\n    log.count",
    "test/slow/disk.test.ts",
  ],
  [
    "synced before the reply",
    "host/store/spent-log.ts",
    "      fdatasyncSync(log.descriptor);",
    "      void fdatasyncSync;",
    "test/slow/power-cut.test.ts",
  ],
  [
    "two services on one Redis",
    "host/store/redis.ts",
    "elseif revision ~= ARGV[at] then done[i] = 0",
    "elseif revision == nil then done[i] = 0",
    "test/slow/redis.test.ts",
    "two services",
  ],
  [
    "a deposed primary lets no one in",
    "host/store/redis-connection.ts",
    "if (replicas < wait) throw new Error(`only ${replicas} of ${wait} replicas have what was written`);",
    "",
    "test/slow/redis.test.ts",
    "two primaries",
  ],
  [
    "a failover that forgot spent codes",
    "host/store/redis.ts",
    "if (hold > 0)",
    "if (hold < 0)",
    "test/slow/redis.test.ts",
    "promoted without",
  ],
  [
    "a Redis emptied or exchanged while it runs",
    "host/store/redis-connection.ts",
    "if (life?.toString() !== this.#life)",
    "if (life?.toString() === '')",
    "test/slow/redis.test.ts",
    "emptied while it ran",
  ],
  [
    "refused at once while Redis is away",
    "host/store/redis-connection.ts",
    "return await within(milliseconds, action(client));",
    "return await action(client);",
    "test/slow/redis.test.ts",
    "paused",
  ],
  [
    "a retransmission gets the first answer",
    "assembly/radius/requests.ts",
    "const known = findCopy(slot, client, now);",
    "const known: u32 = 0;",
    "test/radius/listener.test.ts",
  ],
  [
    "a replica's acknowledgement is asked for",
    "host/store/redis-connection.ts",
    "wait > 0 ? client.wait(wait, WAIT_MS) : 0,",
    "wait,",
    "test/slow/redis.test.ts",
    "too few",
  ],
  [
    "sealed for one user",
    "host/store/seal.ts",
    "return Buffer.from(`dialward profile ${user}`);",
    "return Buffer.from(`dialward profile ${user.length > 99}`);",
    "test/store/seal.test.ts",
  ],
  [
    "moving loses nothing",
    "host/store/copy.ts",
    "for (const session of await from.sessions()) await to.saveSession(session);",
    "await to.remove('bob');",
    "test/slow/store-copy.test.ts",
  ],
  [
    "a clock in 1970",
    "host/admission/admission.ts",
    "if (!this.#clock.plausible())",
    "if (this.#closed && !this.#clock.plausible())",
    "test/slow/faults.test.ts",
    "1970",
  ],
  [
    "old keys are dropped",
    "host/store/rotate.ts",
    "changeKeyFile(file, (ring) => without(ring, before));",
    "void without; void before;",
    "test/store/rotate.test.ts",
  ],
  [
    "known sources stay known after a rotation",
    "host/store/key-file.ts",
    "const { next, root = keys.at(-1)! } = named;",
    "const { next } = named, root = keys[0]!;",
    "test/store/rotate.test.ts",
  ],
  [
    "a running service seals with the new key",
    "host/store/seal.ts",
    "this.#refresh(); // what",
    "// what",
    "test/store/rotate.test.ts",
  ],
  [
    "a running service opens with the new key",
    "host/store/seal.ts",
    "      this.#refresh();\n",
    "",
    "test/store/rotate.test.ts",
  ],
  [
    "old keys stay where a profile does not open",
    "host/store/rotate.ts",
    "if (problems.length > 0)",
    "if (problems.length < 0)",
    "test/store/rotate.test.ts",
  ],
  [
    "who fails as many users waits",
    "host/admission/admission.ts",
    "const wait = caller ? this.#backoff.waitSeconds(caller) : 0;",
    "const wait = 0;",
    "test/admission/source-backoff.test.ts",
  ],
  [
    "failures as one user count once",
    "host/admission/source-backoff.ts",
    "if (users.includes(hash)) return;",
    "",
    "test/admission/source-backoff.test.ts",
  ],
  [
    "who has logged in from a caller need not wait",
    "host/admission/admission.ts",
    "knowsSource(entry.state, source) ? 0 : wait",
    "knowsSource(entry.state, source) ? wait : wait",
    "test/admission/source-backoff.test.ts",
  ],
  [
    "a station that is one for many is no caller",
    "host/admission/caller.ts",
    'if (users >= USERS_OF_A_CONSTANT * stations.size) return "constant";',
    "",
    "test/admission/caller.test.ts",
  ],
  [
    "an address of the NAS itself is no caller",
    "host/admission/station.ts",
    'if (isOwn || isLocalOnly(address)) return "own";',
    "",
    "test/admission/caller.test.ts",
  ],
  [
    "a port makes no other caller",
    "host/admission/station.ts",
    "FORMS.map((form) => form.exec(plain)?.[1])",
    "[plain]",
    "test/admission/caller.test.ts",
  ],
  [
    "a clock that has moved is told",
    "host/admission/clock-watch.ts",
    "if (agreeing.length < AGREEING) return;",
    "return;",
    "test/admission/clock-watch.test.ts",
  ],
  [
    "a clock by which nobody gets in is told",
    "host/admission/far-codes.ts",
    "if (user !== undefined) this.#found(user, ahead);",
    "",
    "test/admission/clock-watch.test.ts",
  ],
  [
    "SIGTERM finishes what has begun",
    "host/radius/listener.ts",
    "if (underWay > 0) await",
    "if (underWay < 0) await",
    "test/service/operation.test.ts",
    "SIGTERM",
  ],
  [
    "SIGHUP exchanges the clients",
    "host/cli/serve.ts",
    "radius.useClients(",
    "void (",
    "test/service/operation.test.ts",
    "SIGHUP",
  ],
  [
    "SIGHUP opens the audit log anew",
    "host/cli/serve.ts",
    "service.audit?.reopen();",
    "",
    "test/service/operation.test.ts",
    "SIGHUP",
  ],
  [
    "the audit log has every verdict",
    "host/service/service.ts",
    "audit?.flush();",
    "",
    "test/service/operation.test.ts",
    "a line for each",
  ],
  [
    "the audit log has every change",
    "host/users/users.ts",
    "      this.#changed(action, name);\n",
    "",
    "test/service/operation.test.ts",
    "a line for each",
  ],
  [
    "a full disk under the audit log refuses nobody",
    "host/log/audit.ts",
    "this.lost += bytes",
    "throw error; this.lost += bytes",
    "test/service/operation.test.ts",
    "only grows",
  ],
  [
    "/healthz writes to the store",
    "host/service/metrics.ts",
    "await store.commit([]);",
    "",
    "test/service/operation.test.ts",
    "healthz",
  ],
  [
    "no code in the log",
    "host/admission/admission.ts",
    "this.#log.info({ login,",
    "this.#log.info({ text: String((dialIn.proof as { text?: Uint8Array }).text), login,",
    "test/log/secrets.test.ts",
  ],
  [
    "no line of the configuration in an error",
    "host/config/config.ts",
    'const [why] = (error as Error).message.split("\\n");',
    "const why = (error as Error).message;",
    "test/log/secrets.test.ts",
  ],
  [
    "privileges are dropped",
    "host/service/privileges.ts",
    "if (uid !== undefined) process.setuid(uid.id);",
    "",
    "test/slow/privileges.test.ts",
    "privileges",
  ],
  [
    "supplementary groups are dropped",
    "host/service/privileges.ts",
    "process.setgroups([]);",
    "process.setgroups([0, 27]);",
    "test/slow/privileges.test.ts",
    "privileges",
  ],
  [
    "the data folder is given away",
    "host/service/privileges.ts",
    "lchownSync(file, uid, gid);",
    "void lchownSync;",
    "test/slow/privileges.test.ts",
    "privileges",
  ],
  [
    "drops do not fill the log",
    "host/radius/counters.ts",
    "const TELL_MS = 60_000;",
    "const TELL_MS = 1;",
    "test/slow/flood.test.ts",
    "a flood",
  ],
  [
    "the duplicate cache is bounded",
    "host/admission/expiring-map.ts",
    "|| this.#weight + weight > this.#most",
    "",
    "test/slow/flood.test.ts",
    "100,000",
  ],
  [
    "datagrams of every length",
    "host/radius/packet.ts",
    "if (datagram.length < HEADER_BYTES) return undefined;",
    "",
    "test/slow/flood.test.ts",
    "every length",
  ],
  [
    "fuzzing: RADIUS",
    "host/radius/packet.ts",
    "if (size < 2 || at + size > length) return undefined;",
    "if (size < 2) return undefined;",
    "test/slow/fuzz.test.ts",
    "packets",
  ],
  [
    "fuzzing: EAP",
    "host/radius/eap-methods.ts",
    "if (message.length < 5 ||",
    "if (message.length < 1 ||",
    "test/slow/fuzz.test.ts",
    "packets",
  ],
  [
    "fuzzing: management socket",
    "host/openvpn/login.ts",
    'readPassword(env.get("password") ?? "")',
    'readPassword(env.get("password")!)',
    "test/slow/fuzz.test.ts",
    "management",
  ],
];

const [word = ""] = process.argv.slice(2);
let survived = 0;
for (const [promise, file, from, to, test, name] of MECHANISMS) {
  if (!promise.includes(word)) continue;
  const copy = mkdtempSync(join(tmpdir(), "dialward-mechanism-"));
  for (const part of ["host", "assembly", "test", "dist", "package.json", "tsconfig.json"])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const text = readFileSync(join(copy, file), "utf8");
  if (!text.includes(from)) throw new Error(`${promise}: ${file} does not hold what is to be taken out`);
  writeFileSync(join(copy, file), text.replace(from, to));
  // Some tests run the program as it is built.
  execFileSync(process.execPath, ["-e", 'import("./host/build/bundle.mjs").then((m) => m.bundle())'], {
    cwd: copy,
  });
  const config = test.includes("/slow/") ? "test/slow/vitest.config.ts" : "test/vitest.config.ts";
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", config, test];
  if (name) args.push("-t", name);
  const failed = await new Promise((resolve) =>
    execFile(process.execPath, args, { cwd: copy, timeout: 900_000 }, (error, out) =>
      resolve(error !== null && /Tests .*failed/.test(out)),
    ),
  );
  console.log(`${failed ? "fails   " : "SURVIVES"}  ${promise}`);
  if (!failed) survived++;
  rmSync(copy, { recursive: true });
}
process.exitCode = survived > 0 ? 1 : 0;
