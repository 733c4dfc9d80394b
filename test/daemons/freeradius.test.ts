// FreeRADIUS in front of Dialward: as a proxy, and as the end of TTLS and PEAP, whose inner logins it proxies.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates } from "./certificates.ts";
import { Lab, type Daemon } from "./lab.ts";
import { testLogin, type Login } from "./logins.ts";

const PORT = 1645;
let lab: Lab;
let freeradius: Daemon;
beforeAll(async () => {
  lab = await Lab.open("freeradius", async (it) => makeCertificates(`${it.folder}/freeradius`));
  const command = ["freeradius", "-f", "-X", "-d", `${lab.folder}/freeradius`, "-n", "radiusd"];
  freeradius = lab.start("server", "freeradius", command);
  await lab.until("FreeRADIUS is ready", () => freeradius.log().includes("Ready to process requests"));
});
afterAll(() => lab?.close());

async function radclient(attributes: string): Promise<string> {
  const secret = lab.write("radclient-secret", lab.secret, 0o600);
  const command = ["radclient", "-x", "-r", "1", "-t", "15", "-S", secret, `127.0.0.1:${PORT}`, "auth"];
  return (await lab.run("server", command, { input: `${attributes}Message-Authenticator = 0x00\n` })).output;
}

describe("as a proxy", () => {
  const pap: Login = async ({ name }, password) =>
    (await radclient(`User-Name = "${name}"\nUser-Password = "${password}"\n`)).includes(
      "Received Access-Accept",
    );
  testLogin("PAP", () => lab, pap);
  testLogin("PAP, password and code", () => lab, pap, "password+code");

  test("what cannot be judged is refused, so that Dialward is not taken for dead", async () => {
    expect(await radclient('User-Name = "nobody"\n')).toContain("Received Access-Reject");
    expect(freeradius.log()).not.toMatch(/Marking home server .* as (zombie|dead)/);
  });
});

describe("as the end of a tunnel", () => {
  /** eapol_test compares the keys of the tunnel with those in the Access-Accept. */
  function loginBy(method: "TTLS" | "PEAP", inner: string): Login {
    return async ({ name }, password) => {
      const network = [
        "key_mgmt=IEEE8021X",
        `eap=${method}`,
        'anonymous_identity="anonymous"',
        `identity="${name}"`,
        `password="${password}"`,
        `phase2="${inner}"`,
        `ca_cert="${lab.folder}/freeradius/ca.pem"`,
      ];
      const file = lab.write("eapol_test.conf", `network={\n${network.join("\n")}\n}\n`, 0o600);
      const command = [
        "eapol_test",
        "-c",
        file,
        "-a",
        "127.0.0.1",
        "-p",
        `${PORT}`,
        "-s",
        lab.secret,
        "-t",
        "30",
      ];
      const { status, output } = await lab.run("server", command);
      expect(output).toMatch(/^(SUCCESS|FAILURE)$/m);
      return status === 0;
    };
  }

  testLogin("TTLS with PAP", () => lab, loginBy("TTLS", "auth=PAP"));
  testLogin("TTLS with MS-CHAPv2", () => lab, loginBy("TTLS", "auth=MSCHAPV2"));
  testLogin("PEAP with EAP-MSCHAPv2", () => lab, loginBy("PEAP", "auth=MSCHAPV2"));
});
