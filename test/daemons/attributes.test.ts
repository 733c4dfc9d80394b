// Every reply attribute of the dictionary, as FreeRADIUS's radclient reads it with the dictionaries of its own authors: by
// the same name, with the same tag and value.
import { afterAll, beforeAll, expect, test } from "vitest";
import dictionary from "../../host/groups/dictionary.json" with { type: "json" };
import { Lab } from "./lab.ts";
import { makeUser } from "./users.ts";

interface Entry {
  name: string;
  type: number;
  vendor?: string;
  data: string;
  tag?: boolean;
  values?: Record<string, number>;
}

/** Attributes of one user: what one reply has room for. */
const AT_ONCE = 25;
const ALL = dictionary.attributes as unknown as Entry[];
const SOME = Array.from({ length: Math.ceil(ALL.length / AT_ONCE) }, (_, i) =>
  ALL.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
);

const wireless = makeUser("totp");
const users = SOME.map(() => makeUser("totp"));
let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open("radclient");
});
afterAll(() => lab?.close());

/** A value as we write it, and as radclient prints it; a number may have several words. */
function valueOf({ name, data, values = {} }: Entry): [ours: string, theirs: string[] | RegExp] {
  const [[word, number] = []] = Object.entries(values);
  if (word !== undefined) return [word, Object.keys(values).filter((other) => values[other] === number)];
  const plain: Record<string, [string, string[] | RegExp]> = {
    text: ['"a \\"text\\""', ['"a \\"text\\""']],
    bytes: ["0x0102ff", ["0x0102ff"]],
    number: ["7", /^(7|[A-Za-z][\w-]*)$/],
    number64: ["5000000000", ["5000000000"]],
    address: ["10.1.2.3", ["10.1.2.3"]],
    address6: ["2001:db8::7", ["2001:db8::7"]],
    prefix6: ["2001:db8:7::/48", ["2001:db8:7::/48"]],
    interface: ["0:0:0:7", ["0:0:0:7"]],
    time: ["2027-01-31T18:00:00Z", /^"Jan 31 2027 /],
  };
  return plain[data] ?? expect.fail(`${name} is of a type that this test does not know`);
}

/** Whether a line of radclient's is this attribute, by any name that its number has. */
function isRead(line: string, entry: Entry): boolean {
  const [, name, tag = "", value = ""] = /^([\w-]+)(:\d+)? = (.*)$/.exec(line) ?? [];
  const its = ALL.filter(({ type, vendor }) => type === entry.type && vendor === entry.vendor);
  if (!its.some((one) => one.name === name) || tag !== (entry.tag ? ":3" : "")) return false;
  const theirs = valueOf(entry)[1];
  return theirs instanceof RegExp ? theirs.test(value) : theirs.includes(value);
}

test.each(SOME.map((some, i) => [some[0]!.name, some.at(-1)!.name, i] as const))(
  "from %s to %s",
  async (_first, _last, i) => {
    const user = users[i]!;
    const lines = SOME[i]!.map((entry) => `${entry.name}${entry.tag ? ":3" : ""} = ${valueOf(entry)[0]}`);
    const edited = await lab.dialward(["user", "edit", user.name, "--attribute", ...lines]);
    expect(edited).toMatchObject({ status: 0 });
    const secret = lab.write("radclient-secret", lab.secret, 0o600);
    const input = `User-Name = "${user.name}"\nUser-Password = "${user.code()}"\nMessage-Authenticator = 0x00\n`;
    const command = ["radclient", "-x", "-r", "1", "-t", "15", "-S", secret, "127.0.0.1:1812", "auth"];
    const { output } = await lab.run("server", command, { input });
    const reply = /Received Access-Accept [^\n]*\n([^]*)/.exec(output)?.[1] ?? expect.fail(output);
    const brought = reply.split("\n").map((line) => line.trim());
    const wrong = SOME[i]!.filter((entry) => !brought.some((line) => isRead(line, entry)));
    expect(
      wrong.map(({ name }) => name),
      reply,
    ).toEqual([]);
  },
);

test("eapol_test finds them beside the keys of EAP-MSCHAPv2", async () => {
  const { name } = wireless;
  const lines = ["Framed-IP-Address = 10.1.2.3", "Session-Timeout = 600", "Tunnel-Private-Group-Id:1 = 77"];
  expect(await lab.dialward(["user", "edit", name, "--attribute", ...lines])).toMatchObject({ status: 0 });
  const network = [
    `key_mgmt=IEEE8021X`,
    `eap=MSCHAPV2`,
    `identity="${name}"`,
    `password="${wireless.code()}"`,
  ];
  const file = lab.write("eapol_test.conf", `network={\n${network.join("\n")}\n}\n`, 0o600);
  const command = ["eapol_test", "-c", file, "-a", "127.0.0.1", "-s", lab.secret, "-t", "30"];
  const { status, output } = await lab.run("server", command);
  expect(status, output).toBe(0);
  expect(output).toMatch(/^MPPE keys OK: 1 {2}mismatch: 0$/m);
  const accept = output.slice(output.lastIndexOf("Access-Accept"));
  expect(accept).toMatch(/Attribute 8 \(Framed-IP-Address\) length=6\n\s+Value: 10\.1\.2\.3/);
  expect(accept).toMatch(/Attribute 27 \(Session-Timeout\) length=6\n\s+Value: 600/);
  expect(accept).toMatch(/Attribute 81 \(Tunnel-Private-Group-Id\) length=5\n\s+Value: 013737/);
});
