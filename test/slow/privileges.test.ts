// Started as root, the service opens ports below 1024 and goes on as somebody who may do nothing; the systemd unit is
// valid and as closed as it says. In a network namespace of its own.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hotp } from "../codes.ts";

const PROGRAM = new URL("../../dist/dialward.mjs", import.meta.url).pathname;
const UNIT = new URL("../../host/service/dialward.service", import.meta.url).pathname;
const KEY = Buffer.from("12345678901234567890");
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

test("privileges are gone once the ports are open, and logins are still accepted and written", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dialward-root-"));
  chmodSync(folder, 0o755);
  const config = join(folder, "dialward.toml");
  const text = `data = "data"
[radius]
listen = "127.0.0.1:812"
accounting = "127.0.0.1:813"
clients = [{ address = "127.0.0.1", secret = "testing123" }]
[web]
listen = "off"
[log]
audit = "audit.jsonl"
[run]
user = "nobody"
`;
  writeFileSync(config, text, { mode: 0o644 });
  const run = [PROGRAM, "--config", config];
  execFileSync(process.execPath, [...run, "init"]);
  execFileSync(process.execPath, [...run, "user", "add", "alice", "--factor", "hotp", "--secret-file", "-"], {
    input: `${SECRET}\n`,
  });
  execFileSync(process.execPath, [...run, "user", "verify", "alice"], { input: `${hotp(KEY, 0)}\n` });
  const shell = 'ip link set lo up && exec "$@"';
  const serve = ["-n", "sh", "-c", shell, "sh", process.execPath, ...run, "serve"];
  const child = spawn("unshare", serve, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  try {
    await expect.poll(() => output).toContain("ready\n");
    {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const [, uid] = /^Uid:\t(\d+)/m.exec(status)!;
      expect(uid).not.toBe("0");
      expect(status).toMatch(new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, "m"));
      expect(status).toMatch(/^Groups:\s*$/m);
      for (const set of ["CapPrm", "CapEff", "CapAmb"])
        expect(status).toMatch(new RegExp(`^${set}:\t0+$`, "m"));
    }
    const secret = join(folder, "secret");
    writeFileSync(secret, "testing123", { mode: 0o600 });
    const dial = ["dial", "alice", "--server", "127.0.0.1:812", "--secret-file", secret, "--json"];
    const inside = ["-t", `${child.pid}`, "-n", process.execPath, ...run, ...dial];
    const out = execFileSync("nsenter", inside, { input: `${hotp(KEY, 1)}\n`, encoding: "utf8" });
    expect(JSON.parse(out)).toMatchObject({ outcome: "accept" });
    const audit = readFileSync(join(folder, "audit.jsonl"), "utf8");
    expect(audit).toMatch(/"user":"alice".*"outcome":"accept"/);
    child.kill("SIGHUP");
    await expect.poll(() => output).toContain("has been read again");
  } finally {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("close", resolve));
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ["for copying", "DynamicUser=yes"],
  ["of the package", "User=dialward\nGroup=dialward"],
])("the systemd unit %s is valid, and its exposure is low", (_, user) => {
  const folder = mkdtempSync(join(tmpdir(), "dialward-unit-"));
  try {
    const unit = join(folder, "dialward.service");
    const text = readFileSync(UNIT, "utf8").replace("DynamicUser=yes", user);
    expect(text).toContain(user);
    // verify looks for the program: it is this Node.
    writeFileSync(unit, text.replace("/usr/bin/node", process.execPath));
    execFileSync("systemd-analyze", ["verify", unit], { stdio: "pipe" });
    // 0 is closed, 100 is open; fails above the threshold. What is left is JIT, the network and address families.
    execFileSync("systemd-analyze", ["security", "--offline=yes", "--threshold=20", unit], { stdio: "pipe" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
