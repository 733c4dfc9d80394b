// dialward-radiusd by programs that others wrote: FreeRADIUS's radclient and hostapd's eapol_test. The daemon runs on this
// machine's processor, and on MIPS of both byte orders under qemu.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hotp, motp, totp } from "../codes.ts";
import { freeUdpPort } from "../free-port.ts";
import { buildDaemon, missingPrograms, needs, PROCESSORS, run, translate } from "./toolchain.ts";

const KEY = Buffer.from("12345678901234567890");
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const USERS = `# name factor secret
alice totp ${SECRET} period=300
bob hotp ${SECRET}
carol hotp ${SECRET} token=2
eva hotp ${SECRET} token=eva
two hotp ${SECRET} password=Geheim mode=two-steps
eap hotp ${SECRET} token=eap
gtc hotp ${SECRET} password=Geheim mode=two-steps token=gtc
gone hotp ${SECRET} token=gone
motp motp 0123456789abcdef pin=6666
pptp hotp ${SECRET} types=pptp token=p
`;

for (const processor of PROCESSORS.filter(({ name }) => ["x86-64", "mips", "mipsel"].includes(name)))
  describe(`dialward-radiusd on ${processor.name}`, () => {
    const programs = ["wasm2c", processor.compiler, processor.emulator, "radclient", "eapol_test"];
    const folder = mkdtempSync(join(tmpdir(), "dialward-radiusd-"));
    const files = [
      "--users",
      at("users"),
      "--clients",
      at("clients"),
      "--state",
      at("state"),
      "--service",
      "Home",
    ];
    let built: { daemon: string; tool: string };
    let daemon: ChildProcess | undefined;
    let log = "";
    let port = 0;

    function at(name: string): string {
      return join(folder, name);
    }

    function write(users = USERS, clients = "127.0.0.1 secret challenge=yes\n"): void {
      writeFileSync(at("users"), users, { mode: 0o600 });
      writeFileSync(at("clients"), clients, { mode: 0o600 });
    }

    /** What a program of ours is started by. */
    const command = (program: string): [string, string[]] =>
      processor.name === "x86-64" && process.arch === "x64" ? [program, []] : [processor.emulator, [program]];

    async function start(): Promise<void> {
      const accounting = await freeUdpPort();
      port = await freeUdpPort();
      const [program, first] = command(built.daemon);
      const ports = ["--port", String(port), "--accounting-port", String(accounting)];
      const child = spawn(program, [...first, ...files, ...ports], { stdio: ["ignore", "ignore", "pipe"] });
      daemon = child;
      log = "";
      child.stderr.on("data", (text: Buffer) => (log += text.toString()));
      await hear(/^ready$/m);
    }

    /** Waits until the log says something. */
    async function hear(what: RegExp): Promise<void> {
      while (!what.test(log)) {
        if (daemon!.exitCode !== null) throw new Error(log);
        await Promise.race([once(daemon!.stderr!, "data"), once(daemon!, "exit")]);
      }
    }

    async function stop(): Promise<void> {
      if (!daemon || daemon.exitCode !== null) return;
      daemon.kill();
      await once(daemon, "exit");
    }

    /** What radclient prints of the reply; "" where there is none. */
    function ask(attributes: string, kind = "auth"): string {
      const args = ["-x", "-r", "1", "-t", "10", `127.0.0.1:${port}`, kind, "secret"];
      const { stdout } = spawnSync("radclient", args, {
        input: `${attributes},Message-Authenticator=0x00\n`,
        encoding: "utf8",
      });
      return /^Received[^]*/m.exec(stdout)?.[0] ?? "";
    }

    function eap(method: string, user: string, password: string): string {
      const text = `network={\n key_mgmt=IEEE8021X\n eap=${method}\n identity="${user}"\n password="${password}"\n}\n`;
      writeFileSync(at("eapol.conf"), text, { mode: 0o600 });
      const keys = method === "MSCHAPV2" ? [] : ["-n"];
      const args = [
        "-c",
        at("eapol.conf"),
        "-a",
        "127.0.0.1",
        "-p",
        String(port),
        "-s",
        "secret",
        "-t",
        "20",
      ];
      return spawnSync("eapol_test", [...args, ...keys], { encoding: "utf8" })
        .stdout.trim()
        .split("\n")
        .at(-1)!;
    }

    beforeAll(async () => {
      if (missingPrograms(...programs).length > 0) return;
      translate();
      built = buildDaemon(processor);
      write();
      const [program, first] = command(built.tool);
      run(program, [...first, "new", at("state")]);
      await start();
    });
    afterAll(async () => {
      await stop();
      rmSync(folder, { recursive: true });
    });
    afterEach(() => {
      for (const secret of [SECRET, "Geheim", "secret "]) expect(log).not.toContain(secret);
    });

    it("PAP and CHAP: a code lets in once", async (context) => {
      needs(context, ...programs);
      expect(ask(`User-Name=bob,User-Password=${hotp(KEY, 0)}`)).toContain("Access-Accept");
      expect(ask(`User-Name=bob,User-Password=${hotp(KEY, 0)}`)).toContain("Access-Reject");
      expect(ask(`User-Name=bob,CHAP-Password=${hotp(KEY, 1)}`)).toContain("Access-Accept");
      expect(ask(`User-Name=bob,CHAP-Password=${hotp(KEY, 1)}`)).toContain("Access-Reject");
      const code = totp(KEY, Date.now() / 1000, 6, "sha1", 300);
      expect(ask(`User-Name=alice,User-Password=${code}`)).toContain("Access-Accept");
      expect(
        ask(`User-Name=motp,User-Password=${motp("0123456789abcdef", "6666", Date.now() / 1000)}`),
      ).toContain("Access-Accept");
      expect(ask(`User-Name=nobody,User-Password=${code}`)).toContain("Access-Reject");
      expect(
        ask(
          `User-Name=pptp,User-Password=${hotp(KEY, 0)},Service-Type=Framed-User,Framed-Protocol=PPP,Tunnel-Type=L2TP`,
        ),
      ).toContain("Access-Reject");
      await hear(/refuse user=pptp reason=dial-in type/);
      expect(log).toContain("accept user=bob");
      // After a restart, too.
      await stop();
      await start();
      expect(ask(`User-Name=bob,User-Password=${hotp(KEY, 1)}`)).toContain("Access-Reject");
      expect(ask(`User-Name=alice,User-Password=${code}`)).toContain("Access-Reject");
    });

    it("two steps, Status-Server, accounting", (context) => {
      needs(context, ...programs);
      const challenge = ask("User-Name=two,User-Password=Geheim");
      expect(challenge).toContain("Access-Challenge");
      expect(challenge).toContain('Reply-Message = "Enter the code of Home: "');
      const state = /State = (\S+)/.exec(challenge)![1]!;
      expect(ask(`User-Name=two,User-Password=${hotp(KEY, 0)},State=${state}`)).toContain("Access-Accept");
      expect(ask(`User-Name=two,User-Password=${hotp(KEY, 1)},State=${state}`)).toContain("Access-Reject");
      expect(ask("NAS-Identifier=me", "status")).toContain("Access-Accept");
    });

    it("EAP-MD5, GTC and MSCHAPv2 with the same keys on both sides", (context) => {
      needs(context, ...programs);
      expect(eap("MD5", "eap", hotp(KEY, 0))).toBe("SUCCESS");
      expect(eap("GTC", "eap", hotp(KEY, 1))).toBe("SUCCESS");
      expect(eap("MSCHAPV2", "eap", hotp(KEY, 2))).toBe("SUCCESS");
      expect(eap("MSCHAPV2", "eap", hotp(KEY, 2))).toBe("FAILURE");
    });

    it("reads its files again, and keeps the old ones where a line is off", async (context) => {
      needs(context, ...programs);
      const gone = `User-Name=gone,User-Password=${hotp(KEY, 0)}`;
      expect(ask(`User-Name=eva,User-Password=${hotp(KEY, 0)}`)).toContain("Access-Accept");
      write(USERS.replace(/^gone.*$/m, "").replace(/^eva.*$/m, ""));
      daemon!.kill("SIGHUP");
      await hear(/^read again$/m);
      expect(ask(gone)).toContain("Access-Reject");
      expect(ask(`User-Name=eva,User-Password=${hotp(KEY, 1)}`)).toContain("Access-Reject");
      // Who comes back has spent what it had.
      write();
      log = "";
      daemon!.kill("SIGHUP");
      await hear(/^read again$/m);
      expect(ask(`User-Name=eva,User-Password=${hotp(KEY, 0)}`)).toContain("Access-Reject");
      expect(ask(`User-Name=eva,User-Password=${hotp(KEY, 1)}`)).toContain("Access-Accept");
      write(`${USERS}bad totp ${SECRET} perod=30\n`);
      log = "";
      daemon!.kill("SIGHUP");
      await hear(/^the old ones stay$/m);
      expect(log).toMatch(/users: line 12 has a word that is not known/);
      expect(ask(gone)).toContain("Access-Accept");
      write();
    });

    it("says what is wrong with its files, and does not start", (context) => {
      needs(context, ...programs);
      const [program, first] = command(built.daemon);
      const check = (...args: string[]) =>
        spawnSync(program, [...first, ...args], { encoding: "utf8" }).stderr;
      const other = ["--users", at("users"), "--clients", at("clients"), "--state", at("other"), "--check"];
      expect(check(...other)).toMatch(/other is not there: `dialward-state new` makes it/);
      const [tool, before] = command(built.tool);
      run(tool, [...before, "new", at("other")]);
      expect(check(...other)).toMatch(/all files are good/);
      writeFileSync(at("users"), `${USERS}bob totp ${SECRET}\n`, { mode: 0o600 });
      expect(check(...other)).toMatch(/line 12 has a name that another line has/);
      write(USERS, "127.0.0.1 secret what=else\n");
      expect(check(...other)).toMatch(/clients: line 1 has a word that is not known/);
      write();
      expect(check("--what")).toMatch(/^Usage/);
      rmSync(at("other"));
    });
  });
