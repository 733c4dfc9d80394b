// Batches: the same verdicts and the same bytes as one by one, and on both files. After each verb nothing secret is left.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as abi from "../assembly/abi.ts";
import { Core, type Enrolment } from "../host/core.ts";
import type { Proof } from "../host/dialin.ts";
import { BINARIES, clear, Page, requestBytes } from "./binaries.ts";
import * as codes from "./codes.ts";
import { msChapV2 } from "./mschapv2.ts";

// One seed, so that a wrong code is another step's right one for ever or never. Worlds are too large to be shrunk or shown.
fc.configureGlobal({ seed: 20250102, endOnFailure: true });

const [STRICT, SIMD] = BINARIES as [(typeof BINARIES)[0], (typeof BINARIES)[0]];
const core = new Core(STRICT.module);
const TIME = 1_700_000_010;
const PASSWORD = "pass漢字😀";

/** What a user of these tests may be. */
const KINDS: Enrolment[] = [
  { factor: "totp", secret: Buffer.from("sha1 key") },
  { factor: "totp", secret: Buffer.from("sha256 key"), algorithm: "sha256", digits: 8 },
  { factor: "totp", secret: Buffer.from("sha512 key"), algorithm: "sha512", digits: 7 },
  { factor: "hotp", secret: Buffer.from("hotp key"), counter: 77 },
  { factor: "hotp", secret: Buffer.from("hotp 512 key"), algorithm: "sha512", counter: 2 ** 33 },
  { factor: "motp", secret: Buffer.from("0123456789abcdef", "hex"), pin: "4711" },
  { factor: "motp", secret: Buffer.from("fedcba9876543210fedcba9876543210", "hex"), pin: "1234567" },
  { factor: "totp", secret: Buffer.from("wide key"), back: 31, forward: 32 },
];

/** The code that user `kind` shows, `offset` steps from the clock. */
function codeOf({ factor, secret, digits = 6, algorithm = "sha1", ...e }: Enrolment, offset: number): string {
  if (factor === "motp") return codes.motp(Buffer.from(secret).toString("hex"), e.pin!, TIME + offset * 10);
  if (factor === "hotp") return codes.hotp(secret, e.counter! + Math.abs(offset), digits, algorithm);
  return codes.totp(secret, TIME + offset * 30, digits, algorithm);
}

/** The proof of a text. */
function prove(kind: Proof["kind"], text: string, salt: number): Proof {
  if (kind === "clear") return clear(text);
  const challenge = Buffer.alloc(salt % 65, salt);
  if (kind === "chap") {
    const id = salt & 255;
    const response = createHash("md5").update(Buffer.of(id)).update(text).update(challenge).digest();
    return { kind, id, challenge, response };
  }
  const authenticatorChallenge = Buffer.alloc(16, salt);
  const peerChallenge = Buffer.alloc(16, ~salt);
  const exchange = { authenticatorChallenge, peerChallenge, name: challenge };
  return { kind, ...exchange, response: msChapV2({ password: text, ...exchange }).response };
}

interface World {
  /** By index in the page. */
  records: Map<number, Uint8Array>;
  requests: Buffer[];
  [fc.toStringMethod]?: () => string;
}

const userArbitrary = fc.record({
  kind: fc.nat({ max: KINDS.length - 1 }),
  mode: fc.constantFrom<Enrolment["mode"]>("code", "password+code", "password-then-code"),
  enabled: fc.constantFrom(true, true, true, false),
  active: fc.constantFrom(true, true, true, false),
  failures: fc.constantFrom(0, 0, 4, 5, 9),
});
const dialArbitrary = fc.record({
  proof: fc.constantFrom<Proof["kind"]>("clear", "chap", "mschapv2"),
  offset: fc.constantFrom(0, 0, 1, -1, 2, 40),
  flags: fc.constantFrom(0, 0, abi.FLAG_ACTIVATE, abi.FLAG_SECOND, 3),
  source: fc.nat({ max: 3 }),
  type: fc.constantFrom(0, 1, 8, 32),
  what: fc.constantFrom("right", "right", "wrong", "bent"),
  salt: fc.nat({ max: 1000 }),
});

