// Requests that are out of range or overwritten: a verdict, never a trap, never an accept. Every verdict can be had.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { BINARIES, clear, Page, requestBytes } from "../binaries.ts";
import {
  all,
  codeOf,
  core,
  expectClean,
  expectNoSecret,
  KINDS,
  PASSWORD,
  prove,
  TIME,
  u16,
  u8,
  validForm,
  usedPage,
} from "../kinds.ts";
import { runs } from "../runs.ts";

fc.configureGlobal({ seed: 20250103, endOnFailure: true });

describe.each(BINARIES)("$name", ({ module }) => {
  const right = () => codeOf(KINDS[1]!, 0);
  const badRequests: [string, (request: Buffer) => void][] = [
    ["record 256", u16(abi.REQUEST_RECORD, 256)],
    ["record 65535", u16(abi.REQUEST_RECORD, 65535)],
    ["proof 0", u8(abi.REQUEST_PROOF, 0)],
    ["proof 4", u8(abi.REQUEST_PROOF, 4)],
    ["proof 255", u8(abi.REQUEST_PROOF, 255)],
    ["a fourth flag", u8(abi.REQUEST_FLAGS, 8)],
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
    const page = usedPage(module);
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
  });

  test("counts and indexes out of range: a status, nothing is judged, and nothing stays of what was handed over", () => {
    const page = usedPage(module);
    const records = page.region(abi.RECORDS_AT, abi.RECORDS * abi.RECORD_BYTES);
    const before = Buffer.from(records);
    for (const n of [65, 256, 2 ** 31, 2 ** 32 - 1]) {
      for (const verb of ["verify", "generate"] as const) {
        for (let r = 0; r < abi.REQUESTS; r++)
          page.request(r).set(requestBytes({ record: 1, proof: clear(right()), time: TIME }));
        expect(page.verbs[verb](n)).toBe(abi.STATUS_COUNT);
        expectClean(page, abi.REQUESTS * abi.REQUEST_BYTES);
      }
    }
    for (const n of [256, 390, 2 ** 31, 2 ** 32 - 1]) {
      expect(page.verbs.unlock(n)).toBe(abi.STATUS_INDEX);
      for (const keep of [0, 1]) {
        page.region(abi.ENROLMENT_AT, abi.RECORD_BYTES).set(validForm());
        expect(page.verbs.enrol(n, keep)).toBe(abi.STATUS_INDEX);
        expectClean(page, abi.RECORD_BYTES);
      }
    }
    expect(page.verbs.verify(0)).toBe(abi.STATUS_OK);
    expect(page.verbs.generate(0)).toBe(abi.STATUS_OK);
    expect(records.equals(before)).toBe(true);
  });

  test("every verdict can be had", () => {
    const page = usedPage(module);
    const records: [number, Uint8Array][] = [
      [20, core.enrol({ ...KINDS[1]!, active: false })],
      [21, core.enrol({ ...KINDS[1]!, enabled: false })],
      [22, core.enrol({ ...KINDS[1]!, active: true, types: ["pptp"] })],
      [23, core.decoy()],
    ];
    const recoverable = core.enrol({ ...KINDS[1]!, active: true, recovery: 1 });
    const [recovery = ""] = core.recoveryCodes(recoverable);
    records.push([24, recoverable]);
    for (const [index, record] of records) page.record(index).set(record);
    const proof = clear(right());
    const rows: [number, Buffer][] = [
      [abi.VERDICT_ACCEPT, requestBytes({ record: 1, proof, time: TIME })],
      [abi.VERDICT_SPENT, requestBytes({ record: 1, proof, time: TIME })],
      ...["a", "b", "c", "d", "e"].map((text): [number, Buffer] => [
        abi.VERDICT_WRONG,
        requestBytes({ record: 1, proof: clear(text), time: TIME }),
      ]),
      [abi.VERDICT_WAIT, requestBytes({ record: 1, proof, time: TIME })],
      [abi.VERDICT_CONTINUE, requestBytes({ record: 7, proof: clear(PASSWORD), time: TIME })],
      [abi.VERDICT_PENDING, requestBytes({ record: 20, proof, time: TIME })],
      [abi.VERDICT_ACCEPT, requestBytes({ record: 20, proof, time: TIME, flags: abi.FLAG_ACTIVATE })],
      [abi.VERDICT_DISABLED, requestBytes({ record: 21, proof, time: TIME, flags: abi.FLAG_ACTIVATE })],
      [abi.VERDICT_NOT_VALID, requestBytes({ record: 22, proof, time: TIME, flags: abi.FLAG_NOT_VALID })],
      [abi.VERDICT_RECOVERED, requestBytes({ record: 24, proof: clear(recovery), time: TIME })],
      [abi.VERDICT_TYPE, requestBytes({ record: 22, proof, time: TIME, type: abi.TYPE_OPENVPN })],
      [abi.VERDICT_ACCEPT, requestBytes({ record: 22, proof, time: TIME, type: abi.TYPE_PPTP })],
      [abi.VERDICT_UNKNOWN, requestBytes({ record: 23, proof, time: TIME })],
      [abi.VERDICT_BAD_RECORD, requestBytes({ record: 99, proof, time: TIME })],
      [abi.VERDICT_BAD_REQUEST, requestBytes({ record: 256, proof, time: TIME })],
    ];
    rows.forEach(([, request], r) => page.request(r).set(request));
    page.verbs.verify(rows.length);
    expect(rows.map((_, r) => page.verdict(r))).toEqual(rows.map(([verdict]) => verdict));
    expect(new Set(rows.map(([verdict]) => verdict)).size).toBe(13);
  });

  const junk = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const expectRefusals = (page: Page) => {
    const verdicts = Array.from({ length: abi.REQUESTS }, (_, r) => page.verdict(r));
    expect(
      verdicts.filter((verdict) => verdict <= abi.VERDICT_CONTINUE || verdict > abi.VERDICT_BAD_REQUEST),
    ).toEqual([]);
    return verdicts;
  };
  const profiles = (page: Page) =>
    Buffer.concat(
      Array.from({ length: abi.RECORDS }, (_, i) => page.record(i).subarray(0, abi.RECORD_STATE)),
    );

  test("random bytes in requests and records: no trap, no accept", () => {
    const page = new Page(module);
    const length = abi.PAGE_BYTES - abi.REQUESTS_AT;
    fc.assert(
      fc.property(junk(4096), fc.nat({ max: 4095 }), fc.boolean(), (bytes, turn, generate) => {
        for (let at = 0; at < length; at++)
          page.bytes[abi.REQUESTS_AT + at] = bytes[(at * 31 + turn) & 4095]!;
        const records = Buffer.from(page.region(abi.RECORDS_AT, abi.RECORDS * abi.RECORD_BYTES));
        expect(page.verbs[generate ? "generate" : "verify"](abi.REQUESTS)).toBe(abi.STATUS_OK);
        if (!generate) expectRefusals(page);
        expectClean(page, abi.REQUESTS * abi.REQUEST_BYTES);
        expect(page.region(abi.RECORDS_AT, records.length).equals(records)).toBe(true);
      }),
      runs(30),
    );
  });

  test("sound requests and records with some bytes overwritten: no trap, no accept, no profile changed", () => {
    const start = usedPage(module);
    for (let i = 8; i < abi.RECORDS; i++) start.record(i).set(start.record(i % 8));
    for (let r = 0; r < abi.REQUESTS; r++) {
      const kind = (["clear", "chap", "mschapv2"] as const)[r % 3]!;
      const proof = prove(kind, "12345x", r);
      start.request(r).set(requestBytes({ record: r * 3, proof, time: TIME, source: r, type: 8, flags: 2 }));
    }
    for (let i = 0; i < abi.RECORDS; i += 4) {
      start.record(i)[abi.RECORD_STATE + abi.STATE_FAILURES] = 9;
      start.record(i).writeUInt32LE(TIME - 1, abi.RECORD_STATE + abi.STATE_SEEN);
    }
    const whole = start.snapshot();
    const page = new Page(module);
    const edit = fc.tuple(fc.nat(), fc.nat({ max: abi.RECORD_BYTES - 1 }), fc.nat({ max: 255 }));
    const verdicts = new Set<number>();
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 60 }), (edits) => {
        whole.copy(page.bytes, abi.SCRATCH_AT);
        for (const [where, at, byte] of edits) {
          const r = where % abi.REQUESTS;
          if (where & 64) page.request(r)[at % abi.REQUEST_BYTES] = byte;
          else page.record(r * 3)[at] = byte;
        }
        const before = profiles(page);
        expect(page.verbs.verify(abi.REQUESTS)).toBe(abi.STATUS_OK);
        for (const verdict of expectRefusals(page)) verdicts.add(verdict);
        expectClean(page, abi.REQUESTS * abi.REQUEST_BYTES);
        expectNoSecret(page, abi.REQUESTS);
        expect(profiles(page).equals(before)).toBe(true);
      }),
      runs(40),
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
});
