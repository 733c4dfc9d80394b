// Random walks through the core: a user dials in right and wrong, again and out of order, from anywhere, while clocks are
// set and the state is stored and read again. No step is accepted twice; an owner with the right device gets in within
// five minutes, while somebody guesses once a second from the same caller. The service's walk: test/service/walk.ts.
import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { Core, type Enrolment } from "../../host/core/core.ts";
import { stateOf } from "../../host/core/state.ts";
import { BINARIES, User } from "../binaries.ts";
import * as codes from "../codes.ts";
import { prove } from "../kinds.ts";
import { runs } from "../runs.ts";
import { newDice } from "../slow/mutate.ts";

const SEED = Number(process.env["WALK_SEED"] ?? randomInt(2 ** 30));
/** Events of one walk; WALKS=2000 makes a million logins. */
const WALK = 500;
const WALKS = Number(process.env["WALKS"] ?? runs(10).numRuns);
const STATED_SECONDS = 300;
const TYPING_SECONDS = 25;
const HOME = 7;
const BEGIN = 1_800_000_000;
const KEY = Buffer.from("12345678901234567890");
const MOTP = { secret: Buffer.from("0123456789abcdef", "hex"), pin: "4711" };
const PROOFS = ["clear", "chap", "mschapv2"] as const;

const DEVICES: { enrolment: Enrolment; period: number; code: (step: number) => string }[] = [
  { enrolment: { factor: "totp", secret: KEY }, period: 30, code: (step) => codes.hotp(KEY, step) },
  { enrolment: { factor: "hotp", secret: KEY, counter: 0 }, period: 0, code: (step) => codes.hotp(KEY, step) },
  {
    enrolment: { factor: "motp", ...MOTP },
    period: 10,
    code: (step) => codes.motp(MOTP.secret.toString("hex"), MOTP.pin, step * 10),
  },
];

class Walk {
  readonly #dice: (n: number) => number;
  readonly #device: (typeof DEVICES)[number];
  readonly #core: Core;
  #user: User;
  /** True time in seconds, and by how much the machine's clock is off. */
  #time = BEGIN;
  #off = 0;
  readonly #accepted = new Set<number>();
  readonly #typed: number[] = [];
  /** HOTP: the next code of the device. */
  #next = 0;
  #salt = 0;
  logins = 0;

  constructor(core: Core, seed: number) {
    this.#dice = newDice(seed);
    for (let i = 0; i < 8; i++) this.#dice(2);
    this.#core = core;
    this.#device = DEVICES[this.#dice(DEVICES.length)]!;
    this.#user = new User(core, this.#device.enrolment);
  }

  get accepts(): number {
    return this.#accepted.size;
  }

  #step(): number {
    const { period } = this.#device;
    return period === 0 ? this.#next : Math.floor(this.#time / period);
  }

  /** Types a text; `step`: the one that it is the code of. */
  #type(text: string, step: number | undefined, source: number, kind: (typeof PROOFS)[number]): boolean {
    this.logins++;
    const at = Math.max(0, this.#time + this.#off);
    const { outcome } = this.#user.dial(prove(kind, text, this.#salt++ % 200), at, { source });
    if (outcome !== "accept") return false;
    if (step === undefined || this.#accepted.has(step)) throw new Error(`accepted again: ${step ?? text}`);
    this.#accepted.add(step);
    this.#next = Math.max(this.#next, step + 1);
    return true;
  }

  #guess(): string {
    return String(this.#dice(1_000_000)).padStart(6, "0");
  }

  /** One thing happens. */
  happen(): void {
    const dice = this.#dice;
    const [what, kind, source] = [dice(20), PROOFS[dice(3)]!, [0, HOME, 8, 9, 10][dice(5)]!];
    if (what < 9) {
      const step = Math.max(0, this.#step() + [0, 0, 0, 1, -1, 2, -2, 3, -3][dice(9)]!);
      this.#typed.push(step);
      this.#type(this.#device.code(step), step, source, kind);
    } else if (what < 13) {
      const step = this.#typed.at(-1 - dice(6));
      if (step !== undefined) this.#type(this.#device.code(step), step, source, kind);
    } else if (what < 15) {
      const text = this.#guess();
      const near = Array.from({ length: 200 }, (_, i) => this.#device.code(Math.max(0, this.#step() + i - 100)));
      if (!near.includes(text)) this.#type(text, undefined, source, kind);
    } else if (what < 17) this.#time += 1 + dice(90);
    else if (what === 17) this.#off = [0, 0, 30, -30, 45, -70, 3600, -3600, 86_400, -200_000, -BEGIN][dice(11)]!;
    else if (what === 18) this.#user.record.set(this.#core.enrol(this.#device.enrolment, this.#state()));
    else if (dice(10) === 0) {
      const unlocked = this.#core.unlock(this.#state());
      this.#user.record.set(this.#core.enrol(this.#device.enrolment, unlocked));
    }
  }

  #state(): Uint8Array {
    return stateOf(this.#user.record).slice();
  }

  /** Seconds until the owner is in, with a right clock; undefined where not within the stated time. */
  getsIn(kind: (typeof PROOFS)[number], attacked: boolean): number | undefined {
    this.#off = 0;
    let typed = -1;
    let typedAt = -Infinity;
    for (let second = attacked ? -60 : 0; second <= STATED_SECONDS; second++, this.#time++) {
      if (attacked) this.#type(`no ${this.#salt}`.padEnd(6), undefined, HOME, second % 2 ? kind : "clear");
      const step = this.#device.period === 0 ? Math.max(this.#step(), typed + 1) : this.#step();
      if (second < 0 || step === typed || second - typedAt < TYPING_SECONDS) continue;
      [typed, typedAt] = [step, second];
      if (this.#type(this.#device.code(step), step, HOME, kind)) return second;
    }
    return undefined;
  }
}

test(`${WALKS} walks: no step is accepted twice, and every owner gets in`, { timeout: 600_000 }, () => {
  const took: number[] = [];
  let [logins, accepts] = [0, 0];
  for (let i = 0; i < WALKS; i++) {
    const seed = SEED + i;
    const walk = new Walk(new Core(BINARIES[i % BINARIES.length]!.module), seed);
    const kind = PROOFS[i % 3]!;
    try {
      for (let n = 0; n < WALK; n++) walk.happen();
      const quiet = walk.getsIn(kind, false);
      const attacked = walk.getsIn(kind, true);
      if (quiet === undefined || attacked === undefined) throw new Error(`kept out: ${quiet}, ${attacked} s`);
      took.push(attacked);
    } catch (cause) {
      throw new Error(`WALK_SEED=${seed}`, { cause });
    }
    logins += walk.logins;
    accepts += walk.accepts;
  }
  took.sort((a, b) => a - b);
  const [median, last] = [took[took.length >> 1], took.at(-1)];
  console.log(`seed ${SEED}: ${logins} logins, ${accepts} accepts; while somebody guessed, owners were in after ${median} s (median), ${last} s (last)`);
  expect(accepts).toBeGreaterThan(10 * WALKS);
});