/** `count` dial-ins; `sharing`: several of one user, whose windows then do not move. */
function worldArbitrary(count: number, sharing: boolean): fc.Arbitrary<World> {
  const users = sharing ? Math.ceil(count / 4) : count;
  return fc
    .record({
      users: fc.array(userArbitrary, { minLength: users, maxLength: users }),
      dials: fc.array(dialArbitrary, { minLength: count, maxLength: count }),
      at: fc.uniqueArray(fc.nat({ max: abi.RECORDS - 1 }), { minLength: users, maxLength: users }),
    })
    .map(({ users, dials, at }) => {
      // A shared user is no HOTP one: HOTP's window begins at its counter.
      const kindOf = (kind: number) => (sharing && KINDS[kind]!.factor === "hotp" ? KINDS[0]! : KINDS[kind]!);
      const records = new Map(
        users.map(({ kind, failures, ...user }, i): [number, Uint8Array] => {
          const still = sharing ? { driftBound: 0 } : {};
          const record = core.enrol({
            ...kindOf(kind),
            ...still,
            password: PASSWORD,
            types: ["openvpn", "pptp"],
            ...user,
          });
          record[abi.RECORD_STATE + abi.STATE_FAILURES] = failures;
          Buffer.from(record.buffer).writeUInt32LE(TIME - 20, abi.RECORD_STATE + abi.STATE_SINCE);
          return [at[i]!, record];
        }),
      );
      const requests = dials.map(({ proof, offset, what, salt, ...fields }, i) => {
        const { kind, mode } = users[i % users.length]!;
        const second = (fields.flags & abi.FLAG_SECOND) !== 0;
        let text = codeOf(kindOf(kind), offset);
        if (mode === "password+code") text = PASSWORD + text;
        if (mode === "password-then-code" && !second) text = PASSWORD;
        if (what === "wrong") text = `x${text.slice(1)}`;
        const made = prove(proof, text, salt);
        // A response whose first block is right, and one of the others is not.
        if (what === "bent" && made.kind === "mschapv2") made.response[8 + (salt % 16)]! ^= 1 << (salt & 7);
        return requestBytes({ record: at[i % users.length]!, proof: made, time: TIME, ...fields });
      });
      return { records, requests, [fc.toStringMethod]: () => `${count} requests` };
    });
}

function pageWith(module: WebAssembly.Module, { records }: World): Page {
  const page = new Page(module);
  for (const [index, record] of records) page.record(index).set(record);
  return page;
}

/** After any verb: the scratch is zero; so is what the verb was handed, up to `wiped` bytes. */
function expectClean(page: Page, wiped: number): void {
  expect(page.region(abi.SCRATCH_AT, abi.SCRATCH_BYTES).every((byte) => byte === 0)).toBe(true);
  expect(page.region(abi.REQUESTS_AT, wiped).every((byte) => byte === 0)).toBe(true);
}

/** A result that grants nothing says nothing but its verdict, offset and wait. */
function expectNoSecret(page: Page, count: number): void {
  for (let r = 0; r < count; r++) {
    const verdict = page.verdict(r);
    if (verdict <= abi.VERDICT_CONTINUE) continue;
    expect(page.result(r).toString("hex", abi.RESULT_CODE), `verdict ${verdict}`).toMatch(/^0*$/);
  }
}

function verifyTogether(page: Page, { requests }: World): void {
  requests.forEach((request, r) => page.request(r).set(request));
  expect(page.verbs.verify(requests.length)).toBe(abi.STATUS_OK);
}

const SIZES = [1, 3, 4, 5, 63, 64];

describe("a batch is its dial-ins one by one, and the same on both files", () => {
  const seen = new Set<number>();

  test.each(SIZES.flatMap((size) => [[size, "different users"] as const, [size, "the same users"] as const]))(
    "%i of %s",
    (count, who) => {
      fc.assert(
        fc.property(worldArbitrary(count, who === "the same users"), (world) => {
          const pages = BINARIES.map(({ module }) => {
            const together = pageWith(module, world);
            verifyTogether(together, world);
            expectClean(together, abi.REQUESTS * abi.REQUEST_BYTES);
            expectNoSecret(together, count);
            const apart = pageWith(module, world);
            const results = world.requests.map((request, r) => {
              verifyTogether(apart, { ...world, requests: [request] });
              expectClean(apart, abi.REQUEST_BYTES);
              seen.add(together.verdict(r));
              return Buffer.from(apart.result(0));
            });
            results.forEach((result, r) => apart.result(r).set(result));
            expect(together.snapshot().equals(apart.snapshot())).toBe(true);
            return together.snapshot();
          });
          expect(pages[0]!.equals(pages[1]!)).toBe(true);
        }),
        { numRuns: count > 60 ? 12 : 40 },
      );
    },
  );

  test("these worlds reached every verdict that enrolled records can", () => {
    const { VERDICT_ACCEPT: first, VERDICT_TYPE: last } = abi;
    for (let verdict = first; verdict <= last; verdict++)
      expect(seen, `verdict ${verdict}`).toContain(verdict);
  });

  test("several requests of one HOTP user never accept what one by one would refuse", () => {
    const enrolment = KINDS[3]!;
    const record = core.enrol({ ...enrolment, active: true });
    for (const offsets of [
      [0, 1, 2],
      [3, 1, 4],
      [10, 11, 12],
      [0, 11],
      [5, 5, 6],
    ]) {
      const requests = offsets.map((offset) =>
        requestBytes({ proof: clear(codeOf(enrolment, offset)), time: TIME }),
      );
      for (const { module } of BINARIES) {
        const world = { records: new Map([[0, record]]), requests };
        const together = pageWith(module, world);
        verifyTogether(together, world);
        const apart = pageWith(module, world);
        offsets.forEach((offset, r) => {
          verifyTogether(apart, { ...world, requests: [requests[r]!] });
          if (together.verdict(r) === abi.VERDICT_ACCEPT) {
            expect(apart.verdict(0), `${offsets} at ${offset}`).toBe(abi.VERDICT_ACCEPT);
          }
        });
      }
    }
  });
});

