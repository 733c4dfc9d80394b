// The two files that ship, and what the tests of the core share: the bare page with its verbs, and a user who logs in.

import { readFileSync } from "node:fs";
import * as abi from "../assembly/abi.ts";
import { Core, type Enrolment } from "../host/core/core.ts";
import type { DialIn, Proof, Reason, Verdict } from "../host/core/dial-in.ts";

export interface Binary {
  name: string;
  simd: boolean;
  bytes: Buffer<ArrayBuffer>;
  module: WebAssembly.Module;
}

export const BINARIES: readonly Binary[] = ["dialward.wasm", "dialward.simd.wasm"].map((name) => {
  // Memory of its own: wabt reads the whole pool that a small Buffer may be a part of.
  const bytes = Buffer.from(new Uint8Array(readFileSync(new URL(`../dist/${name}`, import.meta.url))).buffer);
  return { name, simd: name.includes("simd"), bytes, module: new WebAssembly.Module(bytes) };
});

/** A module's page and verbs without the binding. */
export class Page {
  readonly verbs: Record<"selfTest" | "wipe" | "version" | "features", () => number> &
    Record<"verify" | "generate" | "unlock", (n: number) => number> & {
      enrol(index: number, keep: number): number;
    };
  readonly bytes: Buffer;

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module, {});
    this.verbs = exports as unknown as Page["verbs"];
    this.bytes = Buffer.from((exports["memory"] as WebAssembly.Memory).buffer);
  }

  /** Everything behind the constants, as it is now. */
  snapshot(): Buffer {
    return Buffer.from(this.bytes.subarray(abi.SCRATCH_AT));
  }

  region(at: number, length: number): Buffer {
    return this.bytes.subarray(at, at + length);
  }

  record(index: number): Buffer {
    return this.region(abi.RECORDS_AT + index * abi.RECORD_BYTES, abi.RECORD_BYTES);
  }

  request(index: number): Buffer {
    return this.region(abi.REQUESTS_AT + index * abi.REQUEST_BYTES, abi.REQUEST_BYTES);
  }

  result(index: number): Buffer {
    return this.region(abi.RESULTS_AT + index * abi.RESULT_BYTES, abi.RESULT_BYTES);
  }

  verdict(index: number): number {
    return this.result(index)[abi.RESULT_VERDICT]!;
  }
}

const PROOFS = { clear: abi.PROOF_CLEAR, chap: abi.PROOF_CHAP, mschapv2: abi.PROOF_MSCHAPV2 };

export interface RequestFields {
  record?: number;
  proof?: Proof;
  flags?: number;
  source?: number;
  time?: number;
  type?: number;
}

/** The bytes of a request as abi.ts lays it out. */
export function requestBytes({ record = 0, proof = clear(""), time = 0, ...fields }: RequestFields): Buffer {
  const bytes = Buffer.alloc(abi.REQUEST_BYTES);
  bytes.writeUInt16LE(record, abi.REQUEST_RECORD);
  bytes[abi.REQUEST_PROOF] = PROOFS[proof.kind];
  bytes[abi.REQUEST_FLAGS] = fields.flags ?? 0;
  bytes.writeUInt32LE(fields.source ?? 0, abi.REQUEST_SOURCE);
  bytes.writeBigUInt64LE(BigInt(time), abi.REQUEST_TIME);
  bytes[abi.REQUEST_TYPE] = fields.type ?? 0;
  if (proof.kind === "clear") {
    bytes[abi.REQUEST_LENGTH] = proof.text.length;
    bytes.set(proof.text, abi.REQUEST_TEXT);
  } else if (proof.kind === "chap") {
    bytes[abi.REQUEST_LENGTH] = proof.challenge.length;
    bytes[abi.REQUEST_CHAP_ID] = proof.id;
    bytes.set(proof.response, abi.REQUEST_RESPONSE);
    bytes.set(proof.challenge, abi.REQUEST_CHAP_CHALLENGE);
  } else {
    bytes[abi.REQUEST_NAME_LENGTH] = proof.name.length;
    bytes.set(proof.response, abi.REQUEST_RESPONSE);
    bytes.set(proof.authenticatorChallenge, abi.REQUEST_CHALLENGE);
    bytes.set(proof.peerChallenge, abi.REQUEST_PEER_CHALLENGE);
    bytes.set(proof.name, abi.REQUEST_NAME);
  }
  return bytes;
}

export function clear(text: string | Uint8Array): Proof {
  return { kind: "clear", text: typeof text === "string" ? Buffer.from(text) : text };
}

export interface State {
  active: boolean;
  /** From strangers, from known sources. */
  failures: [number, number];
  drift: number;
  next: number;
  /** When an attempt last changed the state, and seconds from the last failures to then. */
  seen: number;
  elapsed: [number, number];
  wrong: number;
  recovered: number;
  door: { codes: number; looks: number; step: number; age: number };
  sources: number[];
}

/** The state in a record. */
export function readState(record: Uint8Array): State {
  const state = Buffer.from(record.subarray(abi.RECORD_STATE));
  return {
    active: state[abi.STATE_ACTIVE] === 1,
    failures: [state[abi.STATE_FAILURES]!, state[abi.STATE_FAILURES + 1]!],
    drift: state.readInt16LE(abi.STATE_DRIFT),
    next: Number(state.readBigUInt64LE(abi.STATE_NEXT)),
    seen: state.readUInt32LE(abi.STATE_SEEN),
    elapsed: [0, 4].map((at) => state.readUInt32LE(abi.STATE_ELAPSED + at)) as [number, number],
    wrong: state.readUInt32LE(abi.STATE_WRONG),
    recovered: state.readUInt16LE(abi.STATE_RECOVERED),
    door: {
      codes: state[abi.STATE_DOOR]! & 15,
      looks: state[abi.STATE_DOOR]! >> 4,
      step: state.readUInt16LE(abi.STATE_DOOR_STEP),
      age: state[abi.STATE_DOOR_AGE]!,
    },
    sources: [0, 4, 8].map((at) => state.readUInt32LE(abi.STATE_SOURCES + at)),
  };
}

export type Attempt = Partial<Omit<DialIn, "proof" | "source">> & { source?: number; callerWaits?: boolean };

/** One user with a record of their own, active unless the enrolment says otherwise. */
export class User {
  record: Uint8Array;
  readonly core: Core;

  constructor(core: Core, enrolment: Enrolment) {
    this.core = core;
    this.record = core.enrol({ active: true, ...enrolment });
  }

  get state(): State {
    return readState(this.record);
  }

  /** A dial-in at `time`, by a text as typed or another proof. Changes the record. */
  dial(
    proof: string | Proof,
    time: number,
    { source = 0, callerWaits = false, ...dialIn }: Attempt = {},
  ): Verdict {
    const full: DialIn = {
      user: "alice",
      source: "",
      proof: typeof proof === "string" ? clear(proof) : proof,
      ...dialIn,
    };
    return this.core.verify([this.record], [{ record: 0, dialIn: full, time, source, callerWaits }])[0]!;
  }

  /** The reason that a dial-in would get; the record stays as it is. */
  wouldGet(proof: string | Proof, time: number, attempt: Attempt = {}): Reason {
    const kept = this.record.slice();
    const { reason } = this.dial(proof, time, attempt);
    this.record = kept;
    return reason;
  }
}
