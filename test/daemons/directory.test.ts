// The first factor elsewhere: Debian's slapd by ldaps and by StartTLS, and FreeRADIUS, each right, wrong, and silent.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates } from "./certificates.ts";
import { Lab, type Daemon } from "./lab.ts";
import { makeUser, type User } from "./users.ts";

/** A kind of directory: what stands in place of the lines of dialward.toml, and the daemon. */
interface Kind {
  toml(text: string): string;
  prepare(folder: string, users: readonly User[]): void;
  start(lab: Lab): Promise<Daemon>;
}

function prepareSlapd(folder: string, users: readonly User[]): void {
  mkdirSync(join(folder, "database"));
  const entry = (dn: string, ...lines: string[]): string =>
    [`dn: ${dn}dc=example,dc=com`, ...lines].join("\n");
  const people = users.map(({ name, password }) =>
    entry(
      `uid=${name},ou=people,`,
      "objectClass: inetOrgPerson",
      `uid: ${name}`,
      `cn: ${name}`,
      "sn: x",
      `userPassword: ${password}`,
    ),
  );
  const top = entry("", "objectClass: dcObject", "objectClass: organization", "o: x", "dc: example");
  const unit = entry("ou=people,", "objectClass: organizationalUnit", "ou: people");
  writeFileSync(join(folder, "people.ldif"), [top, unit, ...people].join("\n\n"), { mode: 0o600 });
  execFileSync("slapadd", ["-f", join(folder, "slapd.conf"), "-l", join(folder, "people.ldif")], {
    stdio: "pipe",
  });
}

async function startSlapd(lab: Lab): Promise<Daemon> {
  const config = join(lab.folder, "directory/slapd.conf");
  const slapd = lab.start("server", "slapd", [
    "slapd",
    "-d",
    "stats",
    "-f",
    config,
    "-h",
    "ldap:/// ldaps:///",
  ]);
  await lab.until("slapd is ready", () => /slapd starting/.test(slapd.log()));
  return slapd;
}

const KINDS: Record<string, Kind> = {
  "slapd, ldaps": { toml: (text) => text, prepare: prepareSlapd, start: startSlapd },
  "slapd, StartTLS": {
    toml: (text) => text.replace('url = "ldaps:', 'startTls = true\nurl = "ldap:'),
    prepare: prepareSlapd,
    start: startSlapd,
  },
  FreeRADIUS: {
    toml: (text) =>
      text
        .replace(/^(url|name|caFile) = .*\n/gm, "")
        .replace("[directory]\n", '[directory]\nradius = "127.0.0.1:1645"\nsecretFile = "directory/secret"\n')
        .replace("[[radius.clients]]\n", '[[radius.clients]]\nname = "nas"\n'),
    prepare: (folder, users) => {
      const lines = users.map(({ name, password }) => `${name} Cleartext-Password := "${password}"\n`);
      writeFileSync(join(folder, "users"), lines.join(""), { mode: 0o600 });
      writeFileSync(
        join(folder, "secret"),
        /secret = (\S+)/.exec(readFileSync(join(folder, "radiusd.conf"), "utf8"))![1]!,
        {
          mode: 0o600,
        },
      );
    },
    start: async (lab) => {
      const command = ["freeradius", "-f", "-X", "-d", `${lab.folder}/directory`, "-n", "radiusd"];
      const freeradius = lab.start("server", "freeradius", command);
      await lab.until("FreeRADIUS is ready", () => freeradius.log().includes("Ready to process requests"));
      return freeradius;
    },
  },
};