describe("both files leave the same bytes after every verb", () => {
  test("enrol, verify, generate, unlock, wipe, selfTest", () => {
    const traces = BINARIES.map(({ module }) => {
      const page = new Page(module);
      const trace: Buffer[] = [];
      const after = (status: number, wiped: number) => {
        expect(status).toBe(abi.STATUS_OK);
        expectClean(page, wiped);
        trace.push(page.snapshot());
      };
      for (const [i, form] of forms().entries()) {
        page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(form);
        after(page.verbs.enrol(i, 0), abi.RECORD_BYTES);
        page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(form);
        after(page.verbs.enrol(i, 1), abi.RECORD_BYTES);
      }
      const users = forms().length;
      // For HOTP the time is how far ahead.
      const all = KINDS.map(({ factor }, record) =>
        requestBytes({ record, time: factor === "hotp" ? 0 : TIME }),
      );
      all.forEach((request, r) => page.request(r).set(request));
      after(page.verbs.generate(users), users * abi.REQUEST_BYTES);
      const typed = all.map((_, r) => {
        expect(page.verdict(r)).toBe(abi.VERDICT_ACCEPT);
        const length = page.result(r)[abi.RESULT_CODE_LENGTH]!;
        return page
          .result(r)
          .subarray(abi.RESULT_CODE, abi.RESULT_CODE + length)
          .toString();
      });
      for (const kind of ["mschapv2", "clear", "chap"] as const) {
        typed.forEach((code, record) =>
          page.request(record).set(
            requestBytes({
              record,
              proof: prove(kind, code, record),
              time: TIME,
              flags: abi.FLAG_ACTIVATE,
            }),
          ),
        );
        after(page.verbs.verify(users), users * abi.REQUEST_BYTES);
        // HOTP's window begins at its counter: there a spent code is a wrong one.
        const expected = kind === "mschapv2" ? [abi.VERDICT_ACCEPT] : [abi.VERDICT_SPENT, abi.VERDICT_WRONG];
        for (let r = 0; r < users; r++) expect(expected).toContain(page.verdict(r));
      }
      for (let i = 0; i < users; i++) after(page.verbs.unlock(i), 0);
      after(page.verbs.wipe(), abi.REQUESTS * abi.REQUEST_BYTES);
      expect(trace.at(-1)!.every((byte) => byte === 0)).toBe(true);
      page.bytes.fill(0xa5, abi.CONSTANTS_BYTES);
      after(page.verbs.selfTest(), abi.REQUESTS * abi.REQUEST_BYTES);
      expect(trace.at(-1)!.every((byte) => byte === 0)).toBe(true);
      return trace;
    });
    expect(traces[0]!.length).toBe(traces[1]!.length);
    traces[0]!.forEach((page, i) => expect(page.equals(traces[1]![i]!), `after verb ${i}`).toBe(true));
  });

  /** Enrolment forms of all kinds, with rubbish behind the lengths. */
  function forms(): Buffer[] {
    return KINDS.map((e) => {
      const motp = e.factor === "motp";
      const form = validForm(e.factor);
      const key = motp ? Buffer.from(Buffer.from(e.secret).toString("hex") + e.pin) : e.secret;
      form.fill(0x5a, abi.RECORD_KEY, abi.RECORD_STATE);
      form.set(key, abi.RECORD_KEY);
      form[abi.RECORD_KEY_LENGTH] = key.length;
      if (!motp) form[abi.RECORD_ALGORITHM] = ["sha1", "sha256", "sha512"].indexOf(e.algorithm ?? "sha1") + 1;
      form[abi.RECORD_DIGITS] = e.digits ?? 6;
      form.writeBigUInt64LE(BigInt(e.counter ?? 0), abi.RECORD_STATE + abi.STATE_NEXT);
      return form;
    });
  }

  test("what lies behind the lengths of a form, and its state but for two fields, does not reach the record", () => {
    const page = new Page(STRICT.module);
    for (const [i, rubbish] of [0x5a, 0xa5].entries()) {
      const form = validForm("totp");
      form[abi.RECORD_ALGORITHM] = abi.ALGORITHM_SHA512; // its record keeps the key
      form.fill(rubbish, abi.RECORD_KEY + 20, abi.RECORD_STATE);
      form[abi.RECORD_RESERVED] = rubbish;
      form[abi.RECORD_STATE + abi.STATE_FAILURES] = rubbish;
      form.fill(rubbish, abi.RECORD_STATE + abi.STATE_DRIFT, abi.RECORD_STATE + abi.STATE_NEXT);
      form.fill(rubbish, abi.RECORD_STATE + abi.STATE_SINCE);
      page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(form);
      expect(page.verbs.enrol(i, 0)).toBe(abi.STATUS_OK);
    }
    expect(page.record(0).equals(page.record(1))).toBe(true);
  });
});

