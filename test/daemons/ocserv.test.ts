// ocserv with openconnect: SSL VPN by PAP, in one step and in two by Access-Challenge.
import { chmodSync, copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeCertificates, SERVER_NAME } from "./certificates.ts";
import { Lab, SERVER, type Result } from "./lab.ts";
import { testLogin, testType, type Login } from "./logins.ts";
import { FACTORS, makeUser, type User } from "./users.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open("ocserv");
  makeCertificates(lab.folder);
  const folder = lab.place("ocserv", { "/run/ocserv.socket": join(lab.folder, "ocserv.socket") });
  for (const name of ["vpn.pem", "vpn.key"]) copyFileSync(join(lab.folder, name), join(folder, name));
  const ocserv = lab.start("server", "ocserv", [
    "ocserv",
    "-f",
    "-d",
    "1",
    "-c",
    join(folder, "ocserv.conf"),
  ]);
  await lab.until("ocserv listens", () => /listening \(TCP\)/.test(ocserv.log()));
  const script = `#!/bin/sh
[ "$reason" = connect ] || exit 0
ip link set "$TUNDEV" up mtu 1300 && ip address add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV" &&
ip route add 10.99.0.0/24 dev "$TUNDEV" && touch ${connected()}
`;
  chmodSync(lab.write("vpnc-script", script), 0o755);
});
afterAll(() => lab?.close());

/** Is there as soon as openconnect has set up its tunnel. */
const connected = () => join(lab.folder, "connected");

/** Asks for a cookie, with one line of `answers` for each prompt. */
function authenticate({ name }: User, answers: readonly string[]): Promise<Result> {
  const where = ["--cafile", join(lab.folder, "ca.pem"), "--resolve", `${SERVER_NAME}:${SERVER}`];
  const who = ["--user", name, "--passwd-on-stdin", "--authenticate"];
  const command = ["openconnect", ...where, ...who, `https://${SERVER_NAME}/`];
  return lab.run("client", command, { input: answers.map((answer) => `${answer}\n`).join("") });
}

/** Connects with what the authentication gave, pings, and hangs up. */
async function connect(output: string): Promise<void> {
  const given = Object.fromEntries(
    [...output.matchAll(/^(\w+)='(.*)'$/gm)].map(([, key, value]) => [key, value]),
  );
  const cookie = lab.write("cookie", given["COOKIE"], 0o600);
  const args = ["--servercert", given["FINGERPRINT"], "--resolve", given["RESOLVE"]];
  const script = `exec openconnect --cookie-on-stdin ${args.join(" ")} --interface oc0 --script ${lab.folder}/vpnc-script ${given["CONNECT_URL"]} < ${cookie}`;
  rmSync(connected(), { force: true });
  const client = lab.start("client", "openconnect", ["sh", "-c", script]);
  await lab.until("openconnect is connected", () => existsSync(connected()));
  await lab.ping().finally(() => client.stop("SIGINT"));
}

const login: Login = async (user, password) => {
  const { status, output } = await authenticate(user, [password]);
  if (status === 0) await connect(output);
  return status === 0;
};

testLogin("ocserv", () => lab, login);
testLogin("ocserv, password and code", () => lab, login, "password+code");
testType("ocserv", () => lab, login, "ssl-vpn");

for (const factor of FACTORS) {
  const user = makeUser(factor, { mode: "password-then-code" });
  const other = makeUser(factor, { mode: "password-then-code" });
  test(`ocserv, password, then code, ${factor}`, async ({ onTestFailed }) => {
    onTestFailed(() => console.error(lab.logs()));
    const code = user.code();
    const right = await authenticate(user, [user.password, code]);
    expect(right.status).toBe(0);
    await connect(right.output);
    expect((await authenticate(user, [user.password, code])).status).not.toBe(0);
    expect((await authenticate(other, [other.password, other.wrongCode()])).status).not.toBe(0);
    expect((await authenticate(other, ["wrong"])).status).not.toBe(0);
    await expect.poll(() => lab.reasons(user)).toEqual(["password-ok", "ok", "password-ok", "code-spent"]);
    await expect.poll(() => lab.reasons(other)).toEqual(["password-ok", "wrong-code", "wrong-code"]);
  });
}
