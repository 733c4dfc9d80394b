// Whose codes are guessed: he logs in beside whoever guesses.
import type { Core } from "../host/core/core.ts";
import type { Proof } from "../host/core/dial-in.ts";
import { besieged, HOME, type Factor, type Game } from "./guessing-game.ts";

/** Who has the device: types each new code once, some seconds after it has appeared. */
export class Owner {
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
