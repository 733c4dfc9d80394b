// hostapd in front of a port (802.1X), and wpa_supplicant that plugs into it: EAP-MSCHAPv2, GTC and MD5.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Lab } from "./lab.ts";
import { testLogin, type Login } from "./logins.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open("hostapd");
  const hostapd = lab.start("server", "hostapd", ["hostapd", join(lab.folder, "hostapd/hostapd.conf")]);
  await lab.until("hostapd is ready", () => hostapd.log().includes("AP-ENABLED"));
});
afterAll(() => lab?.close());

/** Each time another machine is plugged in: hostapd keeps one that was refused waiting for a minute. */
function loginBy(method: string): Login {
  return async ({ name }, password) => {
    const network = ["key_mgmt=IEEE8021X", `eap=${method}`, "eapol_flags=0"];
    const text = `ap_scan=0\nnetwork={\n${network.join("\n")}\nidentity="${name}"\npassword="${password}"\n}\n`;
    const file = lab.write("wpa_supplicant.conf", text, 0o600);
    const address = `02:${randomBytes(5).toString("hex").match(/../g)!.join(":")}`;
    await lab.run("client", ["ip", "link", "set", "dw0", "address", address]);
    const client = lab.start("client", "wpa_supplicant", [
      "wpa_supplicant",
      "-D",
      "wired",
      "-i",
      "dw0",
      "-c",
      file,
    ]);
    try {
      return (
        (await lab.until("the port is open or stays closed", () => {
          if (client.log().includes("CTRL-EVENT-EAP-SUCCESS")) return "open";
          return client.log().includes("CTRL-EVENT-EAP-FAILURE") && "closed";
        })) === "open"
      );
    } finally {
      await client.stop();
    }
  };
}

for (const method of ["MSCHAPV2", "GTC", "MD5"])
  testLogin(`hostapd, EAP-${method}`, () => lab, loginBy(method));
testLogin("hostapd, EAP-MSCHAPv2, password and code", () => lab, loginBy("MSCHAPV2"), "password+code");