/** A form that enrol takes. */
function validForm(factor: Enrolment["factor"] = "totp"): Buffer {
  const form = Buffer.alloc(abi.RECORD_BYTES);
  const key = factor === "motp" ? "0123456789abcdef4711" : "12345678901234567890";
  form[abi.RECORD_FACTOR] = { totp: abi.FACTOR_TOTP, hotp: abi.FACTOR_HOTP, motp: abi.FACTOR_MOTP }[factor];
  form[abi.RECORD_ALGORITHM] = factor === "motp" ? abi.ALGORITHM_MD5 : abi.ALGORITHM_SHA1;
  form[abi.RECORD_DIGITS] = 6;
  form[abi.RECORD_MODE] = abi.MODE_CODE;
  form[abi.RECORD_TYPES] = abi.TYPE_ANY;
  form[abi.RECORD_STANDING] = abi.STANDING_ENABLED;
  form[abi.RECORD_KEY_LENGTH] = key.length;
  form.writeUInt32LE(factor === "motp" ? 10 : 30, abi.RECORD_PERIOD);
  form[abi.RECORD_FORWARD] = 1;
  form.set(Buffer.from(key), abi.RECORD_KEY);
  return form;
}

const u16 = (at: number, value: number) => (form: Buffer) => void form.writeUInt16LE(value, at);
const u8 = (at: number, value: number) => (form: Buffer) => void (form[at] = value);
const state = (at: number, value: number) => u8(abi.RECORD_STATE + at, value);
const all =
  (...edits: ((form: Buffer) => void)[]) =>
  (form: Buffer) =>
    edits.forEach((edit) => edit(form));
const key = (text: string) =>
  all(u8(abi.RECORD_KEY_LENGTH, text.length), (form) => void form.set(Buffer.from(text), abi.RECORD_KEY));

