// Codes and proofs against node:crypto, over random keys, times, modes, passwords and challenges.
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Core, type Algorithm, type Enrolment } from "../../host/core/core.ts";
import type { Proof } from "../../host/core/dial-in.ts";
import { BINARIES, clear, User } from "../binaries.ts";
import * as codes from "../codes.ts";
import { md4, msChapV2 } from "../mschapv2.ts";
import { anyCharacter, runs } from "../runs.ts";

// A wrong code is now and then another step's right one: with one seed that is so for ever or never.
fc.configureGlobal({ seed: 20250101 });

const bytes = (minLength: number, maxLength = minLength) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

/** Time of a dial-in, and the code that it shows. */
interface Login {
  enrolment: Enrolment;
  time: number;
  step: number;
  code: string;
}

const time = fc.integer({ min: 10_000, max: 2 ** 33 });

const totpLogin: fc.Arbitrary<Login> = fc
  .record({
    secret: bytes(1, 64),
    algorithm: fc.constantFrom<Algorithm>("sha1", "sha256", "sha512"),
    digits: fc.integer({ min: 6, max: 8 }),
    period: fc.integer({ min: 1, max: 120 }),
    back: fc.integer({ min: 0, max: 6 }),
    forward: fc.integer({ min: 0, max: 6 }),
    time,
    turn: fc.nat(),
  })
  .map(({ time, turn, ...e }) => {
    const step = Math.floor(time / e.period) - e.back + (turn % (e.back + 1 + e.forward));
    const code = codes.hotp(e.secret, step, e.digits, e.algorithm);
    return { enrolment: { factor: "totp", ...e }, time, step, code };
  });

const hotpLogin: fc.Arbitrary<Login> = fc
  .record({
    secret: bytes(1, 64),
    algorithm: fc.constantFrom<Algorithm>("sha1", "sha256", "sha512"),
    digits: fc.integer({ min: 6, max: 8 }),
    counter: fc.nat({ max: 2 ** 40 }),
    forward: fc.integer({ min: 0, max: 12 }),
    time,
    turn: fc.nat(),
  })
  .map(({ time, turn, ...e }) => {
    const step = e.counter + (turn % (e.forward + 1));
    const code = codes.hotp(e.secret, step, e.digits, e.algorithm);
    return { enrolment: { factor: "hotp", ...e }, time, step, code };
  });

const motpLogin: fc.Arbitrary<Login> = fc
  .record({
    secret: fc.oneof(bytes(8), bytes(16)),
    pin: fc.stringMatching(/^[0-9]{4,7}$/),
    back: fc.integer({ min: 0, max: 6 }),
    forward: fc.integer({ min: 0, max: 6 }),
    time,
    turn: fc.nat(),
  })
  .map(({ time, turn, ...e }) => {
    const step = Math.floor(time / 10) - e.back + (turn % (e.back + 1 + e.forward));
    const code = codes.motp(e.secret.toString("hex"), e.pin, step * 10);
    return { enrolment: { factor: "motp", ...e }, time, step, code };
  });

/** Up to 32 bytes of UTF-8, of one to four bytes a character. */
const password = fc
  .array(
    fc.oneof(
      fc.constantFrom("a", "Z", "0", " ", "é", "ß", "Ω", "漢", "\uffff", "😀", "\u{10ffff}"),
      fc.string({ unit: anyCharacter, minLength: 1, maxLength: 1 }),
    ),
  ) // prettier-ignore
  .map((characters) => {
    let text = "";
    for (const character of characters) {
      if (Buffer.byteLength(text + character) > 32) break;
      text += character;
    }
    return text || "p";
  });

/** A login, and the password that its proof is made of. */
const dialIn = fc
  .record({
    login: fc.oneof(totpLogin, hotpLogin, motpLogin),
    password: fc.oneof(
      password,
      fc.constant("0123456789abcdef0123456789abcdef"),
      fc.constant("漢字漢字漢字漢字漢字é"),
    ),
    mode: fc.constantFrom("code", "password+code", "password-then-code"),
    second: fc.boolean(),
  })
  .map(({ login, password, mode, second }) => {
    const enrolment: Enrolment = { ...login.enrolment, mode: mode, password };
    const first = mode === "password-then-code" && !second;
    const text = mode === "password+code" ? password + login.code : first ? password : login.code;
    return { ...login, enrolment, text, first, attempt: { second: mode === "password-then-code" && second } };
  });

