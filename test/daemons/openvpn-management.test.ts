// OpenVPN's management socket, without RADIUS: static and dynamic challenge, restart, renegotiation, disconnect.
import { copyFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificates } from "./certificates.ts";
import { Lab, SERVER, type Daemon } from "./lab.ts";
import { testLogin, testType, type Login } from "./logins.ts";
import { dial, type Answers } from "./openvpn-client.ts";
import { FACTORS, makeUser, type User } from "./users.ts";

let lab: Lab;
let folder: string;
let server: Daemon;
beforeAll(async () => {
  lab = await Lab.open("openvpn");
  folder = lab.place("openvpn", { "vpn.example.com": SERVER });
  makeCertificates(lab.folder);
  for (const name of ["ca.pem", "vpn.pem", "vpn.key"])
    copyFileSync(join(lab.folder, name), join(folder, name));
  cpSync(join(folder, "server-management.conf"), join(folder, "server.conf"));
  await startServer();
});
afterAll(() => lab?.close());

/** Starts OpenVPN, and waits until Dialward has found it. */
async function startServer(...more: string[]): Promise<void> {
  const connections = () => lab.dialwardLog().match(/connected to OpenVPN's management socket/g)?.length ?? 0;
  const before = connections();
  server = lab.start("server", "openvpn", ["openvpn", "--config", join(folder, "server.conf"), ...more]);
  await lab.until("Dialward has found OpenVPN", () => connections() > before);
  await lab.until("OpenVPN is ready", () => /Initialization Sequence Completed/.test(server.log()));
}

async function judge(answers: Answers): Promise<boolean> {
  const client = await dial(lab, answers);
  await (client && lab.ping().finally(() => client.stop()));
  return client !== undefined;
}

const login: Login = ({ name }, password) => judge({ user: name, password });
testLogin("OpenVPN's management socket", () => lab, login);
testType("OpenVPN's management socket", () => lab, login, "openvpn");

/** Password and code are asked for apart. */
function testTwo(
  what: string,
  mode: "password+code" | "password-then-code",
  more: Partial<Answers>,
  first: string[],
): void {
  for (const factor of FACTORS) {
    const user = makeUser(factor, { mode });
    const other = makeUser(factor, { mode });
    test(`${what}, ${factor}: a right code, the same again, a wrong one`, async ({ onTestFailed }) => {
      onTestFailed(() => console.error(lab.logs()));
      const login = ({ name, password }: User, code: string) =>
        judge({ user: name, password, code, ...more });
      const code = user.code();
      expect(await login(user, code)).toBe(true);
      expect(await login(user, code)).toBe(false);
      expect(await login(other, other.wrongCode())).toBe(false);
      await expect.poll(() => lab.reasons(user)).toEqual([...first, "ok", ...first, "code-spent"]);
      await expect.poll(() => lab.reasons(other)).toEqual([...first, "wrong-code"]);
    });
  }
}
testTwo("static challenge (SCRV1)", "password+code", { staticChallenge: true }, []);
testTwo("dynamic challenge (CRV1)", "password-then-code", {}, ["password-ok"]);

const unknowing = makeUser("totp", { mode: "password-then-code" });
test("a wrong password is not asked for a code", async () => {
  expect(await judge({ user: unknowing.name, password: "wrong", code: unknowing.code() })).toBe(false);
  await expect.poll(() => lab.reasons(unknowing)).toEqual(["wrong-code"]);
});

const ended = makeUser("totp");
test("a connection is listed, and ended from the command line", async ({ onTestFailed }) => {
  onTestFailed(() => console.error(lab.logs()));
  const client = (await dial(lab, { user: ended.name, password: ended.code() }))!;
  try {
    const sessions = await lab.sessions();
    expect(sessions).toMatchObject([{ user: ended.name, nas: "openvpn", type: "openvpn" }]);
    expect((await lab.dialward(["sessions", "--disconnect", sessions[0]!.id])).status).toBe(0);
    await lab.until("the client has been disconnected", () => !client.running);
    expect(await lab.sessions()).toEqual([]);
  } finally {
    await client.stop();
  }
});

const stays = makeUser("motp", { mode: "password-then-code" });
test("after OpenVPN's restart Dialward is there again, and renegotiation spends no code", async ({
  onTestFailed,
}) => {
  onTestFailed(() => console.error(lab.logs()));
  await server.stop();
  // The second number keeps the token good, although a client that renegotiates so often misses its renewal.
  await startServer("--reneg-sec", "8", "--hand-window", "4", "--auth-gen-token", "43200", "60");
  const client = (await dial(lab, { user: stays.name, password: stays.password, code: stays.code() }))!;
  await lab.until("the token is taken", () => /auth-token authentication succeeded/.test(server.log()));
  await lab.ping();
  await client.stop();
  await expect.poll(() => lab.reasons(stays)).toEqual(["password-ok", "ok"]);
});
