// Somebody guesses a user's codes without pause, and the user logs in beside: both sides, played against the core.
//
// A year has 31 million seconds, and a guess is right once in a hundred thousand. So chances are summed, not waited for:
// of a proof that is judged, and of one that is looked at during a wait, the core is asked on a copy of the record which
// codes would let in at that second; each of them is one of a million.

import { createHash } from "node:crypto";
import * as abi from "../assembly/abi.ts";
import type { Core, Enrolment } from "../host/core/core.ts";
import type { Proof, Verdict } from "../host/core/dial-in.ts";
import { hotp, motp } from "./cases.ts";
import { msChapV2 } from "../test/mschapv2.ts";

const DAY = 86_400;
const DAYS = 365;
const START = 1_700_000_010;
const SECRET = createHash("sha1").update("whose codes are guessed").digest();
const PIN = "1234";
const HOME = 7;
const STRANGER = 99;
/** A guesser who uses every look, and one who leaves the owner room: in a second. */
const ALL_LOOKS = abi.DOOR_LOOKS / 2;
const SOME_LOOKS = ALL_LOOKS - 0.5;

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
class Game {
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

const accepted = ({ outcome }: Verdict): boolean => outcome === "accept";

/** A game in which somebody has guessed from everywhere for two days. */
function besieged(core: Core, factor: Factor, off: number): { game: Game; time: number } {
  const game = new Game(core, factor, off);
  let time = START;
  for (const source of [HOME, STRANGER]) {
    let at = START;
    while (at < START + 2 * DAY) at += Math.max(1, game.guess(at, source).waitSeconds);
    time = Math.max(time, at - DAY);
  }
  return { game, time: START + 2 * DAY };
}

export interface AttackShare {
  /** Of guesses that are judged when a wait has ended, from home and as a stranger. */
  waits: number;
  /** Of guesses that are looked at during waits, alone. */
  door: number;
  /** Of guesses beside an owner who opens the door every day. */
  beside: number;
}

/** The chance in a year of a guesser who never rests, from a known and a strange source at once. */
export function attackShare(core: Core, factor: Factor, off: number, random: () => number): AttackShare {
  return {
    waits: judgedInAYear(core, factor, off),
    door: doorAlone(core, factor, off, random),
    beside: DAYS * besideOwner(core, factor, off, random),
  };
}

function judgedInAYear(core: Core, factor: Factor, off: number): number {
  const game = new Game(core, factor, off);
  const due = new Map([
    [HOME, START],
    [STRANGER, START],
  ]);
  let chance = 0;
  for (;;) {
    const [source, time] = [...due].reduce((a, b) => (b[1] < a[1] ? b : a));
    if (time >= START + DAYS * DAY) return chance;
    chance += game.count(time, source, accepted) / factor.codes;
    due.set(source, time + Math.max(1, game.guess(time, source).waitSeconds));
  }
}

/** Three of his own in a row: the first by chance, the others counted second by second, of some samples. */
function doorAlone(core: Core, factor: Factor, off: number, random: () => number): number {
  const samples = 6;
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    const { game, time } = besieged(core, factor, off);
    const at = time + Math.floor(random() * 1000);
    const firsts = game.count(
      at,
      HOME,
      ({ reason }, record) => reason === "must-wait" && codesIn(record) === 1,
    );
    if (!follow(game, at, HOME, random, 1)) continue;
    const second = at + 1 + Math.floor(random() * abi.DOOR_SECONDS);
    const seconds = game.count(second, HOME, (_, record) => codesIn(record) === 2);
    if (seconds === 0 || !follow(game, second, HOME, random, 2)) continue;
    let thirds = 0;
    for (let t = 1; t <= abi.DOOR_SECONDS; t += 5) thirds += 5 * game.count(second + t, HOME, accepted);
    const looks = (codes: number) => (ALL_LOOKS * codes) / factor.codes;
    sum += DAYS * DAY * looks(firsts) * abi.DOOR_SECONDS * looks(seconds) * looks(thirds);
  }
  return sum / samples;
}

function codesIn(record: Uint8Array): number {
  return record[abi.RECORD_STATE + abi.STATE_DOOR]! & 15;
}

/** Hands in one of the codes that make the wait's right codes `wanted`; false if there is none. */
function follow(game: Game, time: number, source: number, random: () => number, wanted: number): boolean {
  const kept = game.record;
  const found: Uint8Array[] = [];
  game.count(time, source, (_, record) => {
    if (codesIn(record) === wanted) found.push(record);
    return false;
  });
  game.record = found[Math.floor(random() * found.length)] ?? kept;
  return found.length > 0;
}

/** The chance of guessing the code that ends the wait before its owner types it, once. */
function besideOwner(core: Core, factor: Factor, off: number, random: () => number): number {
  const samples = 40;
  let sum = 0;
  for (let i = 0; i < samples; i++) {
    const { game, time } = besieged(core, factor, off);
    const owner = new Owner(game, time + random() * 1000, random);
    for (let t = Math.floor(owner.begin); t < owner.begin + 600; t++) {
      if (game.doorCodes === abi.DOOR_CODES - 1)
        sum += (SOME_LOOKS * game.count(t, HOME, accepted)) / factor.codes;
      game.guess(t, HOME);
      if (owner.types(t, "clear")) break;
    }
  }
  return sum / samples;
}

/** Who has the device: types each new code once, some seconds after it has appeared. */
class Owner {
  readonly begin: number;
  readonly #game: Game;
  readonly #random: () => number;
  /** The code that is typed next, and when. */
  #step = 0;
  #next = 0;

  constructor(game: Game, begin: number, random: () => number) {
    this.begin = begin;
    this.#game = game;
    this.#random = random;
    this.#wait(begin);
  }

  /** Waits for the next code that appears from `time` on. */
  #wait(time: number): void {
    const { factor, hotp, off } = this.#game;
    const delay = 3 + this.#random() * Math.min(12, factor.period * 0.6);
    this.#step = hotp ? this.#game.counter++ : Math.ceil(time / factor.period + off);
    this.#next = (hotp ? time : (this.#step - off) * factor.period) + delay;
  }

  /** Types what is due in second t; whether it let in. */
  types(t: number, kind: Proof["kind"]): boolean {
    if (t < Math.floor(this.#next)) return false;
    const code = this.#game.code(this.#step);
    this.#wait(this.#next);
    return this.#game.submit(code, t, HOME, kind).outcome === "accept";
  }
}

/** Steps by which the devices of owners are off. */
const OFFS = [0, -0.7, 0.4, 1.5, -1, -2.3, 1];

export interface OwnerTime {
  median: number;
  p99: number;
  max: number;
}

/** Seconds until the owner is in, while somebody guesses once a second from the same source, and has done so for days. */
export function ownerTime(
  core: Core,
  factor: Factor,
  kind: Proof["kind"],
  runs: number,
  random: () => number,
): OwnerTime {
  const took: number[] = [];
  for (let i = 0; i < runs; i++) {
    const off = factor.enrolment.factor === "hotp" ? 0 : OFFS[i % OFFS.length]!;
    const { game, time } = besieged(core, factor, off);
    const owner = new Owner(game, time + random() * 1000, random);
    let t = Math.floor(owner.begin);
    for (; t < owner.begin + 3600; t++) {
      const guesserFirst = random() < 0.5;
      if (guesserFirst) game.guess(t, HOME);
      if (owner.types(t, kind)) break;
      if (!guesserFirst) game.guess(t, HOME);
    }
    took.push(t + 1 - owner.begin);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(share * took.length))]!;
  return { median: at(0.5), p99: at(0.99), max: took.at(-1)! };
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
