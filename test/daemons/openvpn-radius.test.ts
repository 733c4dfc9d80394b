// OpenVPN with its RADIUS plug-in: PAP, accounting, and renegotiation by a token.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTER } from "./behind.ts";
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

const late = makeUser("totp");
// The router's daemon knows a copy by its bytes alone.
test.skipIf(ROUTER)(
  "a login that was answered late comes again as a new packet, and is let in as a repeat",
  async ({ onTestFailed }) => {
    onTestFailed(() => console.error(lab.logs()));
    const stalled = lab.stall(2);
    expect(await logIn(lab, { user: late.name, password: late.code() })).toBe(true);
    await stalled;
    expect(lab.reasons(late)).toEqual(["ok"]);
    expect(lab.repeats(late)).toBe(1);
  },
);

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
  if (!ROUTER) await expect.poll(() => lab.sessions()).toMatchObject([{ user: stays.name, type: "openvpn" }]);
  await client.stop();
  await expect.poll(() => lab.reasons(stays)).toEqual(["ok"]);
});
