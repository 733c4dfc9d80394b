// OpenVPN with its RADIUS plug-in: PAP, accounting, and renegotiation by a token.
import { copyFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificates } from "./certificates.ts";
import { Lab, SERVER, type Daemon } from "./lab.ts";
import { testLogin, testType, type Login } from "./logins.ts";
import { dial } from "./openvpn-client.ts";
import { makeUser } from "./users.ts";

let lab: Lab;
let folder: string;
let server: Daemon;
beforeAll(async () => {
  lab = await Lab.open("openvpn");
  folder = lab.place("openvpn", { "vpn.example.com": SERVER });
  makeCertificates(lab.folder);
  for (const name of ["ca.pem", "vpn.pem", "vpn.key"])
    copyFileSync(join(lab.folder, name), join(folder, name));
  cpSync(join(folder, "server-radius.conf"), join(folder, "server.conf"));
  await startServer();
});
afterAll(() => lab?.close());

async function startServer(...more: string[]): Promise<void> {
  server = lab.start("server", "openvpn", ["openvpn", "--config", join(folder, "server.conf"), ...more]);
  await lab.until("OpenVPN is ready", () => /Initialization Sequence Completed/.test(server.log()));
}

const login: Login = async ({ name }, password) => {
  const client = await dial(lab, { user: name, password });
  await (client && lab.ping().finally(() => client.stop()));
  return client !== undefined;
};

testLogin("OpenVPN's RADIUS plug-in", () => lab, login);
testLogin("OpenVPN's RADIUS plug-in, password and code", () => lab, login, "password+code");
testType("OpenVPN's RADIUS plug-in", () => lab, login, "openvpn");

const asked = makeUser("totp", { mode: "password-then-code" });
test("the plug-in cannot ask for the code in a second step, and the log says so", async () => {
  expect(await login(asked, asked.password)).toBe(false);
  await expect.poll(() => lab.reasons(asked)).toEqual(["password-ok", "challenge-not-supported"]);
});

const stays = makeUser("totp");
test("renegotiation spends no code", async ({ onTestFailed }) => {
  onTestFailed(() => console.error(lab.logs()));
  await server.stop();
  // The second number keeps the token good, although a client that renegotiates so often misses its renewal.
  await startServer("--reneg-sec", "8", "--hand-window", "4", "--auth-gen-token", "43200", "60");
  const client = (await dial(lab, { user: stays.name, password: stays.code() }))!;
  await lab.until("the token is taken", () => /auth-token authentication succeeded/.test(server.log()));
  await lab.ping();
  expect(await lab.sessions()).toMatchObject([{ user: stays.name, type: "openvpn" }]);
  await client.stop();
  await expect.poll(() => lab.reasons(stays)).toEqual(["ok"]);
});
