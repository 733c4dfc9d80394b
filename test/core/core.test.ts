// The binding: errors that name their field, unlock, decoys, codes, and a self-test that finds a damaged file.
import { describe, expect, test } from "vitest";
import openWabt from "wabt";
import * as abi from "../../assembly/abi.ts";
import { Core, RECORDS, REQUESTS, type CoreRequest, type Enrolment } from "../../host/core/core.ts";
import { BINARIES, clear, Page, requestBytes, User } from "../binaries.ts";
import * as codes from "../codes.ts";
import { msChapV2 } from "../mschapv2.ts";
import { sections, segments } from "../sections.ts";

const SECRET = Buffer.from("12345678901234567890");
const MOTP_SECRET = Buffer.from("0123456789abcdef", "hex");
const TOTP: Enrolment = { factor: "totp", secret: SECRET };
const MOTP: Enrolment = { factor: "motp", secret: MOTP_SECRET, pin: "4711" };
const HOTP: Enrolment = { factor: "hotp", secret: SECRET };
const TIME = 1_700_000_010;

/** The file with one bit of it turned over. */
function damaged(bytes: Uint8Array, offset: number): WebAssembly.Module {
  const copy = Buffer.from(bytes);
  copy[offset]! ^= 1;
  return new WebAssembly.Module(copy);
}

test("without a module it takes the SIMD file, unless it is told not to", () => {
  const kept = process.env["DIALWARD_SIMD"];
  try {
    delete process.env["DIALWARD_SIMD"];
    expect(Core.load().simd).toBe(true);
    process.env["DIALWARD_SIMD"] = "0";
    expect(Core.load().simd).toBe(false);
  } finally {
    if (kept === undefined) delete process.env["DIALWARD_SIMD"];
    else process.env["DIALWARD_SIMD"] = kept;
  }
});

test.each([
  [
    "another version",
    `(module (memory (export "memory") 1 1) (func (export "version") (result i32) i32.const 0))`,
  ],
  ["something that wants imports", `(module (import "env" "clock" (func)))`],
])("%s is not run", async (_, text) => {
  const wabt = await openWabt();
  const { buffer } = wabt.parseWat("other.wat", text).toBinary({});
  const module = new WebAssembly.Module(buffer as Uint8Array<ArrayBuffer>);
  expect(() => new Core(module)).toThrow(
    expect.objectContaining({ code: "core", message: expect.stringMatching(/npm run build/) }),
  );
});

