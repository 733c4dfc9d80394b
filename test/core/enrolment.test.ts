// Each field of the enrolment form, in range and out: a status of its own, and nothing changed. Records likewise.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { Enrolment } from "../../host/core/core.ts";
import { BINARIES, requestBytes } from "../binaries.ts";
import { all, expectClean, FACTORS, TIME, u16, u8, usedPage, validForm } from "../kinds.ts";
import { runs } from "../runs.ts";

fc.configureGlobal({ seed: 20250102 });

const state = (at: number, value: number) => u8(abi.RECORD_STATE + at, value);
const key = (text: string) =>
  all(u8(abi.RECORD_KEY_LENGTH, text.length), (form) => void form.set(Buffer.from(text), abi.RECORD_KEY));

type Row = [name: string, factor: Enrolment["factor"], edit: (form: Buffer) => void];
const BAD: [number, Row[]][] = [
  [
    abi.STATUS_FACTOR,
    [
      ["factor 0", "totp", u8(abi.RECORD_FACTOR, 0)],
      ["one factor more", "totp", u8(abi.RECORD_FACTOR, Math.max(...Object.values(FACTORS)) + 1)],
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
      ["a fourth source", "totp", state(abi.STATE_SOURCE_NEXT, 3)],
      ["a counter of recovery codes", "hotp", state(abi.STATE_NEXT + 7, 0x40)],
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

describe.each(BINARIES)("$name", ({ module }) => {
  test.each(BAD_FORMS)(
    "enrol says status $status of $name, and changes nothing",
    ({ factor, edit, status }) => {
      const page = usedPage(module);
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
          abi.ENROLMENT_AT - abi.SCRATCH_AT,
          abi.ENROLMENT_AT - abi.SCRATCH_AT + abi.RECORD_BYTES,
        );
        expect(page.verbs.enrol(3, keep)).toBe(status);
        expect(page.snapshot().equals(expected)).toBe(true);
        if (keep === 0) expect(page.snapshot().equals(before)).toBe(true);
      }
    },
  );

  test.each(GOOD)("enrol takes %s", (_, factor, edit) => {
    const page = usedPage(module);
    const form = validForm(factor);
    edit(form);
    page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(form);
    expect(page.verbs.enrol(255, 0)).toBe(abi.STATUS_OK);
    expect(page.record(255).equals(Buffer.alloc(abi.RECORD_BYTES))).toBe(false);
  });

  test.each(BAD.flatMap(([, rows]) => rows))("a record with %s is not judged", (_, factor, edit) => {
    const page = usedPage(module);
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

  test("forms with some bytes overwritten: no trap; refused without a trace, or a record that can be judged", () => {
    const page = usedPage(module);
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
          const form = validForm(factor);
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
      runs(200),
    );
    for (let status = abi.STATUS_FACTOR; status <= abi.STATUS_STATE; status++)
      expect(statuses).toContain(status);
  });
});