describe.each(Object.entries(KINDS))("%s", (_, kind) => {
  let lab: Lab;
  let daemon: Daemon;
  const users = [
    makeUser("totp", { mode: "password+code" }),
    makeUser("motp", { mode: "password+code" }),
  ] as const;
  const twoSteps = makeUser("totp", { mode: "password-then-code" });

  beforeAll(async () => {
    lab = await Lab.open("directory", async (it) => {
      const folder = join(it.folder, "directory");
      makeCertificates(folder);
      const file = join(folder, "dialward.toml");
      writeFileSync(file, kind.toml(readFileSync(file, "utf8")));
      kind.prepare(folder, [...users, twoSteps]);
    });
    daemon = await kind.start(lab);
    for (const { name } of [...users, twoSteps])
      expect(await lab.dialward(["user", "edit", name, "--password-from", "directory"])).toMatchObject({
        status: 0,
      });
  });
  afterAll(() => lab?.close());

  /** What radclient hears of a login, and State where it is asked for more. */
  async function dial({ name }: User, text: string, state = ""): Promise<{ answer: string; state: string }> {
    const secret = lab.write("radclient-secret", lab.secret, 0o600);
    const input = `User-Name = "${name}"\nUser-Password = "${text}"\n${state}Message-Authenticator = 0x00\n`;
    const command = ["radclient", "-x", "-r", "1", "-t", "30", "-S", secret, "127.0.0.1:1812", "auth"];
    const { output } = await lab.run("server", command, { input });
    const [, answer = output, rest = ""] = /Received Access-(\w+)([^]*)/.exec(output) ?? [];
    return { answer, state: /State = 0x[0-9a-f]+\n/.exec(rest)?.[0] ?? "" };
  }
  const answers = async (user: User, text: string) => (await dial(user, text)).answer;

  test("password and code count together: one alone lets nobody in, and spends no code", async ({
    onTestFailed,
  }) => {
    onTestFailed(() => console.error(lab.logs()));
    for (const user of users) {
      const code = user.code();
      expect(await answers(user, `wrong${code}`)).toBe("Reject");
      expect(await answers(user, user.password + user.wrongCode())).toBe("Reject");
      expect(await answers(user, code)).toBe("Reject");
      expect(await answers(user, user.password + code)).toBe("Accept");
      expect(await answers(user, user.password + code)).toBe("Reject");
      const reasons = ["wrong-code", "wrong-code", "wrong-code", "ok", "code-spent"];
      await expect.poll(() => lab.reasons(user)).toEqual(reasons);
    }
  });

  test("in two steps the password is asked for first", async ({ onTestFailed }) => {
    onTestFailed(() => console.error(lab.logs()));
    expect(await answers(twoSteps, "wrong")).toBe("Reject");
    const { answer, state } = await dial(twoSteps, twoSteps.password);
    expect(answer).toBe("Challenge");
    expect((await dial(twoSteps, twoSteps.code(), state)).answer).toBe("Accept");
    await expect.poll(() => lab.reasons(twoSteps)).toEqual(["wrong-code", "password-ok", "ok"]);
  });

  test("an outage refuses with its own reason, costs nothing, and the doctor says it", async ({
    onTestFailed,
  }) => {
    onTestFailed(() => console.error(lab.logs()));
    const user = users[1];
    process.kill(daemon.pid, "SIGSTOP");
    const before = lab.reasons(user).length;
    expect(await answers(user, user.password + user.code())).toBe("Reject");
    process.kill(daemon.pid, "SIGCONT");
    await daemon.stop();
    // More than the failures that are free.
    for (let i = 0; i < 7; i++) expect(await answers(user, user.password + user.code())).toBe("Reject");
    await expect
      .poll(() => lab.reasons(user).slice(before))
      .toEqual(Array<string>(8).fill("directory-unreachable"));
    const doctor = await lab.dialward(["doctor", user.name], `${user.password}${user.code()}\n`);
    expect(doctor.output).toMatch(
      /The directory, which has the password, gave no answer when it was asked last: \S/,
    );
    daemon = await kind.start(lab);
    const again = await lab.until("a code is not spent", async () => {
      const text = user.password + user.code();
      return (await answers(user, text)) === "Accept" ? "accepted" : undefined;
    });
    expect(again).toBe("accepted");
    expect(lab.reasons(user)).not.toContain("must-wait");
  });

  test("no password is in the log or the data folder", async () => {
    const data = join(lab.folder, "data");
    const files = readdirSync(data, { recursive: true, encoding: "utf8" }).map((name) => join(data, name));
    const texts = files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, "latin1"));
    for (const text of [lab.dialwardLog(), ...texts])
      for (const { password } of [...users, twoSteps]) expect(text).not.toContain(password);
  });
});
