// RADIUS by programs that are not VPN daemons: FreeRADIUS's radclient, eapol_test of hostapd's authors, and
// `dialward dial`.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PeerResult } from "../../host/radius/client/peer.ts";
import { ROUTER } from "./behind.ts";
import { Lab } from "./lab.ts";
import { testLogin, type Login } from "./logins.ts";
import { makeUser, type User } from "./users.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open("radclient");
});
afterAll(() => lab?.close());

/** Sends one packet; what radclient says of the reply, whose authenticators it checks. */
async function radclient(port: number, kind: string, attributes: string): Promise<string> {
  const secret = lab.write("radclient-secret", lab.secret, 0o600);
  const command = ["radclient", "-x", "-r", "1", "-t", "15", "-S", secret, `127.0.0.1:${port}`, kind];
  return (await lab.run("server", command, { input: attributes })).output;
}

/** Logs in with the attributes that `proof` makes of a password. */
function loginBy(proof: (password: string) => string): Login {
  return async ({ name }: User, password: string) => {
    const attributes = `User-Name = "${name}"\n${proof(password)}\nMessage-Authenticator = 0x00\n`;
    const [, answer] = /Received (Access-\w+) [^]*?Message-Authenticator = 0x/.exec(
      await radclient(1812, "auth", attributes),
    )!;
    return answer === "Access-Accept";
  };
}

describe("radclient", () => {
  const pap = loginBy((password) => `User-Password = "${password}"`);
  const chap = loginBy((password) => `CHAP-Password = "${password}"`);
  const challenge = "CHAP-Challenge = 0x0123456789abcdef";
  const chapWithChallenge = loginBy((password) => `CHAP-Password = "${password}"\n${challenge}`);
  testLogin("PAP", () => lab, pap);
  testLogin("PAP, password and code", () => lab, pap, "password+code");
  testLogin("CHAP", () => lab, chapWithChallenge);
  testLogin("CHAP by the authenticator", () => lab, chap);
  testLogin("CHAP, password and code", () => lab, chap, "password+code");

  const asked = makeUser("totp", { mode: "password-then-code" });
  test("PAP in two steps by Access-Challenge", async () => {
    const send = (password: string, more = "") => {
      const text = `User-Name = "${asked.name}"\nUser-Password = "${password}"\n${more}`;
      return radclient(1812, "auth", `${text}Message-Authenticator = 0x00\n`);
    };
    const challenge = await send(asked.password);
    expect(challenge).toContain("Received Access-Challenge");
    expect(challenge).toContain('Reply-Message = "Enter the code: "');
    const state = /Received [^]*(State = 0x[0-9a-f]+)/.exec(challenge)![1]!;
    expect(await send(asked.code(), `${state}\n`)).toContain("Received Access-Accept");
    expect(await send(asked.code(), `${state}\n`)).toContain("Received Access-Reject");
    await expect.poll(() => lab.reasons(asked)).toEqual(["password-ok", "ok", "challenge-expired"]);
  });

  const old = makeUser("totp");
  test("MS-CHAPv1 is refused", async () => {
    expect(await loginBy((password) => `MS-CHAP-Password = "${password}"`)(old, old.code())).toBe(false);
    await expect.poll(() => lab.reasons(old)).toEqual(["mschapv1-not-offered"]);
  });

  // The router's daemon keeps no sessions.
  test.skipIf(ROUTER)("accounting lists who is connected", async () => {
    const account = (status: string, more = "") =>
      radclient(
        1813,
        "acct",
        `User-Name = "carol"\nAcct-Session-Id = "s1"\nAcct-Status-Type = ${status}\n${more}`,
      );
    expect(await account("Start", "Framed-IP-Address = 10.3.0.7\n")).toContain(
      "Received Accounting-Response",
    );
    expect(await account("Interim-Update", "Acct-Input-Octets = 77\nAcct-Input-Gigawords = 1\n")).toContain(
      "Received",
    );
    expect(await lab.sessions()).toMatchObject([
      { user: "carol", acctSessionId: "s1", bytesIn: 2 ** 32 + 77 },
    ]);
    expect(await account("Stop")).toContain("Received Accounting-Response");
    expect(await lab.sessions()).toEqual([]);
  });

  test("Status-Server on both ports", async () => {
    const signed = "Message-Authenticator = 0x00\n";
    expect(await radclient(1812, "status", signed)).toContain("Received Access-Accept");
    expect(await radclient(1813, "status", signed)).toContain("Received Accounting-Response");
  });
});

describe("eapol_test", () => {
  /** Only MSCHAPv2 makes keys; eapol_test compares its own with those in the Access-Accept. */
  function loginBy(method: "MD5" | "GTC" | "MSCHAPV2"): Login {
    return async ({ name }, password) => {
      const network = [`key_mgmt=IEEE8021X`, `eap=${method}`, `eapol_flags=0`];
      const text = `network={\n${network.join("\n")}\nidentity="${name}"\npassword="${password}"\n}\n`;
      const file = lab.write("eapol_test.conf", text, 0o600);
      const keys = method === "MSCHAPV2" ? [] : ["-n"];
      const command = ["eapol_test", "-c", file, "-a", "127.0.0.1", "-s", lab.secret, "-t", "30", ...keys];
      const { status, output } = await lab.run("server", command);
      expect(output).toMatch(/^(SUCCESS|FAILURE)$/m);
      const success = status === 0;
      if (success && method === "MSCHAPV2") expect(output).toMatch(/^MPPE keys OK: 1 {2}mismatch: 0$/m);
      return success;
    };
  }

  for (const method of ["MSCHAPV2", "GTC", "MD5"] as const)
    testLogin(`EAP-${method}`, () => lab, loginBy(method));
  testLogin("EAP-MSCHAPV2, password and code", () => lab, loginBy("MSCHAPV2"), "password+code");

  const beyond = makeUser("totp", { mode: "password+code", password: "Größe-漢字" });
  test("EAP-MSCHAPV2 hashes a password beyond ASCII as UTF-16", async () => {
    expect(await loginBy("MSCHAPV2")(beyond, beyond.password + beyond.code())).toBe(true);
  });
});

// A command of the service.
describe.skipIf(ROUTER)("dialward dial", () => {
  /** Types one line for each question; what comes of it. */
  async function dial({ name }: User, proof: string, ...lines: string[]): Promise<PeerResult> {
    const input = lines.map((line) => `${line}\n`).join("");
    const { status, output } = await lab.dialward(["dial", name, "--proof", proof, "--json"], input);
    const result = JSON.parse(output) as PeerResult;
    expect(status).toBe(result.outcome === "accept" ? 0 : 1);
    return result;
  }

  for (const proof of ["pap", "chap", "mschapv2", "eap-md5", "eap-gtc", "eap-mschapv2"])
    testLogin(
      `--proof ${proof}`,
      () => lab,
      async (user, password) => {
        const { outcome, serverProved = false } = await dial(user, proof, password);
        expect(outcome).toMatch(/^(accept|refuse)$/);
        expect(serverProved).toBe(outcome === "accept" && proof.endsWith("mschapv2"));
        return outcome === "accept";
      },
    );

  for (const proof of ["pap", "eap-gtc"]) {
    const user = makeUser("motp", { mode: "password-then-code" });
    test(`--proof ${proof} in two steps`, async () => {
      expect((await dial(user, proof, user.password, user.code())).outcome).toBe("accept");
      expect((await dial(user, proof, user.password, user.wrongCode())).outcome).toBe("refuse");
      await expect.poll(() => lab.reasons(user)).toEqual(["password-ok", "ok", "password-ok", "wrong-code"]);
    });
  }
});
