// What the cases share: 64 users with fixed keys, codes made by node:crypto, and a page of the core filled with them.

import { createHash, createHmac } from "node:crypto";
import * as abi from "../assembly/abi.ts";
import { Core, type CoreRequest, type Enrolment } from "../host/core/core.ts";
import type { Proof } from "../host/core/dial-in.ts";
import { busyNanoseconds, type Side } from "./rounds.ts";

export const USERS: number = abi.REQUESTS;
/** The moment of all cases, seconds since 1970. */
export const NOW = 1_800_000_015;
export const STEP: number = Math.floor(NOW / 30);

/** Keys of 20 bytes, the same in every run. */
export const KEYS: readonly Uint8Array[] = Array.from({ length: USERS }, (_, i) =>
  createHash("sha1").update(`user ${i}`).digest(),
);

/** HOTP by RFC 4226, six digits. */
export function hotp(key: Uint8Array, counter: number): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac("sha1", key).update(moving).digest();
  const word = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, "0");
}

/** Mobile-OTP: the secret as lower-case hexadecimal text. */
export function motp(secret: string, pin: string, step: number): string {
  return createHash("md5").update(`${step}${secret}${pin}`).digest("hex").slice(0, 6);
}

/** A code that no user has within `reach` steps of STEP, so that nothing can exit early. */
export function wrongCode(reach: number): string {
  const right = new Set<string>();
  for (const key of KEYS) for (let i = -reach; i <= reach; i++) right.add(hotp(key, STEP + i));
  for (let code = 123456; ; code++) if (!right.has(String(code))) return String(code);
}

export function clear(text: string): Proof {
  return { kind: "clear", text: Buffer.from(text) };
}

export function request(record: number, proof: Proof, time = NOW): CoreRequest {
  return { record, dialIn: { user: "", proof, source: "" }, time, source: 0 };
}

/** Throws if an answer is not the right one: a case that answers wrongly is not timed. */
export function expect(what: string, got: unknown, want: unknown): void {
  if (got !== want) throw new Error(`${what}: got ${String(got)}, want ${String(want)}`);
}

interface Exports {
  memory: WebAssembly.Memory;
  verify(count: number): number;
}

/** A core with records and requests laid out in its page, for calling the verb with nothing around it. */
export class Page {
  readonly core: Core;
  readonly records: readonly Uint8Array[];
  readonly #requests: readonly CoreRequest[];
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  readonly #laidRequests: Uint8Array;
  readonly #laidRecords: Uint8Array;

