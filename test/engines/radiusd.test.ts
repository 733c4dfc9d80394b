// dialward-radiusd by programs that others wrote: FreeRADIUS's radclient and hostapd's eapol_test. The daemon runs on this
// machine's processor, and on MIPS of both byte orders under qemu.

import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hotp, motp, recovery, totp } from "../codes.ts";
import { commandOf, Daemon } from "./daemon.ts";
import { buildDaemon, missingPrograms, needs, PROCESSORS, run, translate } from "./toolchain.ts";

const SHARED = "sh4red-secret";
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
back hotp ${SECRET} token=back recovery=1
late hotp ${SECRET} token=late until=2026-01-01
early hotp ${SECRET} token=early from=2099-12-31
now hotp ${SECRET} token=now from=2020-02-29 until=2099-01-01
motp motp 0123456789abcdef pin=6666
pptp hotp ${SECRET} types=pptp token=p
`;

for (const processor of PROCESSORS.filter(({ name }) => ["x86-64", "mips", "mipsel"].includes(name)))
  describe(`dialward-radiusd on ${processor.name}`, () => {
    const programs = ["wasm2c", processor.compiler, processor.emulator, "radclient", "eapol_test"];
    let daemon: Daemon;

    const write = (users = USERS, clients = `127.0.0.1 ${SHARED} challenge=yes\n`): void =>
      daemon.write(users, clients);

    /** What radclient prints of the reply; "" where there is none. */
    function ask(attributes: string, kind = "auth", secret = SHARED): string {
      const wait = secret === SHARED ? "10" : "1";
      const args = ["-x", "-r", "1", "-t", wait, `127.0.0.1:${daemon.port}`, kind, secret];
      const { stdout } = spawnSync("radclient", args, {
        input: `${attributes},Message-Authenticator=0x00\n`,
        encoding: "utf8",
      });
      return /^Received[^]*/m.exec(stdout)?.[0] ?? "";
    }

    function eap(method: string, user: string, password: string): string {
      const text = `network={\n key_mgmt=IEEE8021X\n eap=${method}\n identity="${user}"\n password="${password}"\n}\n`;
      writeFileSync(daemon.at("eapol.conf"), text, { mode: 0o600 });
      const keys = method === "MSCHAPV2" ? [] : ["-n"];
      const args = [
        "-c",
        daemon.at("eapol.conf"),
        "-a",
        "127.0.0.1",
        "-p",
        String(daemon.port),
        "-s",
        SHARED,
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
      daemon = new Daemon(processor, buildDaemon(processor));
      daemon.options = ["--service", "Home"];
      write();
      await daemon.start();
    });
    afterAll(() => daemon?.close());
    afterEach(() => {
      for (const secret of [SECRET, "Geheim", SHARED]) expect(daemon?.log ?? "").not.toContain(secret);
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
      await daemon.hear(/refuse user=pptp reason=type-not-allowed/);
      expect(daemon.log).toContain("accept user=bob reason=ok");
      // After a restart, too.
      await daemon.stop();
      await daemon.start();
      expect(ask(`User-Name=bob,User-Password=${hotp(KEY, 1)}`)).toContain("Access-Reject");
      expect(ask(`User-Name=alice,User-Password=${code}`)).toContain("Access-Reject");
    });

    it("a recovery code lets in once; who is not valid now is refused with a right code", async (context) => {
      needs(context, ...programs);
      const [tool, before] = commandOf(processor, buildDaemon(processor).tool);
      const printed = run(tool, [...before, "recovery", daemon.at("users"), "back"])
        .trim()
        .split("\n");
      expect(printed).toEqual(Array.from({ length: 10 }, (_, i) => recovery("hotp", KEY, 1, i)));
      const code = printed[3]!;
      expect(ask(`User-Name=back,User-Password=${code}`)).toContain("Access-Accept");
      await daemon.hear(/accept user=back reason=recovered/);
      expect(ask(`User-Name=back,User-Password=${code}`)).toContain("Access-Reject");
      expect(ask(`User-Name=back,User-Password=${hotp(KEY, 0)}`)).toContain("Access-Accept");
      for (const name of ["late", "early"]) {
        expect(ask(`User-Name=${name},User-Password=${hotp(KEY, 0)}`)).toContain("Access-Reject");
        await daemon.hear(new RegExp(`refuse user=${name} reason=not-valid-now`));
      }
      expect(ask(`User-Name=now,User-Password=${hotp(KEY, 0)}`)).toContain("Access-Accept");
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

    it("says why a packet gets no answer, and why one is refused unjudged", async (context) => {
      needs(context, ...programs);
      ask("User-Name=bob,User-Password=1", "auth", "other-secret");
      await daemon.hear(
        /drop nas=::ffff:127\.0\.0\.1: its authenticator is wrong; compare the shared secret/,
      );
      expect(ask("User-Name=bob,User-Password=1,State=0x31")).toContain("Access-Reject");
      await daemon.hear(/refuse user=bob reason=challenge-expired/);
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
      await daemon.reload(/^read again$/m);
      expect(ask(gone)).toContain("Access-Reject");
      expect(ask(`User-Name=eva,User-Password=${hotp(KEY, 1)}`)).toContain("Access-Reject");
      // Who comes back has spent what it had.
      write();
      await daemon.reload(/^read again$/m);
      expect(ask(`User-Name=eva,User-Password=${hotp(KEY, 0)}`)).toContain("Access-Reject");
      expect(ask(`User-Name=eva,User-Password=${hotp(KEY, 1)}`)).toContain("Access-Accept");
      write(`${USERS}bad totp ${SECRET} perod=30\n`);
      await daemon.reload(/^the old ones stay$/m);
      expect(daemon.log).toMatch(/users: line 16 has a word that is not known/);
      expect(ask(gone)).toContain("Access-Accept");
      // All clients that there is room for make room for others.
      const others = (network: string, count: number): string =>
        Array.from({ length: count }, (_, i) => `${network}.${i + 1} ${SHARED}\n`).join("");
      write(USERS, others("192.0.2", 16));
      await daemon.reload(/^read again$/m);
      write(USERS, `${others("198.51.100", 15)}127.0.0.1 ${SHARED}\n`);
      await daemon.reload(/^read again$/m);
      expect(daemon.log).toBe("read again\n");
      expect(ask(`User-Name=eva,User-Password=${hotp(KEY, 2)}`)).toContain("Access-Accept");
      write(USERS, others("192.0.2", 17));
      await daemon.reload(/^the old ones stay$/m);
      expect(daemon.log).toMatch(/clients: line 17 is one more than there is room for/);
      write();
    });

    it("says what is wrong with its files, and does not start", (context) => {
      needs(context, ...programs);
      const built = buildDaemon(processor);
      const [program, first] = commandOf(processor, built.daemon);
      const check = (...args: string[]) =>
        spawnSync(program, [...first, ...args], { encoding: "utf8" }).stderr;
      const at = (name: string) => daemon.at(name);
      const other = ["--users", at("users"), "--clients", at("clients"), "--state", at("other"), "--check"];
      expect(check(...other)).toMatch(/other is not there: `dialward-state new` makes it/);
      const [tool, before] = commandOf(processor, built.tool);
      run(tool, [...before, "new", at("other")]);
      expect(check(...other)).toMatch(/all files are good/);
      writeFileSync(at("users"), `${USERS}bob totp ${SECRET}\n`, { mode: 0o600 });
      expect(check(...other)).toMatch(/line 16 has a name that another line has/);
      write(USERS, `127.0.0.1 ${SHARED} what=else\n`);
      expect(check(...other)).toMatch(/clients: line 1 has a word that is not known/);
      write(USERS, `127.0.0.1 ${SHARED}\n::1 other\n::ffff:127.0.0.1 another\n`);
      expect(check(...other)).toMatch(/clients: line 3 has an address that another line has/);
      write();
      expect(check("--what")).toMatch(/^Usage/);
      rmSync(at("other"));
    });
  });
