// `dialward dial` as other programs call it: codes on standard input, a line each, and the exit status.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeAttribute, parseAttribute } from "../../host/groups/attribute.ts";
import { runCommand } from "../command.ts";
import { openDoor, SECRET, type Fixture } from "../radius/fixture.ts";

let door: Fixture;
let folder: string;
beforeEach(async () => {
  door = await openDoor();
  folder = mkdtempSync(join(tmpdir(), "dialward-dial-"));
  writeFileSync(join(folder, "radius-secret"), `${SECRET}\n`, { mode: 0o600 });
});
afterEach(async () => {
  await door.server.close();
  rmSync(folder, { recursive: true });
});

/** Runs `dial` against the door; the secret comes from the data folder. */
function dial(
  args: string[],
  input: string,
  server = `127.0.0.1:${door.server.addresses.authentication.port}`,
) {
  return runCommand(["--data", folder, "dial", ...args, "--server", server], input);
}

test("accepted is 0, refused is 1", async () => {
  expect(await dial(["alice"], "123456\n")).toEqual({ status: 0, out: "accepted\n", err: "" });
  expect(await dial(["alice"], "123456\n")).toEqual({ status: 1, out: "refused (Access denied)\n", err: "" });
  const json = await dial(["alice", "--json", "--proof", "eap-md5"], "123456\n");
  expect([json.status, JSON.parse(json.out)]).toEqual([1, { outcome: "refuse" }]);
});

test("it shows what the Accept brought by name, and nothing of the protocol's own", async () => {
  const lines = [
    "Framed-IPv6-Prefix = 2001:db8::/48",
    "Tunnel-Type:1 = VLAN",
    'Cisco-AVPair = "a=b"',
    "Attr-26.9999.7 = 0x01ff",
  ];
  door.admission.attributes = lines.map((line) => {
    const attribute = parseAttribute(line);
    return { name: attribute.definition.name, value: "", bytes: encodeAttribute(attribute) };
  });
  for (const proof of ["pap", "mschapv2", "eap-mschapv2"]) {
    door.admission.spent.clear();
    const { out, status } = await dial(["alice", "--proof", proof], "123456\n");
    expect([status, out], proof).toEqual([
      0,
      ["accepted", ...lines.map((line) => `  ${line}`), ""].join("\n"),
    ]);
  }
});

test("without --server it asks the service of its configuration, on this machine", async () => {
  const { port } = door.server.addresses.authentication;
  for (const listen of [`127.0.0.1:${port}`, `0.0.0.0:${port}`]) {
    const config = join(folder, "dialward.toml");
    writeFileSync(config, `data = "."\n[radius]\nlisten = "${listen}"\n`);
    const result = await runCommand(["--config", config, "dial", "alice"], "123456\n");
    expect(result).toMatchObject({ err: "", out: expect.stringMatching(/^(accepted|refused)/) });
  }
});

test("a challenge reads the next line; without one it is refused", async () => {
  expect((await dial(["bob"], "p4ssw0rd\n")).status).toBe(1);
  expect(await dial(["bob"], "p4ssw0rd\n654321\n")).toEqual({ status: 0, out: "accepted\n", err: "" });
});

test("bad usage is 2, and says what to do", async () => {
  const secret = await dial(["alice", "--secret-file", join(folder, "missing")], "1\n");
  expect(secret).toMatchObject({ status: 2, err: expect.stringContaining("--secret-file") });
  expect(await dial(["alice", "--proof", "mschap"], "1\n")).toMatchObject({
    status: 2,
    err: expect.stringContaining("mschapv2"),
  });
  expect((await dial(["alice"], "1\n", "nowhere")).status).toBe(2);
  expect((await dial(["alice", "--timeout", "0"], "1\n")).status).toBe(2);
  expect((await dial(["alice"], "")).status).toBe(2);
  rmSync(join(folder, "radius-secret"));
  expect(await dial(["alice"], "1\n")).toMatchObject({
    status: 2,
    err: expect.stringContaining("dialward serve"),
  });
  expect(door.admission.dialIns).toHaveLength(0);
});

test("a server with another secret is not trusted", async () => {
  writeFileSync(join(folder, "other"), "other\n", { mode: 0o600 });
  const args = ["alice", "--secret-file", join(folder, "other"), "--timeout", "0.1"];
  const result = await dial(args, "123456\n");
  expect(result).toMatchObject({ status: 1, out: expect.stringContaining("no answer") });
});