type Row = [name: string, factor: Enrolment["factor"], edit: (form: Buffer) => void];
const BAD: [number, Row[]][] = [
  [
    abi.STATUS_FACTOR,
    [
      ["factor 0", "totp", u8(abi.RECORD_FACTOR, 0)],
      ["factor 4", "totp", u8(abi.RECORD_FACTOR, 4)],
    ],
  ],
  [
    abi.STATUS_ALGORITHM,
    [
      ["algorithm 0", "totp", u8(abi.RECORD_ALGORITHM, 0)],
      ["algorithm 5", "totp", u8(abi.RECORD_ALGORITHM, 5)],
      ["TOTP with MD5", "totp", u8(abi.RECORD_ALGORITHM, abi.ALGORITHM_MD5)],
      ["HOTP with MD5", "hotp", u8(abi.RECORD_ALGORITHM, abi.ALGORITHM_MD5)],
      ["mOTP with SHA-1", "motp", u8(abi.RECORD_ALGORITHM, abi.ALGORITHM_SHA1)],
    ],
  ],
  [
    abi.STATUS_DIGITS,
    [
      ["5 digits", "totp", u8(abi.RECORD_DIGITS, 5)],
      ["9 digits", "totp", u8(abi.RECORD_DIGITS, 9)],
      ["mOTP with 7 digits", "motp", u8(abi.RECORD_DIGITS, 7)],
    ],
  ],
  [
    abi.STATUS_MODE,
    [
      ["mode 0", "totp", u8(abi.RECORD_MODE, 0)],
      ["mode 4", "totp", u8(abi.RECORD_MODE, 4)],
    ],
  ],
  [abi.STATUS_TYPES, [["a seventh type", "totp", u8(abi.RECORD_TYPES, 64)]]],
  [
    abi.STATUS_STANDING,
    [
      ["standing 0", "totp", u8(abi.RECORD_STANDING, 0)],
      ["standing 4", "totp", u8(abi.RECORD_STANDING, 4)],
    ],
  ],
  [
    abi.STATUS_KEY,
    [
      ["no key", "totp", u8(abi.RECORD_KEY_LENGTH, 0)],
      ["65 bytes of key", "totp", u8(abi.RECORD_KEY_LENGTH, 65)],
    ],
  ],
  [
    abi.STATUS_PASSWORD,
    [
      ["33 bytes of password", "totp", u8(abi.RECORD_PASSWORD_LENGTH, 33)],
      ["password+code without one", "totp", u8(abi.RECORD_MODE, abi.MODE_PASSWORD_CODE)],
      ["password, then code without one", "totp", u8(abi.RECORD_MODE, abi.MODE_PASSWORD_THEN_CODE)],
    ],
  ],
  [
    abi.STATUS_PERIOD,
    [
      ["period 0", "totp", u16(abi.RECORD_PERIOD, 0)],
      ["mOTP with 30 s", "motp", u16(abi.RECORD_PERIOD, 30)],
    ],
  ],
  [
    abi.STATUS_WINDOW,
    [
      ["65 steps", "totp", all(u16(abi.RECORD_BACK, 32), u16(abi.RECORD_FORWARD, 32))],
      ["65535 steps back", "totp", u16(abi.RECORD_BACK, 65535)],
      ["65535 both ways", "totp", all(u16(abi.RECORD_BACK, 65535), u16(abi.RECORD_FORWARD, 65535))],
      ["a drift bound of 32768", "totp", u16(abi.RECORD_DRIFT_BOUND, 32768)],
      ["HOTP that looks back", "hotp", u16(abi.RECORD_BACK, 1)],
      ["HOTP that drifts", "hotp", u16(abi.RECORD_DRIFT_BOUND, 1)],
    ],
  ],
  [
    abi.STATUS_STATE,
    [
      ["active 2", "totp", state(abi.STATE_ACTIVE, 2)],
      ["a fifth source", "totp", state(abi.STATE_SOURCE_NEXT, 4)],
    ],
  ],
];
// Only the form is asked: a record no longer holds its key as given.
const BAD_MOTP_KEYS: Row[] = [
  ["mOTP secret in upper case", "motp", key("0123456789ABCDEF4711")],
  ["mOTP secret with a g", "motp", key("0123456789abcdeg4711")],
  ["mOTP secret with a slash", "motp", key("/123456789abcdef4711")],
  ["mOTP PIN with a letter", "motp", key("0123456789abcdef471a")],
  ["mOTP PIN with a colon", "motp", key("0123456789abcdef471:")],
  ["mOTP PIN of 3 digits", "motp", key("0123456789abcdef471")],
  ["mOTP PIN of 8 digits", "motp", key("0123456789abcdef12345678")],
  ["mOTP secret of 32 with a PIN of 3", "motp", key(`${"0123456789abcdef".repeat(2)}471`)],
  ["mOTP secret of 32 with a PIN of 8", "motp", key(`${"0123456789abcdef".repeat(2)}12345678`)],
  ["mOTP secret alone", "motp", key("0123456789abcdef".repeat(2))],
];
const GOOD: Row[] = [
  ["SHA-512", "totp", u8(abi.RECORD_ALGORITHM, abi.ALGORITHM_SHA512)],
  ["8 digits", "hotp", u8(abi.RECORD_DIGITS, 8)],
  ["no type", "totp", u8(abi.RECORD_TYPES, 0)],
  ["a decoy", "totp", u8(abi.RECORD_STANDING, abi.STANDING_DECOY)],
  ["a key of 1 byte", "totp", u8(abi.RECORD_KEY_LENGTH, 1)],
  ["a key of 64 bytes", "totp", u8(abi.RECORD_KEY_LENGTH, 64)],
  ["a password of 32 bytes", "totp", all(u8(abi.RECORD_PASSWORD_LENGTH, 32), u8(abi.RECORD_MODE, 3))],
  ["a period of 65535 s", "totp", u16(abi.RECORD_PERIOD, 65535)],
  ["64 steps", "totp", all(u16(abi.RECORD_BACK, 31), u16(abi.RECORD_FORWARD, 32))],
  ["a drift bound of 32767", "totp", u16(abi.RECORD_DRIFT_BOUND, 32767)],
  ["an mOTP PIN of 4", "motp", key("0123456789abcdef4711")],
  ["an mOTP PIN of 7", "motp", key("0123456789abcdef4711000")],
  ["a long mOTP secret, PIN of 4", "motp", key(`${"0123456789abcdef".repeat(2)}4711`)],
  ["a long mOTP secret, PIN of 7", "motp", key(`${"0123456789abcdef".repeat(2)}4711000`)],
];
const BAD_FORMS = [
  ...BAD.flatMap(([status, rows]) => rows.map((row) => ({ status, row }))),
  ...BAD_MOTP_KEYS.map((row) => ({ status: abi.STATUS_KEY, row })),
].map(({ status, row: [name, factor, edit] }) => ({ name, factor, edit, status }));

