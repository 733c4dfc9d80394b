// The binding to the WebAssembly core. Only this file instantiates it; its page is read and written here, the enrolment form
// by enrolment.ts, requests and results by rows.ts. The layout is assembly/abi.ts.

import { readFileSync } from "node:fs";
import { instantiateSync } from "@assemblyscript/loader";
import * as abi from "../../assembly/abi.ts";
import type { DialInType, Reason, Verdict } from "./dial-in.ts";
import { type Enrolment, FIELDS, type Mode, typeBit, writeForm } from "./enrolment.ts";
import { type CoreRequest, readResult, writeRequest } from "./rows.ts";
import { DialwardError } from "../errors.ts";

export type { Algorithm, Enrolment, Factor, Mode } from "./enrolment.ts";
export type { CoreRequest } from "./rows.ts";

/** Most requests in one call of verify, and most records. */
export const REQUESTS: number = abi.REQUESTS;
export const RECORDS: number = abi.RECORDS;
/** A record's last bytes are its state. */
export const RECORD_STATE: number = abi.RECORD_STATE;

interface Verbs extends Record<string, unknown> {
  version(): number;
  features(): number;
  selfTest(): number;
  enrol(index: number, keep: number): number;
  verify(count: number): number;
  generate(count: number): number;
  unlock(index: number): number;
  wipe(): number;
  memory: WebAssembly.Memory;
}

/** The file to run: with SIMD where the engine validates it, unless DIALWARD_SIMD=0. */
function loadModule(): WebAssembly.Module {
  // From source the built files lie in dist/; a bundle lies beside them.
  const folder = import.meta.url.endsWith(".ts") ? "../../dist/" : "./";
  const read = (name: string) => readFileSync(new URL(folder + name, import.meta.url));
  if (process.env["DIALWARD_SIMD"] !== "0") {
    const simd = read("dialward.simd.wasm");
    if (WebAssembly.validate(simd)) return new WebAssembly.Module(simd);
  }
  return new WebAssembly.Module(read("dialward.wasm"));
}

/** One instance of the core: one page of memory, no clock, no I/O. */
export class Core {
  readonly #verbs: Verbs;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** Instantiates a module (by default the file beside this one). Throws DialwardError("core") if it is not to be trusted. */
  constructor(module?: WebAssembly.Module) {
    try {
      this.#verbs = instantiateSync<Verbs>(module ?? loadModule()).exports;
    } catch (cause) {
      throw new DialwardError("core", "The WebAssembly core cannot be loaded: run `npm run build`.", {
        cause,
      });
    }
    this.#bytes = new Uint8Array(this.#verbs.memory.buffer);
    this.#view = new DataView(this.#verbs.memory.buffer);
    if (this.#verbs.version() !== abi.ABI_VERSION) {
      throw new DialwardError("core", "The WebAssembly core is of another version: run `npm run build`.");
    }
    if (this.#verbs.selfTest() !== abi.STATUS_OK) {
      throw new DialwardError(
        "core",
        "The WebAssembly core gives wrong answers on this machine: do not use it.",
      );
    }
  }

  /** The core of this installation. */
  static load(): Core {
    return new Core();
  }

