// The verbs one after another: both files leave the same page, with nothing secret in it.
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { BINARIES, Page, requestBytes } from "../binaries.ts";
import { expectClean, KINDS, prove, TIME, validForm } from "../kinds.ts";

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
      page.bytes.fill(0xa5, 0, abi.CONSTANTS_AT);
      page.bytes.fill(0xa5, abi.SCRATCH_AT);
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
    const page = new Page(BINARIES[0]!.module);
    for (const [i, rubbish] of [0x5a, 0xa5].entries()) {
      const form = validForm("totp");
      form[abi.RECORD_ALGORITHM] = abi.ALGORITHM_SHA512; // its record keeps the key
      form.fill(rubbish, abi.RECORD_KEY + 20, abi.RECORD_STATE);
      form[abi.RECORD_RESERVED] = rubbish;
      form[abi.RECORD_STATE + abi.STATE_FAILURES] = rubbish;
      form.fill(rubbish, abi.RECORD_STATE + abi.STATE_DRIFT, abi.RECORD_STATE + abi.STATE_NEXT);
      form.fill(rubbish, abi.RECORD_STATE + abi.STATE_SEEN);
      page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(form);
      expect(page.verbs.enrol(i, 0)).toBe(abi.STATUS_OK);
    }
    expect(page.record(0).equals(page.record(1))).toBe(true);
  });
});

test("the SIMD file says that it is one", () => {
  const clearChapMsChap = abi.FEATURE_CLEAR | abi.FEATURE_CHAP | abi.FEATURE_MSCHAPV2;
  expect(new Page(BINARIES[0]!.module).verbs.features()).toBe(clearChapMsChap);
  expect(new Page(BINARIES[1]!.module).verbs.features()).toBe(clearChapMsChap | abi.FEATURE_SIMD);
  for (const { module } of BINARIES) expect(new Page(module).verbs.version()).toBe(abi.ABI_VERSION);
});