describe.each(BINARIES)("bad input to $name", ({ module }) => {
  /** A page in use: records of all kinds, old results. */
  function usedPage(): Page {
    const page = new Page(module);
    KINDS.forEach((kind, i) => page.record(i).set(core.enrol({ ...kind, active: true })));
    page.record(0).set(core.enrol({ ...KINDS[0]!, active: true, mode: "password+code", password: PASSWORD }));
    page
      .record(7)
      .set(core.enrol({ ...KINDS[7]!, active: true, mode: "password-then-code", password: PASSWORD }));
    page.region(abi.RESULTS_AT, abi.REQUESTS * abi.RESULT_BYTES).fill(0x77);
    return page;
  }

  test.each(BAD_FORMS)(
    "enrol says status $status of $name, and changes nothing",
    ({ factor, edit, status }) => {
      const page = usedPage();
      const before = page.snapshot();
      for (const keep of [0, 1]) {
        const form = validForm(factor);
        edit(form);
        page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(form);
        // With keep the state is the record's own: then the form's does not count.
        if (keep && status === abi.STATUS_STATE)
          page.record(3).set(form.subarray(abi.RECORD_STATE), abi.RECORD_STATE);
        const expected = page.snapshot();
        expected.fill(
          0,
          abi.ENROLMENT_AT - abi.CONSTANTS_BYTES,
          abi.ENROLMENT_AT - abi.CONSTANTS_BYTES + abi.RECORD_BYTES,
        );
        expect(page.verbs.enrol(3, keep)).toBe(status);
        expect(page.snapshot().equals(expected)).toBe(true);
        if (keep === 0) expect(page.snapshot().equals(before)).toBe(true);
      }
    },
  );

  test.each(GOOD)("enrol takes %s", (_, factor, edit) => {
    const page = usedPage();
    const form = validForm(factor);
    edit(form);
    page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(form);
    expect(page.verbs.enrol(255, 0)).toBe(abi.STATUS_OK);
    expect(page.record(255).equals(Buffer.alloc(abi.RECORD_BYTES))).toBe(false);
  });

  test.each(BAD.flatMap(([, rows]) => rows))("a record with %s is not judged", (_, factor, edit) => {
    const page = usedPage();
    page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(validForm(factor));
    expect(page.verbs.enrol(9, 0)).toBe(abi.STATUS_OK);
    edit(page.record(9));
    const before = Buffer.from(page.record(9));
    for (const verb of ["verify", "generate"] as const) {
      page.request(0).set(requestBytes({ record: 9, time: TIME, flags: abi.FLAG_ACTIVATE }));
      expect(page.verbs[verb](1)).toBe(abi.STATUS_OK);
      expect(page.verdict(0)).toBe(abi.VERDICT_BAD_RECORD);
      expect(page.record(9).equals(before)).toBe(true);
    }
  });

  const right = () => codeOf(KINDS[1]!, 0);
  const badRequests: [string, (request: Buffer) => void][] = [
    ["record 256", u16(abi.REQUEST_RECORD, 256)],
    ["record 65535", u16(abi.REQUEST_RECORD, 65535)],
    ["proof 0", u8(abi.REQUEST_PROOF, 0)],
    ["proof 4", u8(abi.REQUEST_PROOF, 4)],
    ["proof 255", u8(abi.REQUEST_PROOF, 255)],
    ["a third flag", u8(abi.REQUEST_FLAGS, 4)],
    ["a second step of a mode that has none", u8(abi.REQUEST_FLAGS, abi.FLAG_SECOND)],
    ["a time beyond all", u8(abi.REQUEST_TIME + 4, 8)],
    ["a time far beyond all", u8(abi.REQUEST_TIME + 7, 128)],
    ["two types", u8(abi.REQUEST_TYPE, 3)],
    ["a seventh type", u8(abi.REQUEST_TYPE, 64)],
    ["65 bytes of text", u8(abi.REQUEST_LENGTH, 65)],
    ["65 bytes of challenge", all(u8(abi.REQUEST_PROOF, abi.PROOF_CHAP), u8(abi.REQUEST_LENGTH, 65))],
    ["65 bytes of name", all(u8(abi.REQUEST_PROOF, abi.PROOF_MSCHAPV2), u8(abi.REQUEST_NAME_LENGTH, 65))],
  ];
  test.each(badRequests)("a request with %s is refused as such, and its neighbours are judged", (_, edit) => {
    const page = usedPage();
    const before = page.snapshot();
    const request = requestBytes({ record: 1, proof: clear(right()), time: TIME });
    for (const r of [0, 1, 2]) page.request(r).set(request);
    page.request(0).set(requestBytes({ record: 2, proof: clear(codeOf(KINDS[2]!, 0)), time: TIME }));
    edit(page.request(1));
    expect(page.verbs.verify(3)).toBe(abi.STATUS_OK);
    expect([0, 1, 2].map((r) => page.verdict(r))).toEqual([
      abi.VERDICT_ACCEPT,
      abi.VERDICT_BAD_REQUEST,
      abi.VERDICT_ACCEPT,
    ]);
    expectClean(page, 3 * abi.REQUEST_BYTES);
    expect(page.snapshot().equals(before)).toBe(false);
  });

  test("counts and indexes out of range: a status, and nothing changes", () => {
    const page = usedPage();
    page.request(0).set(requestBytes({ record: 1, proof: clear(right()), time: TIME }));
    const before = page.snapshot();
    for (const n of [65, 256, 2 ** 31, 2 ** 32 - 1]) {
      expect(page.verbs.verify(n)).toBe(abi.STATUS_COUNT);
      expect(page.verbs.generate(n)).toBe(abi.STATUS_COUNT);
    }
    for (const n of [256, 390, 2 ** 31, 2 ** 32 - 1]) {
      expect(page.verbs.unlock(n)).toBe(abi.STATUS_INDEX);
      expect(page.verbs.enrol(n, 0)).toBe(abi.STATUS_INDEX);
      expect(page.verbs.enrol(n, 1)).toBe(abi.STATUS_INDEX);
    }
    expect(page.verbs.verify(0)).toBe(abi.STATUS_OK);
    expect(page.verbs.generate(0)).toBe(abi.STATUS_OK);
    expect(page.snapshot().equals(before)).toBe(true);
  });

  test("every verdict can be had", () => {
    const page = usedPage();
    const records: [number, Uint8Array][] = [
      [20, core.enrol({ ...KINDS[1]!, active: false })],
      [21, core.enrol({ ...KINDS[1]!, enabled: false })],
      [22, core.enrol({ ...KINDS[1]!, active: true, types: ["pptp"] })],
      [23, core.decoy()],
    ];
    for (const [index, record] of records) page.record(index).set(record);
    const proof = clear(right());
    const rows: [number, Buffer][] = [
      [abi.VERDICT_ACCEPT, requestBytes({ record: 1, proof, time: TIME })],
      [abi.VERDICT_SPENT, requestBytes({ record: 1, proof, time: TIME })],
      ...Array<[number, Buffer]>(5).fill([abi.VERDICT_WRONG, requestBytes({ record: 1, time: TIME })]),
      [abi.VERDICT_WAIT, requestBytes({ record: 1, proof, time: TIME })],
      [abi.VERDICT_CONTINUE, requestBytes({ record: 7, proof: clear(PASSWORD), time: TIME })],
      [abi.VERDICT_PENDING, requestBytes({ record: 20, proof, time: TIME })],
      [abi.VERDICT_ACCEPT, requestBytes({ record: 20, proof, time: TIME, flags: abi.FLAG_ACTIVATE })],
      [abi.VERDICT_DISABLED, requestBytes({ record: 21, proof, time: TIME, flags: abi.FLAG_ACTIVATE })],
      [abi.VERDICT_TYPE, requestBytes({ record: 22, proof, time: TIME, type: abi.TYPE_OPENVPN })],
      [abi.VERDICT_ACCEPT, requestBytes({ record: 22, proof, time: TIME, type: abi.TYPE_PPTP })],
      [abi.VERDICT_UNKNOWN, requestBytes({ record: 23, proof, time: TIME })],
      [abi.VERDICT_BAD_RECORD, requestBytes({ record: 99, proof, time: TIME })],
      [abi.VERDICT_BAD_REQUEST, requestBytes({ record: 256, proof, time: TIME })],
    ];
    rows.forEach(([, request], r) => page.request(r).set(request));
    page.verbs.verify(rows.length);
    expect(rows.map((_, r) => page.verdict(r))).toEqual(rows.map(([verdict]) => verdict));
    expect(new Set(rows.map(([verdict]) => verdict)).size).toBe(11);
  });

  const junk = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const verdictIsRefusal = (page: Page) => {
    for (let r = 0; r < abi.REQUESTS; r++) {
      expect(page.verdict(r)).toBeGreaterThan(abi.VERDICT_CONTINUE);
      expect(page.verdict(r)).toBeLessThanOrEqual(abi.VERDICT_BAD_REQUEST);
    }
  };

  test("random bytes in requests and records: no trap, no accept", () => {
    const page = new Page(module);
    const length = abi.PAGE_BYTES - abi.REQUESTS_AT;
    fc.assert(
      fc.property(junk(4096), fc.nat({ max: 4095 }), fc.boolean(), (bytes, turn, generate) => {
        for (let at = 0; at < length; at++)
          page.bytes[abi.REQUESTS_AT + at] = bytes[(at * 31 + turn) & 4095]!;
        const records = Buffer.from(page.region(abi.RECORDS_AT, abi.RECORDS * abi.RECORD_BYTES));
        expect(page.verbs[generate ? "generate" : "verify"](abi.REQUESTS)).toBe(abi.STATUS_OK);
        if (!generate) verdictIsRefusal(page);
        expectClean(page, abi.REQUESTS * abi.REQUEST_BYTES);
        expect(page.region(abi.RECORDS_AT, records.length).equals(records)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("sound requests and records with some bytes overwritten: no trap, no accept, no profile changed", () => {
    const start = usedPage();
    for (let i = 8; i < abi.RECORDS; i++) start.record(i).set(start.record(i % 8));
    for (let r = 0; r < abi.REQUESTS; r++) {
      const kind = (["clear", "chap", "mschapv2"] as const)[r % 3]!;
      const proof = prove(kind, "12345x", r);
      start.request(r).set(requestBytes({ record: r * 3, proof, time: TIME, source: r, type: 8, flags: 2 }));
    }
    for (let i = 0; i < abi.RECORDS; i += 4) {
      start.record(i)[abi.RECORD_STATE + abi.STATE_FAILURES] = 9;
      start.record(i).writeUInt32LE(TIME - 1, abi.RECORD_STATE + abi.STATE_SINCE);
    }
    const whole = start.snapshot();
    const page = new Page(module);
    const edit = fc.tuple(fc.nat(), fc.nat({ max: abi.RECORD_BYTES - 1 }), fc.nat({ max: 255 }));
    const verdicts = new Set<number>();
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 60 }), (edits) => {
        whole.copy(page.bytes, abi.CONSTANTS_BYTES);
        for (const [where, at, byte] of edits) {
          const r = where % abi.REQUESTS;
          if (where & 64) page.request(r)[at % abi.REQUEST_BYTES] = byte;
          else page.record(r * 3)[at] = byte;
        }
        const profiles = Array.from({ length: abi.RECORDS }, (_, i) =>
          Buffer.from(page.record(i).subarray(0, abi.RECORD_STATE)),
        );
        expect(page.verbs.verify(abi.REQUESTS)).toBe(abi.STATUS_OK);
        verdictIsRefusal(page);
        expectClean(page, abi.REQUESTS * abi.REQUEST_BYTES);
        expectNoSecret(page, abi.REQUESTS);
        profiles.forEach((profile, i) =>
          expect(page.record(i).subarray(0, abi.RECORD_STATE).equals(profile)).toBe(true),
        );
        for (let r = 0; r < abi.REQUESTS; r++) verdicts.add(page.verdict(r));
      }),
      { numRuns: 400 },
    );
    expect([...verdicts]).toEqual(
      expect.arrayContaining([
        abi.VERDICT_WRONG,
        abi.VERDICT_BAD_RECORD,
        abi.VERDICT_BAD_REQUEST,
        abi.VERDICT_WAIT,
      ]),
    );
  });

  test("forms with some bytes overwritten: no trap; refused without a trace, or a record that can be judged", () => {
    const page = usedPage();
    const statuses = new Set<number>();
    const edits = fc.array(fc.tuple(fc.nat({ max: abi.RECORD_BYTES - 1 }), fc.nat({ max: 255 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.constantFrom("totp", "hotp", "motp"),
        edits,
        fc.nat({ max: 1 }),
        (factor, edits, keep) => {
          const form = validForm(factor as Enrolment["factor"]);
          for (const [at, byte] of edits) form[at] = byte;
          const before = Buffer.from(page.region(abi.RECORDS_AT, abi.RECORDS * abi.RECORD_BYTES));
          page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(form);
          const status = page.verbs.enrol(5, keep);
          statuses.add(status);
          expectClean(page, abi.RECORD_BYTES);
          expect(status).toBeLessThan(abi.STATUS_SELF_TEST);
          const after = page.region(abi.RECORDS_AT, before.length);
          if (status !== abi.STATUS_OK) expect(after.equals(before)).toBe(true);
          else {
            page.request(0).set(requestBytes({ record: 5, time: TIME }));
            page.verbs.generate(1);
            expect(page.verdict(0)).toBe(abi.VERDICT_ACCEPT);
            const others = Buffer.from(after);
            others.set(before.subarray(5 * abi.RECORD_BYTES, 6 * abi.RECORD_BYTES), 5 * abi.RECORD_BYTES);
            expect(others.equals(before)).toBe(true);
          }
        },
      ),
      { numRuns: 3000 },
    );
    for (let status = abi.STATUS_FACTOR; status <= abi.STATUS_STATE; status++)
      expect(statuses).toContain(status);
  });
});

test("the SIMD file says that it is one", () => {
  const clearChapMsChap = abi.FEATURE_CLEAR | abi.FEATURE_CHAP | abi.FEATURE_MSCHAPV2;
  expect(new Page(STRICT.module).verbs.features()).toBe(clearChapMsChap);
  expect(new Page(SIMD.module).verbs.features()).toBe(clearChapMsChap | abi.FEATURE_SIMD);
  for (const { module } of BINARIES) expect(new Page(module).verbs.version()).toBe(abi.ABI_VERSION);
});