  /** One record for each enrolment, and the requests over them. */
  constructor(
    module: WebAssembly.Module,
    enrolments: readonly Enrolment[],
    requests: readonly CoreRequest[],
  ) {
    this.core = new Core(module);
    this.records = enrolments.map((enrolment) => this.core.enrol({ active: true, ...enrolment }));
    this.#requests = requests;
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    this.#bytes = new Uint8Array(this.#exports.memory.buffer);
    // The page as host/core/core.ts lays it out: a batch through it, with the verb taken away.
    this.#lay();
    const end = (at: number, count: number, bytes: number) => at + count * bytes;
    const { length } = this.records;
    this.#laidRequests = this.#bytes.slice(
      abi.REQUESTS_AT,
      end(abi.REQUESTS_AT, requests.length, abi.REQUEST_BYTES),
    );
    this.#laidRecords = this.#bytes.slice(abi.RECORDS_AT, end(abi.RECORDS_AT, length, abi.RECORD_BYTES));
  }

  /** The verdicts on all requests, from fresh records, through host/core/core.ts. */
  judge(requests: readonly CoreRequest[] = this.#requests): string[] {
    const records = this.records.map((record) => record.slice());
    return this.core.verify(records, requests).map((verdict) => verdict.reason);
  }

  /** The verdicts of the bare verb, as VERDICT_*. */
  judgeBare(): number[] {
    this.#restore();
    this.#exports.verify(this.#requests.length);
    return this.#requests.map((_, i) => this.#bytes[abi.RESULTS_AT + i * abi.RESULT_BYTES] ?? 0);
  }

  /** The verb alone: records and requests are put back before each call, and what that takes is taken off. */
  bare(name: string, unitsPerRun: number, count: number = this.#requests.length): Side {
    return {
      name,
      unitsPerRun,
      run: (times) => {
        const both = busyNanoseconds(() => {
          for (let i = 0; i < times; i++) {
            this.#restore();
            this.#exports.verify(count);
          }
        });
        const restoring = busyNanoseconds(() => {
          for (let i = 0; i < times; i++) this.#restore();
        });
        return both - restoring;
      },
    };
  }

  /** A batch as the service judges it: Core.verify with records and requests written, verdicts and states read. */
  whole(name: string, unitsPerRun: number): Side {
    const records = this.records.map((record) => record.slice());
    return {
      name,
      unitsPerRun,
      garbage: true,
      run: (times) => {
        return busyNanoseconds(() => {
          for (let i = 0; i < times; i++) {
            records.forEach((record, r) => record.set(this.records[r]!));
            this.core.verify(records, this.#requests);
          }
        });
      },
    };
  }

  #restore(): void {
    this.#bytes.set(this.#laidRequests, abi.REQUESTS_AT);
    this.#bytes.set(this.#laidRecords, abi.RECORDS_AT);
  }

  #lay(): void {
    const view = new DataView(this.#exports.memory.buffer);
    this.records.forEach((record, i) => this.#bytes.set(record, abi.RECORDS_AT + i * abi.RECORD_BYTES));
    this.#requests.forEach(({ record, dialIn: { proof }, time }, i) => {
      const at = abi.REQUESTS_AT + i * abi.REQUEST_BYTES;
      view.setUint16(at + abi.REQUEST_RECORD, record, true);
      view.setBigUint64(at + abi.REQUEST_TIME, BigInt(time), true);
      if (proof.kind === "clear") {
        this.#bytes[at + abi.REQUEST_PROOF] = abi.PROOF_CLEAR;
        this.#bytes[at + abi.REQUEST_LENGTH] = proof.text.length;
        this.#bytes.set(proof.text, at + abi.REQUEST_TEXT);
      } else if (proof.kind === "mschapv2") {
        this.#bytes[at + abi.REQUEST_PROOF] = abi.PROOF_MSCHAPV2;
        this.#bytes[at + abi.REQUEST_NAME_LENGTH] = proof.name.length;
        this.#bytes.set(proof.response, at + abi.REQUEST_RESPONSE);
        this.#bytes.set(proof.authenticatorChallenge, at + abi.REQUEST_CHALLENGE);
        this.#bytes.set(proof.peerChallenge, at + abi.REQUEST_PEER_CHALLENGE);
        this.#bytes.set(proof.name, at + abi.REQUEST_NAME);
      }
    });
  }
}

/** What the core is given in a case: a batch of wrong proofs, and right ones from `inside` steps around now and beyond. */
export interface Work {
  enrolments: readonly Enrolment[];
  wrong: readonly CoreRequest[];
  right(shift: number): readonly CoreRequest[];
  /** First and last step from now that is accepted. */
  inside: readonly [number, number];
  /** What one batch counts, in the unit of the case. */
  unitsPerRun: number;
}

/** Both files, checked over `work`: the bare verb as "Dialward SIMD", and all of Core.verify as "…, Core.verify". */
export function coreSides(
  files: { simd: WebAssembly.Module; strict: WebAssembly.Module },
  work: Work,
): Side[] {
  const [first, last] = work.inside;
  return (["simd", "strict"] as const).flatMap((file) => {
    const name = `Dialward ${file === "simd" ? "SIMD" : "strict"}`;
    const page = new Page(files[file], work.enrolments, work.wrong);
    for (const shift of new Set([first - 1, first, 0, last, last + 1])) {
      const reason = shift >= first && shift <= last ? "ok" : "wrong-code";
      page.judge(work.right(shift)).forEach((got) => expect(`${name}, ${shift} steps away`, got, reason));
    }
    page.judgeBare().forEach((got) => expect(`${name}, wrong code`, got, abi.VERDICT_WRONG));
    return [page.bare(name, work.unitsPerRun), page.whole(`${name}, Core.verify`, work.unitsPerRun)];
  });
}