function chapResponse(id: number, text: string, challenge: Uint8Array): Buffer {
  return createHash("md5").update(Buffer.of(id)).update(text).update(challenge).digest();
}

/** A copy with one bit turned over. */
function flip(buffer: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(buffer);
  copy[(bit >>> 3) % buffer.length]! ^= 1 << (bit & 7);
  return copy;
}

test("the reference is right on the RFCs' own values", () => {
  const { cases } = JSON.parse(readFileSync(new URL("../vectors/md4.json", import.meta.url), "utf8"));
  for (const { ascii, digest } of cases) expect(md4(Buffer.from(ascii)).toString("hex")).toBe(digest);
  const hex = (text: string) => Buffer.from(text, "hex");
  const rfc = JSON.parse(readFileSync(new URL("../vectors/mschapv2.json", import.meta.url), "utf8")).cases[0];
  const made = msChapV2({
    password: rfc.password,
    authenticatorChallenge: hex(rfc.authenticatorChallenge),
    peerChallenge: hex(rfc.peerChallenge),
    name: Buffer.from(rfc.userName),
  });
  expect(made.response.toString("hex")).toBe(rfc.ntResponse);
  expect(`S=${made.authenticatorResponse.toString("hex").toUpperCase()}`).toBe(rfc.authenticatorResponse);
  expect(made.masterKey.toString("hex")).toBe(rfc.masterKey);
  expect(made.sendKey.toString("hex")).toBe(rfc.serverSendKey128);
});

