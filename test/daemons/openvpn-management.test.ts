// OpenVPN's management socket, without RADIUS: static and dynamic challenge, restart, renegotiation, disconnect.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Daemon, Lab } from "./lab.ts";
import { testLogin, testTwoSteps, testType, type Login } from "./logins.ts";
import { dial, logIn, openLab, RENEGOTIATING, startServer } from "./openvpn-client.ts";
import { testSales } from "./sales.ts";
import { makeUser, type User } from "./users.ts";

let lab: Lab;
let server: Daemon;
beforeAll(async () => {
  lab = await openLab("server-management.conf");
  server = await startFound();
});
afterAll(() => lab?.close());

/** Starts OpenVPN, and waits until Dialward has found it. */
async function startFound(more: readonly string[] = []): Promise<Daemon> {
  const connections = () => lab.dialwardLog().match(/connected to OpenVPN's management socket/g)?.length ?? 0;
  const before = connections();
  const server = await startServer(lab, more);
  await lab.until("Dialward has found OpenVPN", () => connections() > before);
  return server;
}

const login: Login = ({ name }, password) => logIn(lab, { user: name, password });
testLogin("OpenVPN's management socket", () => lab, login);
testLogin("OpenVPN's management socket, password and code", () => lab, login, "password+code");
testType("OpenVPN's management socket", () => lab, login, "openvpn");

/** Password and code are asked for apart, and sent as one. */
const loginByStatic: Login = ({ name, password }, text) =>
  logIn(lab, { user: name, password, code: text.slice(password.length), staticChallenge: true });
testLogin("static challenge (SCRV1)", () => lab, loginByStatic, "password+code");

const loginByDynamic: Login = ({ name }, password, code = "") => logIn(lab, { user: name, password, code });
testTwoSteps("dynamic challenge (CRV1)", () => lab, loginByDynamic);

testSales("OpenVPN", () => lab, {
  async stay({ name }, password) {
    const client = await dial(lab, { user: name, password });
    if (client === undefined) return undefined;
    await lab.ping();
    return { address: await lab.addressOf("tun0"), over: () => !client.running, stop: () => client.stop() };
  },
  login,
  address: "10.8.0.77",
  attributes: ["Framed-IP-Netmask = 255.255.255.0", 'Framed-Route = "10.77.0.0/24"'],
  async check() {
    expect((await lab.run("client", ["ip", "route"])).output).toMatch(
      /^10\.77\.0\.0\/24 via 10\.8\.0\.1 dev tun0/m,
    );
  },
});

/** The connections of `user`; those of others are there for some seconds after their clients have gone. */
const sessionsOf = async ({ name }: User) => (await lab.sessions()).filter(({ user }) => user === name);

/** Ends the connection of `user` from the command line. */
async function disconnect(user: User): Promise<void> {
  await expect.poll(() => sessionsOf(user)).toMatchObject([{ nas: "openvpn", type: "openvpn" }]);
  const [session] = await sessionsOf(user);
  expect((await lab.dialward(["sessions", "--disconnect", session!.id])).status).toBe(0);
}

const away = makeUser("totp");
test("a connection is ended from the command line, even if it was out of reach then and comes back by its token", async ({
  onTestFailed,
}) => {
  onTestFailed(() => console.error(lab.logs()));
  const link = (state: "up" | "down") => lab.run("client", ["ip", "link", "set", "dw0", state]);
  const client = (await dial(lab, { user: away.name, password: away.code() }))!;
  try {
    await link("down");
    await disconnect(away);
    const gone = new RegExp(`${away.name}/.*delayed-exit`);
    await lab.until("OpenVPN has let go of it", () => gone.test(server.log()));
    await link("up");
    process.kill(client.pid, "SIGUSR1"); // as it does by itself a minute later
    await lab.until("it comes back", () => /auth-token authentication succeeded/.test(server.log()));
    await lab.until("the client has been disconnected", () => !client.running);
    expect(await sessionsOf(away)).toEqual([]);
  } finally {
    await link("up");
    await client.stop();
  }
});

const stays = makeUser("motp", { mode: "password-then-code" });
test("after OpenVPN's restart Dialward is there again, and renegotiation spends no code", async ({
  onTestFailed,
}) => {
  onTestFailed(() => console.error(lab.logs()));
  await server.stop();
  server = await startFound(RENEGOTIATING);
  const client = (await dial(lab, { user: stays.name, password: stays.password, code: stays.code() }))!;
  await lab.until("the token is taken", () => /auth-token authentication succeeded/.test(server.log()));
  await lab.ping();
  await client.stop();
  await expect.poll(() => lab.reasons(stays)).toEqual(["password-ok", "ok"]);
});

const due = makeUser("totp");
test("a connection that renegotiates all the time is ended", async ({ onTestFailed }) => {
  onTestFailed(() => console.error(lab.logs()));
  const client = (await dial(lab, { user: due.name, password: due.code() }))!;
  try {
    await disconnect(due);
    await lab.until("the client has been disconnected", () => !client.running);
    expect(await sessionsOf(due)).toEqual([]);
  } finally {
    await client.stop();
  }
});