  /** Whether this is the four-lane file. */
  get simd(): boolean {
    return (this.#verbs.features() & abi.FEATURE_SIMD) !== 0;
  }

  /**
   * Checks an enrolment and returns its record, RECORD_BYTES. With `state` (STATE_BYTES) the record goes on from there;
   * without, it is new. Throws DialwardError("usage") that names the field.
   */
  enrol(enrolment: Enrolment, state?: Uint8Array): Uint8Array {
    writeForm(this.#bytes, this.#view, enrolment, abi.STANDING_ENABLED);
    return this.#enrolForm(state);
  }

  /** The state of the record that enrol() would return, whose key is nowhere afterwards. */
  enrolState(enrolment: Enrolment, state?: Uint8Array): Uint8Array {
    writeForm(this.#bytes, this.#view, enrolment, abi.STANDING_ENABLED);
    return this.#enrolForm(state, abi.RECORD_STATE);
  }

  /** A record that is scanned in place of a user who does not exist: the same work, and always "unknown-user". */
  decoy(): Uint8Array {
    const secret = crypto.getRandomValues(new Uint8Array(20));
    writeForm(this.#bytes, this.#view, { factor: "totp", secret, active: true }, abi.STANDING_DECOY);
    return this.#enrolForm();
  }

  /** A state as it is, without its failures. */
  unlock(state: Uint8Array): Uint8Array {
    this.#bytes.set(state, abi.RECORDS_AT + abi.RECORD_STATE);
    this.#verbs.unlock(0);
    return this.#takeRecord(abi.RECORD_STATE);
  }

  /**
   * Judges up to REQUESTS dial-ins, in order, over up to RECORDS records; `record` of a request is an index into
   * `records`. The state in each record is changed in place: commit it before a verdict leaves.
   */
  verify(records: readonly Uint8Array[], requests: readonly CoreRequest[]): Verdict[] {
    // Loops, and no views: this is every login's, and objects are garbage.
    const bytes = this.#bytes;
    for (let i = 0; i < records.length; i++) bytes.set(records[i]!, abi.RECORDS_AT + i * abi.RECORD_BYTES);
    for (let i = 0; i < requests.length; i++)
      writeRequest(this.#bytes, this.#view, abi.REQUESTS_AT + i * abi.REQUEST_BYTES, requests[i]!);
    if (this.#verbs.verify(requests.length) !== abi.STATUS_OK) {
      throw new RangeError(`verify takes at most ${abi.REQUESTS} requests`);
    }
    for (let i = 0; i < records.length; i++) {
      const record = records[i]!;
      const at = abi.RECORDS_AT + i * abi.RECORD_BYTES;
      for (let j = abi.RECORD_STATE; j < abi.RECORD_BYTES; j++) record[j] = bytes[at + j]!;
    }
    bytes.fill(0, abi.RECORDS_AT, abi.RECORDS_AT + records.length * abi.RECORD_BYTES);
    const verdicts = new Array<Verdict>(requests.length);
    for (let i = 0; i < requests.length; i++) {
      const at = abi.RESULTS_AT + i * abi.RESULT_BYTES;
      verdicts[i] = readResult(bytes, this.#view, at, requests[i]!.dialIn.proof);
    }
    return verdicts;
  }

  /** The code of a record at a time, seconds since 1970; for HOTP the time is added to the counter. */
  generate(record: Uint8Array, time: number): string {
    return this.#generate(record, time, 0);
  }

  /** The recovery codes of a record, as they are shown; none where its generation is 0. */
  recoveryCodes(record: Uint8Array): string[] {
    if (record[abi.RECORD_RECOVERY] === 0) return [];
    return Array.from({ length: abi.RECOVERY_CODES }, (_, i) => this.#generate(record, i, abi.FLAG_RECOVERY));
  }

  #generate(record: Uint8Array, time: number, flags: number): string {
    this.#bytes.set(record, abi.RECORDS_AT);
    this.#view.setUint16(abi.REQUESTS_AT + abi.REQUEST_RECORD, 0, true);
    this.#view.setBigUint64(abi.REQUESTS_AT + abi.REQUEST_TIME, BigInt(Math.floor(time)), true);
    this.#bytes[abi.REQUESTS_AT + abi.REQUEST_FLAGS] = flags;
    this.#verbs.generate(1);
    const at = abi.RESULTS_AT;
    if (this.#bytes[at + abi.RESULT_VERDICT] !== abi.VERDICT_ACCEPT) {
      throw new DialwardError("usage", "No code for this record and time.");
    }
    const length = this.#bytes[at + abi.RESULT_CODE_LENGTH] ?? 0;
    const code = String.fromCharCode(
      ...this.#bytes.subarray(at + abi.RESULT_CODE, at + abi.RESULT_CODE + length),
    );
    this.wipe();
    return code;
  }

  /** Zeroes every key, proof and result in the page. */
  wipe(): void {
    this.#verbs.wipe();
  }

  /** Enrols what is in the form, with a state to go on from; the record from `from` on. */
  #enrolForm(state?: Uint8Array, from = 0): Uint8Array {
    if (state) this.#bytes.set(state, abi.RECORDS_AT + abi.RECORD_STATE);
    const status = this.#verbs.enrol(0, state ? 1 : 0);
    if (status !== abi.STATUS_OK) {
      throw new DialwardError("usage", `${FIELDS[status] ?? "the enrolment is not valid"}.`);
    }
    return this.#takeRecord(from);
  }

  /** Moves record 0 out of the page; what is returned of it begins at `from`. */
  #takeRecord(from: number): Uint8Array {
    const end = abi.RECORDS_AT + abi.RECORD_BYTES;
    const record = this.#bytes.slice(abi.RECORDS_AT + from, end);
    this.#bytes.fill(0, abi.RECORDS_AT, end);
    return record;
  }
}

/** Whether a record lets its user in on a type of dial-in, whatever is shown: "ok", or why not. */
export function allows(record: Uint8Array, type?: DialInType): Reason {
  if (record[abi.RECORD_STANDING] !== abi.STANDING_ENABLED) return "profile-disabled";
  return type === undefined || (record[abi.RECORD_TYPES]! & typeBit(type)) !== 0 ? "ok" : "type-not-allowed";
}

/**
 * A copy of a record whose user must show the password alone: of somebody without a device, who is to get one. Undefined
 * where there is no password.
 */
export function askPasswordAlone(record: Uint8Array): Uint8Array | undefined {
  if (record[abi.RECORD_MODE] === abi.MODE_CODE) return undefined;
  const copy = Uint8Array.from(record);
  copy[abi.RECORD_MODE] = abi.MODE_PASSWORD_THEN_CODE;
  return copy;
}

/** What the user of a record must show. */
export function modeOf(record: Uint8Array): Mode {
  const mode = record[abi.RECORD_MODE];
  if (mode === abi.MODE_PASSWORD_CODE) return "password+code";
  return mode === abi.MODE_PASSWORD_THEN_CODE ? "password-then-code" : "code";
}
