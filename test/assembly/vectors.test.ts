// Published vectors through the public API, on both files: as generated, and as accepted.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Core, type Algorithm } from "../../host/core/core.ts";
import type { Proof } from "../../host/core/dial-in.ts";
import { BINARIES, User } from "../binaries.ts";

const hex = (text: string) => Buffer.from(text, "hex");

function vectors<Case, Rest = unknown>(name: string): { cases: Case[] } & Rest {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}

interface Totp {
  time: number;
  algorithm: Algorithm;
  key: string;
  digits: number;
  period: number;
  code: string;
}
const TOTP = vectors<Totp>("totp").cases;
const HOTP = vectors<{ counter: number; code: string }, { key: string; digits: number }>("hotp");
const MOTP = vectors<{ secret: string; pin: string; step: number; code: string }>("motp").cases;
const MSCHAPV2 = vectors<Record<string, string>>("mschapv2").cases;
const RADIUS = vectors<{ proof: string; password: string; request: string }, { secret: string }>("radius");

/** The value of an attribute in a RADIUS packet (RFC 2865 section 5). */
function attribute(packet: Buffer, type: number): Buffer {
  for (let at = 20; at < packet.length; at += packet[at + 1]!) {
    if (packet[at] === type) return packet.subarray(at + 2, at + packet[at + 1]!);
  }
  throw new Error(`no attribute ${type}`);
}

describe.each(BINARIES)("$name", ({ module }) => {
  const core = new Core(module);

  test("there are vectors", () => {
    expect([TOTP.length, HOTP.cases.length, MSCHAPV2.length, RADIUS.cases.length]).toEqual([18, 10, 1, 2]);
    expect(new Set(TOTP.map(({ algorithm }) => algorithm))).toEqual(new Set(["sha1", "sha256", "sha512"]));
    expect(MOTP.length).toBeGreaterThan(10);
  });

  test.each(TOTP)("TOTP $algorithm at $time is $code", ({ time, algorithm, key, digits, period, code }) => {
    const user = new User(core, { factor: "totp", secret: hex(key), algorithm, digits, period });
    expect(core.generate(user.record, time)).toBe(code);
    expect(user.dial(code, time)).toMatchObject({ outcome: "accept", reason: "ok", offset: 0 });
    expect(user.dial(code, time).reason).toBe("code-spent");
  });

  test.each(HOTP.cases)("HOTP $counter is $code", ({ counter, code }) => {
    const user = new User(core, { factor: "hotp", secret: hex(HOTP.key), counter });
    expect(core.generate(user.record, 0)).toBe(code);
    expect(user.dial(code, 0)).toMatchObject({ outcome: "accept", offset: 0 });
    expect(user.state.next).toBe(counter + 1);
    const fromStart = new User(core, { factor: "hotp", secret: hex(HOTP.key), forward: 10 });
    expect(core.generate(fromStart.record, counter)).toBe(code);
    expect(fromStart.dial(code, 0)).toMatchObject({ outcome: "accept", offset: counter });
  });

  test.each(MOTP)("mOTP $secret $pin at step $step is $code", ({ secret, pin, step, code }) => {
    const enrolment = { factor: "motp", secret: hex(secret), pin } as const;
    if (pin.length < 4 || pin.length > 7) {
      // test/assembly/codes.spec.ts computes these.
      expect(() => core.enrol(enrolment)).toThrow(/PIN of 4 to 7 digits/);
      return;
    }
    const user = new User(core, enrolment);
    for (const second of [0, 9]) expect(core.generate(user.record, step * 10 + second)).toBe(code);
    expect(user.dial(code, step * 10)).toMatchObject({ outcome: "accept", offset: 0 });
  });

  test.each(MSCHAPV2)("MS-CHAPv2 of $userName (RFC 2759 section 9.2, RFC 3079 section 3.5.3)", (v) => {
    const user = new User(core, {
      factor: "totp",
      secret: Buffer.alloc(20),
      mode: "password-then-code",
      password: v["password"],
    });
    const proof: Proof = {
      kind: "mschapv2",
      authenticatorChallenge: hex(v["authenticatorChallenge"]!),
      peerChallenge: hex(v["peerChallenge"]!),
      response: hex(v["ntResponse"]!),
      name: Buffer.from(v["userName"]!),
    };
    const verdict = user.dial(proof, 1e9);
    expect(verdict).toMatchObject({ outcome: "continue", reason: "password-ok" });
    const { authenticatorResponse, ...keys } = verdict.keys!;
    expect(`S=${Buffer.from(authenticatorResponse).toString("hex").toUpperCase()}`).toBe(
      v["authenticatorResponse"],
    );
    expect(Object.entries(keys).map(([key, bytes]) => [key, Buffer.from(bytes).toString("hex")])).toEqual([
      ["masterKey", v["masterKey"]],
      ["sendKey", v["serverSendKey128"]],
      ["receiveKey", v["serverReceiveKey128"]],
    ]);
    expect(user.dial({ ...proof, name: Buffer.from("user") }, 1e9).reason).toBe("wrong-code");
  });

  test.each(RADIUS.cases)("RFC 2865 section 7, $proof", ({ proof, password, request }) => {
    const packet = hex(request);
    const authenticator = packet.subarray(4, 20);
    const user = new User(core, {
      factor: "totp",
      secret: Buffer.alloc(20),
      mode: "password-then-code",
      password,
    });
    if (proof === "PAP") {
      const pad = createHash("md5").update(RADIUS.secret).update(authenticator).digest();
      const text = attribute(packet, 2).map((byte, i) => byte ^ pad[i]!);
      expect(user.dial({ kind: "clear", text: text.subarray(0, password.length) }, 0).reason).toBe(
        "password-ok",
      );
      expect(user.dial({ kind: "clear", text }, 0).reason).toBe("wrong-code");
    } else {
      const chap = attribute(packet, 3);
      const response = chap.subarray(1);
      const right: Proof = { kind: "chap", id: chap[0]!, challenge: authenticator, response };
      expect(user.dial(right, 0)).toEqual({
        outcome: "continue",
        reason: "password-ok",
        waitSeconds: 0,
        offset: 0,
      });
      expect(user.dial({ ...right, id: right.id + 1 }, 0).reason).toBe("wrong-code");
    }
  });
});