describe.each(BINARIES)("$name", ({ module, bytes, simd }) => {
  const core = new Core(module);

  test("says which file it is", () => expect(core.simd).toBe(simd));

  const bad: [string, object, RegExp][] = [
    ["an unknown factor", { ...TOTP, factor: "sms" }, /^factor /],
    ["an unknown algorithm", { ...TOTP, algorithm: "md5" }, /^algorithm /],
    ["an algorithm for mOTP", { ...MOTP, algorithm: "sha1" }, /^algorithm /],
    ["5 digits", { ...TOTP, digits: 5 }, /^digits /],
    ["9 digits", { ...TOTP, digits: 9 }, /^digits /],
    ["262 digits", { ...TOTP, digits: 262 }, /^digits /],
    ["6.5 digits", { ...TOTP, digits: 6.5 }, /^digits /],
    ["8 digits of mOTP", { ...MOTP, digits: 8 }, /^digits /],
    ["an unknown mode", { ...TOTP, mode: "pin" }, /^mode /],
    ["an unknown type", { ...TOTP, types: ["openvpn", "telnet"] }, /^types /],
    ["an empty secret", { ...TOTP, secret: new Uint8Array() }, /^secret /],
    ["a secret of 65 bytes", { ...TOTP, secret: new Uint8Array(65) }, /^secret /],
    ["a secret of 257 bytes", { ...TOTP, secret: new Uint8Array(257) }, /^secret /],
    ["an mOTP secret of 9 bytes", { ...MOTP, secret: new Uint8Array(9) }, /^secret /],
    [
      "an mOTP secret of 10 bytes without a PIN",
      { ...MOTP, secret: new Uint8Array(10), pin: undefined },
      /PIN/,
    ],
    ["no PIN", { ...MOTP, pin: undefined }, /PIN of 4 to 7 digits/],
    ["a PIN of 3 digits", { ...MOTP, pin: "471" }, /PIN/],
    ["a PIN of 8 digits", { ...MOTP, pin: "47110000" }, /PIN/],
    ["a PIN of 20 digits", { ...MOTP, pin: "12345678901234567890" }, /PIN/],
    ["a PIN with a letter", { ...MOTP, pin: "47a1" }, /PIN/],
    ["a PIN of other digits", { ...MOTP, pin: "４７１１" }, /PIN/],
    ["a password of 33 bytes", { ...TOTP, password: "ü".repeat(16) + "x" }, /^password /],
    ["a password of 300 bytes", { ...TOTP, password: "x".repeat(300) }, /^password /],
    ["a mode that needs a password", { ...TOTP, mode: "password+code" }, /^password /],
    ["an empty password", { ...TOTP, mode: "password-then-code", password: "" }, /^password /],
    ["a period of 0", { ...TOTP, period: 0 }, /^period /],
    ["a period of 2^32 + 30", { ...TOTP, period: 2 ** 32 + 30 }, /^period /],
    ["a negative period", { ...TOTP, period: -30 }, /^period /],
    ["another period of mOTP", { ...MOTP, period: 30 }, /^period /],
    ["a negative T0", { ...TOTP, t0: -1 }, /^t0 /],
    ["65 steps", { ...TOTP, back: 32, forward: 32 }, /^back \+ 1 \+ forward /],
    ["65536 steps back", { ...TOTP, back: 65536 }, /^back /],
    ["a negative width", { ...TOTP, forward: -1 }, /^forward /],
    ["a drift bound of 32768", { ...TOTP, driftBound: 32768 }, /drift/],
    ["HOTP that looks back", { ...HOTP, back: 1 }, /HOTP has neither back nor drift/],
    ["HOTP that drifts", { ...HOTP, driftBound: 1 }, /HOTP has neither back nor drift/],
    ["a negative counter", { ...HOTP, counter: -1 }, /^counter /],
    ["half a counter", { ...HOTP, counter: 0.5 }, /^counter /],
  ];
  test.each(bad)("%s is refused by name", (_, enrolment, message) => {
    const enrol = () => core.enrol(enrolment as Enrolment);
    expect(enrol).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(message) }),
    );
    // The core goes on.
    expect(new User(core, TOTP).dial(codes.totp(SECRET, TIME), TIME).outcome).toBe("accept");
  });

  test("no error tells a secret", () => {
    for (const enrolment of [
      { ...TOTP, password: "hunter22hunter22hunter22hunter22hunter22" },
      { ...MOTP, pin: "98765432" },
    ]) {
      expect(() => core.enrol(enrolment)).toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/hunter|9876/) }),
      );
    }
  });

  test("a damaged state is told", () => {
    const state = new Uint8Array(abi.STATE_BYTES).fill(0xff);
    expect(() => core.enrol(TOTP, state)).toThrow(/^state /);
  });

  test("an enrolment goes on from a state: a change of policy spends nothing anew", () => {
    const user = new User(core, TOTP);
    const code = codes.totp(SECRET, TIME);
    expect(user.dial(code, TIME).outcome).toBe("accept");
    const state = user.record.slice(abi.RECORD_STATE);
    user.record = core.enrol({ ...TOTP, back: 5, forward: 5, password: "x", mode: "password+code" }, state);
    expect(user.record.slice(abi.RECORD_STATE)).toEqual(state);
    expect(user.dial(`x${code}`, TIME).reason).toBe("code-spent");
  });

  test("a record holds neither the key nor, for the SHAs with midstates, any of it", () => {
    for (const algorithm of ["sha1", "sha256"] as const) {
      const record = Buffer.from(core.enrol({ ...TOTP, algorithm }));
      expect(record.includes(SECRET.subarray(0, 4))).toBe(false);
    }
  });

  test("unlock answers the state without its failures", () => {
    const user = new User(core, TOTP);
    for (let n = 0; n < 8; n++) user.dial("no code", TIME + n * 10_000);
    const state = user.record.slice(abi.RECORD_STATE);
    const given = state.slice();
    const unlocked = core.unlock(state);
    expect(state, "the one given stays as it is").toEqual(given);
    expect(unlocked).toHaveLength(abi.STATE_BYTES);
    user.record.set(unlocked, abi.RECORD_STATE);
    expect(user.state).toMatchObject({ failures: [0, 0], elapsed: [0, 0], active: true });
    expect(user.dial(codes.totp(SECRET, TIME + 70_001), TIME + 70_001).outcome).toBe("accept");
  });

  test("a decoy takes as many candidates as a user by default, and no code", () => {
    const record = core.decoy();
    const user = core.enrol(TOTP);
    for (const field of [
      abi.RECORD_FACTOR,
      abi.RECORD_ALGORITHM,
      abi.RECORD_DIGITS,
      abi.RECORD_MODE,
      abi.RECORD_BACK,
      abi.RECORD_FORWARD,
    ]) {
      expect(record[field]).toBe(user[field]);
    }
    expect(Buffer.from(core.decoy()).equals(record), "each has a key of its own").toBe(false);
    const before = record.slice();
    const decoy = new User(core, TOTP);
    decoy.record = record;
    const code = core.generate(record, TIME);
    const challenges = {
      authenticatorChallenge: SECRET.subarray(0, 16),
      peerChallenge: SECRET.subarray(4),
      name: SECRET,
    };
    const response = msChapV2({ password: code, ...challenges }).response;
    for (let n = 0; n < 20; n++) {
      for (const proof of [
        clear(code),
        clear("000000"),
        { kind: "mschapv2", response, ...challenges } as const,
      ]) {
        expect(decoy.dial(proof, TIME, { activate: true })).toEqual({
          outcome: "refuse",
          reason: "unknown-user",
          waitSeconds: 0,
          offset: 0,
        });
      }
    }
    expect(record, "and leaves no trace").toEqual(before);
  });

  test("generate answers the code of a time, of HOTP so many ahead", () => {
    const totp = core.enrol({ ...TOTP, algorithm: "sha256", digits: 8 });
    const hotp = core.enrol({ ...HOTP, counter: 5 });
    for (const time of [0, 29, 30, TIME, 2 ** 33]) {
      expect(core.generate(totp, time)).toBe(codes.totp(SECRET, time, 8, "sha256"));
      expect(core.generate(core.enrol(MOTP), time)).toBe(
        codes.motp(MOTP_SECRET.toString("hex"), "4711", time),
      );
    }
    for (const ahead of [0, 1, 999]) expect(core.generate(hotp, ahead)).toBe(codes.hotp(SECRET, 5 + ahead));
    expect(core.generate(totp, 59.9)).toBe(codes.totp(SECRET, 59, 8, "sha256"));
    expect(() => core.generate(totp, 2 ** 35)).toThrow(expect.objectContaining({ code: "usage" }));
    expect(() => core.generate(new Uint8Array(abi.RECORD_BYTES), 0)).toThrow(
      expect.objectContaining({ code: "usage" }),
    );
  });

  test("verify over as many records and requests as there may be, and no more", () => {
    const records = Array.from({ length: RECORDS }, () => core.enrol({ ...TOTP, active: true }));
    const request = (record: number): CoreRequest => ({
      record,
      time: TIME,
      source: 0,
      dialIn: { user: "", source: "", proof: clear(codes.totp(SECRET, TIME)) },
    });
    const requests = Array.from({ length: REQUESTS }, (_, i) => request(RECORDS - 1 - i));
    expect(core.verify(records, requests).every(({ outcome }) => outcome === "accept")).toBe(true);
    expect(records.filter((record) => record[abi.RECORD_STATE + abi.STATE_NEXT] !== 0)).toHaveLength(
      REQUESTS,
    );
    expect(() => core.verify(records, [...requests, request(0)])).toThrow(RangeError);
    expect(core.verify([], [])).toEqual([]);
    expect(core.verify(records, [request(0)])[0]!.outcome).toBe("accept");
  });

  test("dial-in types: allowed, not allowed, not known", () => {
    for (const [types, type, reason] of [
      [["openvpn"], "openvpn", "ok"],
      [["openvpn"], "pptp", "type-not-allowed"],
      [["openvpn", "pptp"], "pptp", "ok"],
      [["openvpn"], undefined, "ok"],
      [[], "openvpn", "type-not-allowed"],
      [undefined, "ipsec-xauth", "ok"],
      [["ikev2-eap", "ssl-vpn", "l2tp"], "l2tp", "ok"],
      [["ikev2-eap", "ssl-vpn", "l2tp"], "ipsec-xauth", "type-not-allowed"],
    ] as const) {
      const user = new User(core, { ...TOTP, types });
      expect(user.dial(codes.totp(SECRET, TIME), TIME, { type }).reason, `${types} ${type}`).toBe(reason);
    }
  });

  test("pending until a code is right where it may activate", () => {
    const user = new User(core, { ...TOTP, active: false });
    const code = (time: number) => codes.totp(SECRET, time);
    expect(user.dial(code(TIME), TIME).reason).toBe("profile-pending");
    expect(user.dial("000000", TIME, { activate: true }).reason).toBe("wrong-code");
    expect(user.state.active).toBe(false);
    expect(user.dial(code(TIME), TIME, { activate: true }).reason).toBe("ok");
    expect(user.state.active).toBe(true);
    expect(user.dial(code(TIME), TIME).reason).toBe("code-spent");
    expect(user.dial(code(TIME + 30), TIME + 30).reason).toBe("ok");
  });

  describe("the self-test", () => {
    test("passes on the file as it is, again and again", () => {
      const page = new Page(module);
      for (let n = 0; n < 3; n++) expect(page.verbs.selfTest()).toBe(abi.STATUS_OK);
    });

    test("a file with a damaged constant is not run", () => {
      const data = Buffer.from(sections(bytes).get(11)!);
      const at = bytes.indexOf(data);
      let refused = 0;
      // The last byte of each segment: each is a table, a text or a known answer.
      for (const { contentEnd } of segments(data)) {
        try {
          new Core(damaged(bytes, at + contentEnd - 1));
        } catch (error) {
          expect(error).toMatchObject({ code: "core", message: expect.stringMatching(/wrong answers/) });
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(0);
    });

    /** What the module answers to proofs of all kinds: results and records. */
    function answers(page: Page): Buffer {
      page.verbs.wipe();
      const enrolments: Enrolment[] = [
        TOTP,
        { ...TOTP, algorithm: "sha256" },
        { ...TOTP, algorithm: "sha512" },
        MOTP,
        { ...TOTP, mode: "password-then-code", password: "pässword" },
      ];
      let r = 0;
      for (const [record, enrolment] of enrolments.entries()) {
        page.record(record).set(core.enrol({ ...enrolment, active: true }));
        const password =
          record === 4
            ? "pässword"
            : record === 3
              ? "no mOTP"
              : codes.totp(SECRET, TIME, 6, enrolment.algorithm);
        const challenges = {
          authenticatorChallenge: SECRET.subarray(0, 16),
          peerChallenge: SECRET.subarray(4),
          name: SECRET,
        };
        const { response } = msChapV2({ password, ...challenges });
        page
          .request(r++)
          .set(requestBytes({ record, proof: { kind: "mschapv2", response, ...challenges }, time: TIME }));
        page.request(r++).set(requestBytes({ record, proof: clear(password), time: TIME }));
      }
      page.verbs.verify(r);
      const out = page.snapshot();
      enrolments.forEach((_, record) => page.request(record).set(requestBytes({ record, time: TIME })));
      page.verbs.generate(enrolments.length);
      return Buffer.concat([out, page.snapshot()]);
    }

    test("finds all but a few bits of the constants that change an answer", () => {
      const page = new Page(module);
      const right = answers(page);
      let found = 0;
      const missed: number[] = [];
      for (const { at, end } of segments(sections(bytes).get(11)!)) {
        for (let byte = at; byte < end; byte += 2) {
          page.bytes[byte]! ^= 1 << (byte & 7);
          const status = page.verbs.selfTest();
          if (status !== abi.STATUS_OK) {
            expect(status).toBe(abi.STATUS_SELF_TEST);
            found++;
          } else if (!answers(page).equals(right)) missed.push(byte);
          page.bytes[byte]! ^= 1 << (byte & 7);
        }
      }
      expect(found).toBeGreaterThan(250);
      // Key bits that are equal in the one DES key which is known can change places unseen.
      expect(missed.length).toBeLessThanOrEqual(found / 100);
      expect(page.verbs.selfTest()).toBe(abi.STATUS_OK);
    });
  });
});
