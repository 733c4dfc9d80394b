// OpenVPN with its RADIUS plug-in: PAP, accounting, and renegotiation by a token.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Daemon, Lab } from "./lab.ts";
import { testLogin, testOneStepOnly, testType, type Login } from "./logins.ts";
import { dial, logIn, openLab, RENEGOTIATING, startServer } from "./openvpn-client.ts";
import { makeUser } from "./users.ts";

let lab: Lab;
let server: Daemon;
beforeAll(async () => {
  lab = await openLab("server-radius.conf");
  server = await startServer(lab);
});
afterAll(() => lab?.close());

const login: Login = ({ name }, password) => logIn(lab, { user: name, password });

testLogin("OpenVPN's RADIUS plug-in", () => lab, login);
testLogin("OpenVPN's RADIUS plug-in, password and code", () => lab, login, "password+code");
testType("OpenVPN's RADIUS plug-in", () => lab, login, "openvpn");
testOneStepOnly("OpenVPN's RADIUS plug-in", () => lab, login);

const twice = makeUser("totp");
test("the plug-in sends each login twice, and the second copy is told as a repeat", async () => {
  expect(await logIn(lab, { user: twice.name, password: twice.code() })).toBe(true);
  await expect.poll(() => lab.repeats(twice), { timeout: 10_000 }).toBe(1);
  expect(lab.reasons(twice)).toEqual(["ok"]);
});

describe("where its client in dialward.toml has no type", () => {
  beforeAll(() => lab.configure((text) => text.replace(/^type = .*\n/m, "")));
  testType("OpenVPN's RADIUS plug-in", () => lab, login, "openvpn");
});

const stays = makeUser("totp");
test("renegotiation spends no code", async ({ onTestFailed }) => {
  onTestFailed(() => console.error(lab.logs()));
  await server.stop();
  server = await startServer(lab, RENEGOTIATING);
  const client = (await dial(lab, { user: stays.name, password: stays.code() }))!;
  await lab.until("the token is taken", () => /auth-token authentication succeeded/.test(server.log()));
  await lab.ping();
  await expect.poll(() => lab.sessions()).toMatchObject([{ user: stays.name, type: "openvpn" }]);
  await client.stop();
  await expect.poll(() => lab.reasons(stays)).toEqual(["ok"]);
});
