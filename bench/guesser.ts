// Somebody guesses a user's codes without pause, played against the core.
//
// A year has 31 million seconds, and a guess is right once in a hundred thousand. So chances are summed, not waited for:
// of a proof that is judged, and of one that is looked at during a wait, the core is asked on a copy of the record which
// codes would let in at that second; each of them is one of a million.
import * as abi from "../assembly/abi.ts";
import type { Core } from "../host/core/core.ts";
import { Owner } from "./guessed-owner.ts";
import {
  accepted,
  besieged,
  codesIn,
  DAY,
  Game,
  HOME,
  START,
  STRANGER,
  type Factor,
} from "./guessing-game.ts";

const DAYS = 365;
/** A guesser who uses every look, and one who leaves the owner room: in a second. */
const ALL_LOOKS = abi.DOOR_LOOKS / 2;
const SOME_LOOKS = ALL_LOOKS - 0.5;

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
