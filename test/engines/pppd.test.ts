// Two real pppds, one with the plug-in, in a user-mode Linux (the machine's own kernel may have no PPP): PAP, CHAP-MD5
// and MS-CHAPv2 with MPPE, and a ping, which alone shows that both sides have the same keys.

import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hotp, motp, recovery, totp } from "../codes.ts";
import { BUILT, FILES, FIRMWARE, missingPrograms, needs, run, TESTS, translate } from "./toolchain.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const MOTP_SECRET = "0123456789abcdef";
const MPPE = "require-mppe-128";
const PROGRAMS = ["gcc", "wasm2c", "linux.uml", "pppd", "busybox", "ip", "nsenter", "ping"];
const LAB = join(BUILT, "pppd");
const OUT = join(LAB, "out");

interface Login {
  name: string;
  user: string;
  password: string;
  server: string;
  client?: string;
  accepted: boolean;
}

// A period of five minutes: the code is right whenever the guest comes to it.
const now = Math.floor(Date.now() / 1000);
const code = totp(KEY, now, 6, "sha1", 300);
const wrong = code.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
const LOGINS: readonly Login[] = [
  // Logs in first, as an mOTP code is good for a minute only: it is made when the guest starts.
  {
    name: "motp",
    user: "motp",
    password: "",
    server: `require-mschap-v2 ${MPPE}`,
    client: MPPE,
    accepted: true,
  },
  { name: "pap", user: "pap", password: code, server: "require-pap", accepted: true },
  { name: "pap-replay", user: "pap", password: code, server: "require-pap", accepted: false },
  { name: "pap-wrong", user: "hotp", password: "000000", server: "require-pap", accepted: false },
  { name: "pap-hotp", user: "hotp", password: hotp(KEY, 7), server: "require-pap", accepted: true },
  { name: "pap-unknown", user: "nobody", password: code, server: "require-pap", accepted: false },
  { name: "pap-type", user: "l2tp-only", password: code, server: "require-pap", accepted: false },
  { name: "chap", user: "chap", password: `Geheim+${code}`, server: "require-chap", accepted: true },
  { name: "chap-wrong", user: "mschap", password: wrong, server: "require-chap", accepted: false },
  {
    name: "mschapv2",
    user: "mschap",
    password: code,
    server: `require-mschap-v2 ${MPPE}`,
    client: MPPE,
    accepted: true,
  },
  {
    name: "mschapv2-domain",
    user: "OFFICE\\\\domain",
    password: code,
    server: `require-mschap-v2 ${MPPE}`,
    client: MPPE,
    accepted: true,
  },
  // Names and tokens that concatenate alike: what one has spent the other does not bring back.
  { name: "token", user: "bob", password: hotp(KEY, 0), server: "require-pap", accepted: true },
  { name: "token-again", user: "bob", password: hotp(KEY, 0), server: "require-pap", accepted: false },
  { name: "token-other", user: "bob2", password: hotp(KEY, 0), server: "require-pap", accepted: true },
  {
    name: "recovery",
    user: "back",
    password: recovery("hotp", KEY, 9, 4),
    server: "require-pap",
    accepted: true,
  },
  {
    name: "recovery-again",
    user: "back",
    password: recovery("hotp", KEY, 9, 4),
    server: "require-pap",
    accepted: false,
  },
  { name: "not-valid", user: "late", password: code, server: "require-pap", accepted: false },
  { name: "mschapv2-wrong", user: "mschap", password: wrong, server: "require-mschap-v2", accepted: false },
];
const USERS = `# name factor secret
pap totp ${SECRET} period=300
chap totp ${SECRET} period=300 password=Geheim+
mschap totp ${SECRET} period=300
domain totp ${SECRET} period=300
l2tp-only totp ${SECRET} period=300 types=l2tp
hotp hotp ${SECRET} counter=5
motp motp ${MOTP_SECRET} pin=6666
bob hotp ${SECRET} token=2
bob2 hotp ${SECRET}
back hotp ${SECRET} token=back recovery=9
late totp ${SECRET} period=300 until=2026-01-01
broken totp ${SECRET} perod=30
`;

const log = (name: string) => readFileSync(join(OUT, name), "utf8");

