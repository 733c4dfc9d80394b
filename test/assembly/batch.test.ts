// A batch gives the same verdicts and leaves the same bytes as its dial-ins one by one, on both files.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { Enrolment } from "../../host/core/core.ts";
import type { Proof } from "../../host/core/dial-in.ts";
import { BINARIES, clear, Page, requestBytes } from "../binaries.ts";
import { codeOf, core, expectClean, expectNoSecret, KINDS, PASSWORD, prove, TIME } from "../kinds.ts";
import { runs } from "../runs.ts";

// One seed, so that a wrong code is another step's right one for ever or never. Worlds are too large to be shrunk or shown.
fc.configureGlobal({ seed: 20250102, endOnFailure: true });

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
          Buffer.from(record.buffer).writeUInt32LE(TIME - 20, abi.RECORD_STATE + abi.STATE_SEEN);
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
        runs(count > 60 ? 3 : 10),
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

  test("no candidate is lost where the group of pending DES blocks fills up in the middle of the lanes", () => {
    const enrolments = Array.from({ length: abi.REQUESTS }, (_, i): Enrolment => ({
      ...KINDS[0]!,
      back: Math.sign(i),
      forward: Math.sign(i),
    }));
    const world = {
      records: new Map(enrolments.map((enrolment, i) => [i, core.enrol({ ...enrolment, active: true })])),
      // The first candidate is no MS-CHAPv2 one: from there on, blocks and lanes are out of step.
      requests: enrolments.map((enrolment, record) => {
        const proof = prove(record === 0 ? "clear" : "mschapv2", codeOf(enrolment, 0), record);
        return requestBytes({ record, proof, time: TIME });
      }),
    };
    for (const { module } of BINARIES) {
      const page = pageWith(module, world);
      verifyTogether(page, world);
      world.requests.forEach((_, r) => expect(page.verdict(r), `request ${r}`).toBe(abi.VERDICT_ACCEPT));
    }
  });

  // One step alone is the last of one batch and the first of the next: its schedule was wiped in between.
  test.each([
    [[-1, 0, 1], 1],
    [[0, 0], 0],
  ])("lanes that share a step's schedule and lanes that do not, batch after batch: %j", (shifts, width) => {
    // Sixteen users at one step fill both groups of lanes; eight more, two by two ahead of it, mix steps in the lanes.
    const drifts = Array.from({ length: 24 }, (_, i) => (i < 16 ? 0 : Math.floor((i - 14) / 2)));
    const enrolment: Enrolment = { ...KINDS[0]!, back: width, forward: width, driftBound: 9, active: true };
    const records = new Map(
      drifts.map((drift, i) => {
        const record = core.enrol(enrolment);
        Buffer.from(record.buffer).writeInt16LE(drift, abi.RECORD_STATE + abi.STATE_DRIFT);
        return [i, record];
      }),
    );
    for (const { module } of BINARIES) {
      const page = new Page(module);
      for (const shift of shifts) {
        const users = width === 0 ? drifts.slice(0, 16) : drifts;
        for (const [index, record] of records) page.record(index).set(record);
        const requests = users.map((drift, record) =>
          requestBytes({ record, proof: clear(codeOf(enrolment, drift + shift)), time: TIME }),
        );
        verifyTogether(page, { records, requests });
        users.forEach((_, r) => expect(page.verdict(r), `user ${r}, ${shift}`).toBe(abi.VERDICT_ACCEPT));
      }
    }
  });
});
