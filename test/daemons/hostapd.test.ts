// hostapd in front of a port (802.1X), and wpa_supplicant that plugs into it: EAP-MSCHAPv2, GTC and MD5; who is connected.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROUTER } from "./behind.ts";
import { Lab, type Daemon } from "./lab.ts";
import { testLogin, type Login } from "./logins.ts";
import { makeUser, type User } from "./users.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open("hostapd");
  const hostapd = lab.start("server", "hostapd", ["hostapd", join(lab.folder, "hostapd/hostapd.conf")]);
  await lab.until("hostapd is ready", () => hostapd.log().includes("AP-ENABLED"));
});
afterAll(() => lab?.close());

/** A machine with a name of its own: hostapd keeps one that was refused waiting for a minute. */
function makeAddress(): string {
  return `02:${randomBytes(5).toString("hex").match(/../g)!.join(":")}`;
}

/** Plugs a machine in; the port is open as long as the client runs. Undefined where it stays closed. */
async function plugIn(
  address: string,
  method: string,
  { name }: User,
  password: string,
): Promise<Daemon | undefined> {
  const network = ["key_mgmt=IEEE8021X", `eap=${method}`, "eapol_flags=0"];
  const text = `ctrl_interface=${lab.folder}/wpa\nap_scan=0\nnetwork={\n${network.join("\n")}\nidentity="${name}"\npassword="${password}"\n}\n`;
  const file = lab.write("wpa_supplicant.conf", text, 0o600);
  await lab.run("client", ["ip", "link", "set", "dw0", "address", address]);
  const program = ["wpa_supplicant", "-D", "wired", "-i", "dw0", "-c", file];
  const client = lab.start("client", "wpa_supplicant", program);
  const port = await lab.until("the port is open or stays closed", () => {
    if (client.log().includes("CTRL-EVENT-EAP-SUCCESS")) return "open";
    return client.log().includes("CTRL-EVENT-EAP-FAILURE") && "closed";
  });
  if (port === "open") return client;
  await client.stop();
  return undefined;
}

function loginBy(method: string): Login {
  return async (user, password) => {
    const client = await plugIn(makeAddress(), method, user, password!);
    await client?.stop();
    return client !== undefined;
  };
}

for (const method of ["MSCHAPV2", "GTC", "MD5"])
  testLogin(`hostapd, EAP-${method}`, () => lab, loginBy(method));
testLogin("hostapd, EAP-MSCHAPv2, password and code", () => lab, loginBy("MSCHAPV2"), "password+code");

const first = makeUser("totp");
const next = makeUser("motp");
// The router's daemon keeps no sessions.
test.skipIf(ROUTER)(
  "accounting lists who is connected, until the machine logs off",
  async ({ onTestFailed }) => {
    onTestFailed(() => console.error(lab.logs()));
    // hostapd has one Acct-Session-Id for all logins of a machine: the second one is a session of its own.
    const address = makeAddress();
    const callingStation = address.toUpperCase().replaceAll(":", "-");
    const sessionsOf = async ({ name }: User) => (await lab.sessions()).filter(({ user }) => user === name);
    for (const user of [first, next]) {
      const client = await plugIn(address, "MSCHAPV2", user, user.code());
      expect(client).toBeDefined();
      await expect.poll(() => sessionsOf(user)).toMatchObject([{ nas: "hostapd", callingStation }]);
      await lab.run("client", ["wpa_cli", "-p", `${lab.folder}/wpa`, "-i", "dw0", "logoff"]);
      await expect.poll(() => sessionsOf(user)).toEqual([]);
      await client!.stop();
      // Events are told by the second: an end and a beginning in one are not told apart.
      const ended = Math.floor(Date.now() / 1000);
      await lab.until("another second has begun", () => Math.floor(Date.now() / 1000) > ended);
    }
  },
);