/** Compiles the plug-in as host/firmware/README.md says, and boots the guest. */
function logInAll(): void {
  rmSync(LAB, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  translate();
  const common = [...FILES, join(FIRMWARE, "engine-wasm2c.c")];
  const sources = [join(FIRMWARE, "pppd-plugin.c"), ...common];
  const flags = ["-std=gnu99", "-O2", "-fPIC", "-shared", "-Wall", "-Wextra", `-I${FIRMWARE}`, `-I${BUILT}`];
  run("gcc", [...flags, "-w", "-c", join(BUILT, "core.c"), "-o", join(LAB, "core.o")]);
  run("gcc", [
    ...flags,
    `-DDIALWARD_NOT_BEFORE=${now - 3600}`,
    ...sources,
    join(LAB, "core.o"),
    "-o",
    join(LAB, "dialward.so"),
  ]);
  run("gcc", [
    ...flags.filter((flag) => flag !== "-shared"),
    join(FIRMWARE, "state-tool.c"),
    ...common,
    join(LAB, "core.o"),
    "-o",
    join(LAB, "dialward-state"),
  ]);
  run(join(LAB, "dialward-state"), ["new", join(OUT, "state")]);
  run("gcc", [
    "-O2",
    "-shared",
    "-fPIC",
    "-Wall",
    join(TESTS, "../daemons/uml/xstate.c"),
    "-o",
    join(LAB, "xstate.so"),
  ]);
  copyFileSync(join(TESTS, "pppd/server.sh"), join(LAB, "server.sh"));
  chmodSync(join(LAB, "server.sh"), 0o755);
  writeFileSync(join(LAB, "users"), USERS, { mode: 0o600 });
  const fields = ({ name, user, password, server, client }: Login) => [
    name,
    user,
    password,
    server,
    client ?? "",
  ];
  // In a minute it is the code of now, and until two minutes from now it is in the window.
  LOGINS[0]!.password = motp(MOTP_SECRET, "6666", Date.now() / 1000 + 55);
  writeFileSync(join(LAB, "logins"), LOGINS.map((login) => `${fields(login).join("|")}\n`).join(""));
  const kernel = [
    "mem=256M",
    "root=/dev/root",
    "rootfstype=hostfs",
    "rootflags=/",
    "ro",
    "quiet",
    `DIALWARD=${LAB}`,
  ];
  const { stdout } = spawnSync(
    "timeout",
    [
      "--kill-after=5",
      "600",
      "linux.uml",
      ...kernel,
      `init=${join(TESTS, "pppd/guest.sh")}`,
      "con=null",
      "con0=null,fd:1",
    ],
    {
      env: { ...process.env, LD_PRELOAD: join(LAB, "xstate.so") },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  if (!existsSync(join(OUT, "done"))) throw new Error(`the guest did not finish:\n${stdout}`);
}

beforeAll(() => {
  if (missingPrograms(...PROGRAMS).length === 0) logInAll();
});

describe("pppd verifies in the daemon", () => {
  for (const login of LOGINS) {
    const { name, accepted, server } = login;
    it(`${name}: ${accepted ? "accepted" : "refused"}`, (context) => {
      needs(context, ...PROGRAMS);
      const [client, daemon] = [log(`${name}.client`), log(`${name}.server`)];
      expect(client).toMatch(accepted ? /authentication succeeded/i : /authentication failed/i);
      expect(daemon).toMatch(accepted ? /Dialward: \S+ accepted/ : /Dialward: \S+ refused/);
      if (accepted) expect(log(`${name}.ping`)).toMatch(/ 3 received/);
      else expect(existsSync(join(OUT, `${name}.ping`))).toBe(false);
      if (accepted && server.includes("mppe"))
        expect(daemon).toMatch(/MPPE 128-bit stateless compression enabled/);
      expect(daemon).not.toContain(login.password);
    });
  }

  it("appends an entry for each state that changed", (context) => {
    needs(context, ...PROGRAMS);
    const changes = LOGINS.filter(({ accepted, name }) => accepted || name.endsWith("-wrong")).length;
    const log = readFileSync(join(OUT, "state"));
    const ids = new Set<bigint>();
    let count = 0;
    // A header, the log's own entry, then those of users.
    for (let at = 128; log.readBigUInt64LE(at + 8) !== 0xffff_ffff_ffff_ffffn; at += 64, count++)
      ids.add(log.readBigUInt64LE(at + 8));
    expect(count).toBe(changes);
    expect(ids.size).toBeGreaterThan(5);
    expect(run(join(LAB, "dialward-state"), ["check", join(OUT, "state")])).toMatch(/: done\n$/);
  });

  it("names what it cannot use", (context) => {
    needs(context, ...PROGRAMS);
    const tool = join(LAB, "dialward-state");
    expect(() => run(tool, ["new", join(OUT, "state")])).toThrow(/File exists/);
    expect(() => run(tool, ["mend", join(OUT, "state"), join(LAB, "users"), "nobody"])).toThrow(
      /no line for/,
    );
    // A line that is wrong stands in the way of its own user alone.
    expect(() => run(tool, ["recovery", join(LAB, "users"), "broken"])).toThrow(
      /line \d+ has a word that is not known/,
    );
    expect(() => run(tool, ["recovery", join(LAB, "users"), "bob"])).toThrow(/no recovery= in/);
    expect(run(tool, ["recovery", join(LAB, "users"), "back"])).toContain(recovery("hotp", KEY, 9, 4));
    expect(() => run(tool, ["check", join(OUT, "none")])).toThrow(/No such file/);
    expect(() => run(tool, ["check"])).toThrow(/Usage/);
  });
});
