// ocserv with openconnect: SSL VPN by PAP, in one step and in two by Access-Challenge.
import { chmodSync, copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { makeCertificates, SERVER_NAME } from "./certificates.ts";
import { Lab, SERVER, type Daemon, type Result } from "./lab.ts";
import { testLogin, testTwoSteps, testType, type Login } from "./logins.ts";
import { testSales } from "./sales.ts";
import type { User } from "./users.ts";

let lab: Lab;
let ocserv: Daemon;
beforeAll(async () => {
  lab = await Lab.open("ocserv");
  makeCertificates(lab.folder);
  const folder = lab.place("ocserv", { "/run/ocserv.socket": join(lab.folder, "ocserv.socket") });
  for (const name of ["vpn.pem", "vpn.key"]) copyFileSync(join(lab.folder, name), join(folder, name));
  ocserv = lab.start("server", "ocserv", ["ocserv", "-f", "-d", "1", "-c", join(folder, "ocserv.conf")]);
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
function authenticate({ name }: Pick<User, "name">, answers: readonly string[]): Promise<Result> {
  const where = ["--cafile", join(lab.folder, "ca.pem"), "--resolve", `${SERVER_NAME}:${SERVER}`];
  const who = ["--user", name, "--passwd-on-stdin", "--authenticate"];
  const command = ["openconnect", ...where, ...who, `https://${SERVER_NAME}/`];
  return lab.run("client", command, { input: answers.map((answer) => `${answer}\n`).join("") });
}

/** Connects with what the authentication gave; the client that stays connected. */
async function connect(output: string): Promise<Daemon> {
  const given = Object.fromEntries(
    [...output.matchAll(/^(\w+)='(.*)'$/gm)].map(([, key, value]) => [key, value]),
  );
  const cookie = lab.write("cookie", given["COOKIE"], 0o600);
  const args = ["--servercert", given["FINGERPRINT"], "--resolve", given["RESOLVE"]];
  const script = `exec openconnect --cookie-on-stdin ${args.join(" ")} --interface oc0 --script ${lab.folder}/vpnc-script ${given["CONNECT_URL"]} < ${cookie}`;
  rmSync(connected(), { force: true });
  const client = lab.start("client", "openconnect", ["sh", "-c", script]);
  await lab.until("openconnect is connected", () => existsSync(connected()));
  return client;
}

const login: Login = async (user, ...answers) => {
  const { status, output } = await authenticate(user, answers);
  if (status !== 0) return false;
  const client = await connect(output);
  await lab.ping().finally(() => client.stop("SIGINT"));
  return true;
};

testLogin("ocserv", () => lab, login);
testLogin("ocserv, password and code", () => lab, login, "password+code");
testType("ocserv", () => lab, login, "ssl-vpn");
testTwoSteps("ocserv", () => lab, login);

testSales("ocserv", () => lab, {
  async stay(user, code) {
    const { status, output } = await authenticate(user, [code]);
    if (status !== 0) return undefined;
    const client = await connect(output);
    await lab.ping();
    return {
      address: await lab.addressOf("oc0"),
      // Its accounting tells of the end when the cookie cannot be used any more, five minutes later.
      over: () => !client.running && /session timeout reached/.test(ocserv.log()),
      stop: () => client.stop("SIGINT"),
    };
  },
  login,
  address: "10.20.0.77",
  // ocserv reads a group from Class, as OU=…
  attributes: ['Class = "OU=Sales"'],
  async check() {
    expect(ocserv.log()).toContain("Sales");
  },
});

describe("where its client in dialward.toml has neither type nor challenge", () => {
  beforeAll(() => lab.configure((text) => text.replace(/^(type|challenge) = .*\n/gm, "")));
  testType("ocserv", () => lab, login, "ssl-vpn");
  testTwoSteps("ocserv", () => lab, login);
});
