// What both sides of the guessing play with: a user of the core, his device, and wrong codes from two sources.
import { createHash } from "node:crypto";
import * as abi from "../assembly/abi.ts";
import type { Core, Enrolment } from "../host/core/core.ts";
import type { Proof, Verdict } from "../host/core/dial-in.ts";
import { hotp, motp } from "./cases.ts";
import { msChapV2 } from "../test/mschapv2.ts";

export const DAY = 86_400;
export const START = 1_700_000_010;
const SECRET = createHash("sha1").update("whose codes are guessed").digest();
const PIN = "1234";
export const HOME = 7;
export const STRANGER = 99;
export interface Factor {
  name: string;
  enrolment: Enrolment;
  /** Seconds after which the device shows another code; HOTP: after which the button is pressed again. */
  period: number;
  codes: number;
  code(step: number): string;
}

export const FACTORS: readonly Factor[] = [
  {
    name: "TOTP",
    enrolment: { factor: "totp", secret: SECRET },
    period: 30,
    codes: 1e6,
    code: (step) => hotp(SECRET, step),
  },
  {
    name: "HOTP",
    enrolment: { factor: "hotp", secret: SECRET },
    period: 10,
    codes: 1e6,
    code: (step) => hotp(SECRET, step),
  },
  {
    name: "mOTP",
    enrolment: { factor: "motp", secret: SECRET.subarray(0, 16), pin: PIN },
    period: 10,
    codes: 16 ** 6,
    code: (step) => motp(SECRET.toString("hex", 0, 16), PIN, step),
  },
];

/** Random numbers from 0 to 1 that a seed repeats. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 4294967296;
  };
}

/** A user of the core, his device, and whoever guesses. */
export class Game {
  readonly core: Core;
  readonly factor: Factor;
  /** Steps by which the device is ahead of the clock, which need not be whole ones; HOTP: 0. */
  readonly off: number;
  record: Uint8Array;
  #wrongs = 0;
  /** HOTP: the counter that the device shows. */
  counter = 1;

  constructor(core: Core, factor: Factor, off: number) {
    this.core = core;
    this.factor = factor;
    this.off = off;
    this.record = core.enrol({ active: true, ...factor.enrolment });
    // The device has been seen where it is, from home.
    const logins = Math.ceil(Math.abs(off));
    for (let i = 0; i <= logins; i++) {
      const time = START - (100 - i) * DAY;
      const step = this.hotp ? this.counter++ : Math.floor(time / factor.period + off * (i / logins || 0));
      this.submit(this.code(step), time, HOME);
    }
  }

  get hotp(): boolean {
    return this.factor.enrolment.factor === "hotp";
  }

  code(step: number): string {
    return this.factor.code(step);
  }

  submit(text: string, time: number, source: number, kind: Proof["kind"] = "clear"): Verdict {
    const dialIn = { user: "", source: "", proof: prove(kind, text, time) };
    return this.core.verify([this.record], [{ record: 0, dialIn, time, source }])[0]!;
  }

  guess(time: number, source: number): Verdict {
    return this.submit(`wrong ${this.#wrongs++}`, time, source);
  }

  /** The steps whose code the core would take for right in any way. */
  *#steps(time: number): Iterable<number> {
    const view = new DataView(this.record.buffer, this.record.byteOffset + abi.RECORD_STATE);
    const next = Number(view.getBigUint64(abi.STATE_NEXT, true));
    if (this.hotp) for (let i = 0; i <= abi.DEFAULT_HOTP_AHEAD; i++) yield next + i;
    else {
      const reach = this.factor.period === 30 ? 1 + 4 : 6 + 12;
      const clock = Math.floor(time / this.factor.period);
      for (let i = -reach; i <= reach; i++) if (clock + i >= next) yield clock + i;
    }
  }

  /** How many codes get `wanted` from the core at that second: each is tried on a copy. */
  count(time: number, source: number, wanted: (verdict: Verdict, record: Uint8Array) => boolean): number {
    const kept = this.record;
    let count = 0;
    for (const step of this.#steps(time)) {
      this.record = kept.slice();
      if (wanted(this.submit(this.code(step), time, source), this.record)) count++;
    }
    this.record = kept;
    return count;
  }

  /** How many right codes of this wait there are by now. */
  get doorCodes(): number {
    return this.record[abi.RECORD_STATE + abi.STATE_DOOR]! & 15;
  }
}

/** Whether a verdict lets in. */
export const accepted = ({ outcome }: Verdict): boolean => outcome === "accept";

/** A game in which somebody has guessed from everywhere for two days. */
export function besieged(core: Core, factor: Factor, off: number): { game: Game; time: number } {
  const game = new Game(core, factor, off);
  let time = START;
  for (const source of [HOME, STRANGER]) {
    let at = START;
    while (at < START + 2 * DAY) at += Math.max(1, game.guess(at, source).waitSeconds);
    time = Math.max(time, at - DAY);
  }
  return { game, time: START + 2 * DAY };
}

/** How many right codes of this wait a record has. */
export function codesIn(record: Uint8Array): number {
  return record[abi.RECORD_STATE + abi.STATE_DOOR]! & 15;
}

function prove(kind: Proof["kind"], text: string, salt: number): Proof {
  if (kind === "clear") return { kind, text: Buffer.from(text) };
  const challenge = createHash("md5").update(`challenge ${salt}`).digest();
  if (kind === "chap") {
    const id = salt & 255;
    const response = createHash("md5").update(Buffer.of(id)).update(text).update(challenge).digest();
    return { kind, id, challenge, response };
  }
  const exchange = { authenticatorChallenge: challenge, peerChallenge: challenge, name: Buffer.from("user") };
  return { kind, ...exchange, response: msChapV2({ password: text, ...exchange }).response };
}