describe.each(BINARIES)("$name", ({ module }) => {
  const core = new Core(module);

  test.each([
    ["TOTP", totpLogin],
    ["HOTP", hotpLogin],
    ["mOTP", motpLogin],
  ] as const)("%s: the code of any step of the window, and no other", (_, login) => {
    fc.assert(
      fc.property(login, fc.nat({ max: 7 }), ({ enrolment, time, step, code }, digit) => {
        const user = new User(core, enrolment);
        const other = String.fromCharCode(code.charCodeAt(digit % code.length) ^ 1);
        const wrong = code.slice(0, digit % code.length) + other + code.slice((digit % code.length) + 1);
        expect(user.dial(wrong, time).outcome).toBe("refuse");
        expect(user.dial(code, time).outcome).toBe("accept");
        expect(user.state.next).toBeGreaterThan(0);
        expect(user.state.next - 1).toBeLessThanOrEqual(step);
        expect(user.dial(code, time).outcome).toBe("refuse");
      }),
      runs(30),
    );
  });

  test("dynamic truncation from every offset, for each hash", () => {
    for (const algorithm of ["sha1", "sha256", "sha512"] as const) {
      const secret = Buffer.from(`a key for ${algorithm}`);
      const user = new User(core, { factor: "hotp", secret, algorithm, digits: 8 });
      const offsets = new Set<number>();
      for (let counter = 0; counter < 200; counter++) {
        const moving = Buffer.alloc(8);
        moving.writeUInt32BE(counter, 4);
        offsets.add(createHmac(algorithm, secret).update(moving).digest().at(-1)! & 15);
        expect(core.generate(user.record, counter)).toBe(codes.hotp(secret, counter, 8, algorithm));
      }
      expect(offsets.size).toBe(16);
    }
  });

  test("clear text in every mode", () => {
    fc.assert(
      fc.property(dialIn, fc.nat(), ({ enrolment, time, text, first, attempt }, bit) => {
        const user = new User(core, enrolment);
        const typed = Buffer.from(text);
        expect(user.wouldGet(clear(flip(typed, bit)), time, attempt)).toBe("wrong-code");
        expect(user.wouldGet(clear(typed.subarray(1)), time, attempt)).toBe("wrong-code");
        expect(user.dial(clear(typed), time, attempt).outcome).toBe(first ? "continue" : "accept");
      }),
      runs(40),
    );
  });

  test("CHAP: the right response, and none with one bit turned over", () => {
    const exchange = fc.record({
      dial: dialIn,
      id: fc.nat({ max: 255 }),
      challenge: bytes(0, 64),
      bit: fc.nat(),
    });
    fc.assert(
      fc.property(exchange, ({ dial, id, challenge, bit }) => {
        const user = new User(core, dial.enrolment);
        const right: Proof = {
          kind: "chap",
          id,
          challenge,
          response: chapResponse(id, dial.text, challenge),
        };
        const refused = (proof: Proof) =>
          expect(user.wouldGet(proof, dial.time, dial.attempt)).toBe("wrong-code");
        refused({ ...right, response: flip(right.response, bit) });
        refused({ ...right, id: id ^ (1 << (bit & 7)) });
        if (challenge.length > 0) refused({ ...right, challenge: flip(challenge, bit) });
        if (challenge.length > 0) refused({ ...right, challenge: challenge.subarray(1) });
        if (challenge.length < 64) refused({ ...right, challenge: Buffer.concat([challenge, Buffer.of(0)]) });
        const verdict = user.dial(right, dial.time, dial.attempt);
        expect(verdict.outcome).toBe(dial.first ? "continue" : "accept");
        expect(verdict.keys).toBeUndefined();
      }),
      runs(40),
    );
  });

  test("CHAP: each of the response's bits counts", () => {
    const user = new User(core, { factor: "totp", secret: Buffer.alloc(20) });
    const challenge = Buffer.from("challenge");
    const response = chapResponse(1, codes.totp(Buffer.alloc(20), 0), challenge);
    for (let bit = 0; bit < 128; bit++) {
      const proof = { kind: "chap", id: 1, challenge, response: flip(response, bit) } as const;
      expect(user.wouldGet(proof, 0)).toBe("wrong-code");
    }
    expect(user.wouldGet({ kind: "chap", id: 1, challenge, response }, 0)).toBe("ok");
  });

  test("MS-CHAPv2: the right response with its keys, and none with one bit turned over", () => {
    const exchange = fc.record({
      dial: dialIn,
      authenticatorChallenge: bytes(16),
      peerChallenge: bytes(16),
      name: bytes(0, 64),
      bit: fc.nat({ max: 63 }),
    });
    fc.assert(
      fc.property(exchange, ({ dial, bit, ...challenges }) => {
        const user = new User(core, dial.enrolment);
        const { response, ...keys } = msChapV2({ password: dial.text, ...challenges });
        const right: Proof = { kind: "mschapv2", response, ...challenges };
        const refused = (proof: Proof) => {
          const kept = user.record.slice();
          const verdict = user.dial(proof, dial.time, dial.attempt);
          expect(verdict.reason).toBe("wrong-code");
          expect(verdict.keys).toBeUndefined();
          user.record = kept;
        };
        for (const block of [0, 1, 2]) refused({ ...right, response: flip(response, block * 64 + bit) });
        refused({ ...right, peerChallenge: flip(challenges.peerChallenge, bit) });
        refused({ ...right, authenticatorChallenge: flip(challenges.authenticatorChallenge, bit) });
        if (challenges.name.length > 0) refused({ ...right, name: flip(challenges.name, bit) });
        const verdict = user.dial(right, dial.time, dial.attempt);
        expect(verdict.outcome).toBe(dial.first ? "continue" : "accept");
        expect(
          Object.fromEntries(Object.entries(verdict.keys!).map(([k, v]) => [k, Buffer.from(v)])),
        ).toEqual(keys);
        if (!dial.first) expect(user.dial(right, dial.time, dial.attempt).keys).toBeUndefined();
      }),
      runs(30),
    );
  });

  test("MS-CHAPv2: each of the response's bits counts", () => {
    const secret = Buffer.alloc(20, 1);
    const user = new User(core, { factor: "totp", secret });
    const challenges = {
      authenticatorChallenge: Buffer.alloc(16, 2),
      peerChallenge: Buffer.alloc(16, 3),
      name: Buffer.from("User"),
    };
    const { response } = msChapV2({ password: codes.totp(secret, 0), ...challenges });
    for (let bit = 0; bit < 192; bit++) {
      const proof = { kind: "mschapv2", ...challenges, response: flip(response, bit) } as const;
      expect(user.wouldGet(proof, 0)).toBe("wrong-code");
    }
    expect(user.wouldGet({ kind: "mschapv2", ...challenges, response }, 0)).toBe("ok");
  });
});
