// A house in which anything may happen: users with devices dial in through a simulated NAS to the real service (listener,
// admission, core, store), while time passes, clocks are set, the service restarts, and strangers guess.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { vi } from "vitest";
import { loadConfig } from "../../host/config/config.ts";
import { silentLog } from "../../host/log/log.ts";
import type { RadiusDoor } from "../../host/radius/door.ts";
import { openDoor } from "../../host/radius/listener.ts";
import { openService, type Service } from "../../host/service/service.ts";
import { hotp, motp, totp } from "../codes.ts";
import {
  ACCEPT,
  answerEap,
  CHALLENGE,
  isReply,
  type Parts,
  PROOFS,
  request,
  SECRET,
} from "./simulated-nas.ts";

const NAS = { address: "127.0.0.1", secret: SECRET, name: "nas", requireMessageAuthenticator: false };
const BEGIN = Date.UTC(2027, 0, 15);
const KEYS = ["12345678901234567890", "another twenty bytes"].map((text) => Buffer.from(text));
const BASE32 = ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "MFXG65DIMVZCA5DXMVXHI6JAMJ4XIZLT"];
const MOTP_SECRET = "00112233445566778899aabbccddeeff";

/** A user with a device: what is typed for a step of it, and which step it shows at a time in seconds. */
interface User {
  name: string;
  profile: Record<string, unknown>;
  text(step: number): string;
  stepAt(seconds: number): number;
}

const USERS: readonly User[] = [
  {
    name: "tom",
    profile: { secret: BASE32[0] },
    text: (step) => totp(KEYS[0]!, step * 30),
    stepAt: (seconds) => Math.floor(seconds / 30),
  },
  {
    name: "mia",
    profile: { factor: "motp", secret: MOTP_SECRET, pin: "4711" },
    text: (step) => motp(MOTP_SECRET, "4711", step * 10),
    stepAt: (seconds) => Math.floor((seconds + 25) / 10),
  },
  {
    name: "pat",
    profile: { secret: BASE32[1], mode: "password+code", password: "Sesame" },
    text: (step) => `Sesame${totp(KEYS[1]!, step * 30)}`,
    stepAt: (seconds) => Math.floor((seconds - 20) / 30),
  },
  {
    name: "hal",
    profile: { factor: "hotp", secret: BASE32[0] },
    text: (step) => hotp(KEYS[0]!, step),
    stepAt: () => 0,
  },
];

/** What may happen. `delay`: the packet is sent after so many others; `wait`: nothing else happens before its reply. */
export type Event =
  | { kind: "dial"; user: number; step: number; parts: Parts; delay: number; wait: boolean }
  | { kind: "again"; packet: number; port: number }
  | { kind: "guess"; user: number; text: string; parts: Parts }
  | { kind: "pass"; seconds: number }
  | { kind: "set clock"; seconds: number }
  | { kind: "put clock right" }
  | { kind: "restart" }
  | { kind: "disable" | "enable" | "unlock" | "remove" | "add" | "add anew"; user: number };

const parts: fc.Arbitrary<Parts> = fc.record({
  proof: fc.constantFrom(...PROOFS),
  identifier: fc.constantFrom(1, 2),
  authenticator: fc.constantFrom(1, 2, 3),
  port: fc.constantFrom(40_000, 40_001),
  session: fc.constantFrom(undefined, "", "909E2C3A", "909E2C3B"),
  station: fc.constantFrom(undefined, "", "127.0.0.1", "203.0.113.7", "203.0.113.7:500", "203.0.113.8"),
  nasPort: fc.constantFrom(undefined, 0, 1),
  nas: fc.constantFrom(undefined, "one", "two"),
});
const user = fc.nat(USERS.length - 1);

export const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("dial" as const),
      user,
      step: fc.constantFrom(0, 0, 0, -1, 1, -2, 2),
      parts,
      delay: fc.constantFrom(0, 0, 0, 1, 3),
      wait: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("again" as const), packet: fc.nat(20), port: fc.nat(1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("guess" as const),
      user,
      text: fc.stringMatching(/^[0-9]{6}$/),
      parts,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("set clock" as const),
      seconds: fc.oneof(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -200_000, max: 200_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "put clock right" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        ...(["disable", "enable", "unlock", "remove", "add", "add anew", "add anew"] as const),
      ),
      user,
    }),
  },
);

interface Sent {
  user: User;
  step: number | undefined;
  parts: Parts;
  text: string;
  bytes: Buffer;
  replies: Set<string>;
  /** When it first came to this service, by the clock that nobody sets; undefined before. */
  arrived: number | undefined;
}

/** Within this time an owner with the right device gets in, while somebody guesses from the same caller (SECURITY.md). */
export const STATED_SECONDS = 300;
/** For so long somebody has guessed before the owner comes. */
const ATTACKED_SECONDS = 60;
/** An owner types so often. */
const TYPING_SECONDS = 25;
/** Where owners dial in from. */
const HOME: Parts = {
  proof: "pap",
  identifier: 0,
  authenticator: 0,
  port: 40_000,
  session: undefined,
  station: "203.0.113.7",
  nasPort: 0,
  nas: "one",
};

/** For so long the same bytes get the same reply again. */
const SAME_MS = 30_000;

/** One house. Date and performance must be faked (vi.useFakeTimers), the clock being set by `setSystemTime`. */
export class House {
  readonly #folder: string;
  #service!: Service;
  #door!: RadiusDoor;
  readonly #sent = new Map<string, Sent>();
  readonly #order: Sent[] = [];
  /** Sent, and not answered yet; and what is to be sent next. */
  readonly #open = new Set<Sent>();
  readonly #next: { sent: Sent; port: number }[] = [];
  #delayed: { after: number; sent: Sent }[] = [];
  /** Steps that were accepted, by the secret that they are of. */
  readonly #accepted = new Set<string>();
  /** Codes that HOTP devices have shown. */
  readonly #pressed = new Map<string, number>();
  /** True time, in milliseconds; the machine's clock is this and what it is off. */
  #time = BEGIN;
  #off = 0;
  readonly #removed = new Set<string>();
  /** The step that was accepted last. */
  readonly #last = new Map<string, number>();
  #unique = 0;
  /** What went wrong; empty where nothing did. */
  readonly faults: string[] = [];
  accepts = 0;
  logins = 0;

  constructor(folder = tmpdir()) {
    this.#folder = mkdtempSync(join(folder, "dialward-walk-"));
  }

  async open(): Promise<void> {
    this.#setClock();
    await this.#start();
    for (const { name, profile } of USERS) await this.#service.users.add({ name, active: true, ...profile });
  }

  async close(): Promise<void> {
    await this.#stop();
    rmSync(this.#folder, { recursive: true });
  }

  /** Lets one thing happen. */
  async happen(event: Event): Promise<void> {
    const users = this.#service.users;
    if (event.kind === "dial") {
      const one = USERS[event.user]!;
      const step = this.#stepOf(one) + event.step;
      if (step < 0) return;
      const sent = this.#make(one, step, event.parts, one.text(step));
      if (event.delay > 0) this.#delayed.push({ after: event.delay, sent });
      else await this.#send(sent, event.parts.port);
      if (event.wait) await this.settle();
    } else if (event.kind === "again") {
      const sent = this.#order.at(-1 - event.packet);
      if (sent) await this.#send(sent, 40_000 + event.port);
    } else if (event.kind === "guess") {
      const one = USERS[event.user]!;
      await this.#send(this.#make(one, undefined, event.parts, event.text), event.parts.port);
    } else if (event.kind === "pass") {
      await this.settle();
      this.pass(event.seconds);
    } else if (event.kind === "set clock") {
      this.#off = event.seconds * 1000;
      this.#setClock();
    } else if (event.kind === "put clock right") {
      this.#off = 0;
      this.#setClock();
    } else if (event.kind === "restart") {
      await this.#stop();
      await this.#start();
    } else {
      await this.settle();
      const one = USERS[event.user]!;
      const { name, profile } = one;
      if (event.kind === "remove") this.#removed.add(name);
      if (event.kind === "add" && !this.#removed.delete(name)) return;
      if (event.kind === "remove") await users.remove(name).catch(() => {});
      else if (event.kind === "add anew" && !this.#removed.has(name)) {
        await users.remove(name);
        await users.add({ name, active: true, ...profile });
        const spent = this.#last.get(name);
        if (spent === undefined) return;
        await this.#send(this.#make(one, spent, this.#unlike("pap"), one.text(spent)), 40_000);
      } else if (event.kind === "add") await users.add({ name, active: true, ...profile });
      else if (this.#removed.has(name)) return;
      else if (event.kind === "unlock") await users.unlock(name);
      else await users.setEnabled(name, event.kind === "enable");
    }
  }

  /**
   * Whether a user whose device is right gets in from HOME within the stated time, who types each new code once, by a
   * machine whose clock is right; seconds that it took, undefined where it does not. With `attacked` somebody guesses
   * once a second from there, since a minute, as this user and as others.
   */
  async getsIn(user: number, proof: Parts["proof"], attacked: boolean): Promise<number | undefined> {
    const one = USERS[user]!;
    await this.settle();
    this.#off = 0;
    this.#setClock();
    const { users } = this.#service;
    if (this.#removed.delete(one.name)) await users.add({ name: one.name, active: true, ...one.profile });
    await users.setEnabled(one.name, true);
    let typed = -1;
    let typedAt = -Infinity;
    for (let second = attacked ? -ATTACKED_SECONDS : 0; second <= STATED_SECONDS; second++) {
      if (attacked) {
        const guessed = second % 3 === 2 ? { ...one, name: `stranger${second}` } : one;
        const text = one.text(0).replace(/.{6}$/, String(100_000 + ((second * 7919) % 900_000)));
        await this.#send(
          this.#make(guessed, undefined, this.#unlike(second % 2 ? proof : "pap"), text),
          40_000,
        );
      }
      const step = one.name === "hal" ? Math.max(this.#stepOf(one), typed + 1) : this.#stepOf(one);
      if (second >= 0 && step !== typed && second - typedAt >= TYPING_SECONDS) {
        [typed, typedAt] = [step, second];
        const spent = this.#accepted.has(`${one.name} ${step}`);
        await this.#send(this.#make(one, step, this.#unlike(proof), one.text(step)), 40_000);
        await this.settle();
        if (!spent && this.#accepted.has(`${one.name} ${step}`)) return second;
      }
      await this.settle();
      this.pass(1);
    }
    return undefined;
  }

  /** Parts of no packet so far, from HOME. */
  #unlike(proof: Parts["proof"]): Parts {
    const number = ++this.#unique;
    const authenticator = 16 + (number >> 8);
    return { ...HOME, proof, identifier: number & 255, authenticator };
  }

  /** Lets time pass, for devices and the machine's clock alike. */
  pass(seconds: number): void {
    this.#time += seconds * 1000;
    vi.advanceTimersByTime(seconds * 1000);
  }

  /** Waits until every request has its reply, and every conversation its end. */
  async settle(): Promise<void> {
    for (const { sent } of this.#delayed.splice(0)) this.#next.push({ sent, port: sent.parts.port });
    for (let turns = 0; this.#open.size + this.#next.length > 0; turns++) {
      if (turns > 100_000) {
        this.faults.push(`no reply to ${this.#open.size} requests`);
        this.#next.length = 0;
        return void this.#open.clear();
      }
      await this.#deliver();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #stepOf({ name, stepAt }: User): number {
    const pressed = this.#pressed.get(name);
    return name === "hal" ? (pressed ?? 0) : stepAt(this.#time / 1000);
  }

  #setClock(): void {
    vi.setSystemTime(this.#time + this.#off);
  }

  async #start(): Promise<void> {
    this.#service = await openService(loadConfig(undefined, this.#folder), silentLog, () => {}, {
      create: true,
    });
    const { admission, callers, store } = this.#service;
    const send = ({ bytes }: { bytes: Uint8Array }): boolean => {
      this.#take(Buffer.from(bytes));
      return true;
    };
    const sender = Object.assign(send, { send, isIdle: () => true });
    this.#door = openDoor({ clients: [NAS], admission, callers, store, log: silentLog }, sender);
  }

  async #stop(): Promise<void> {
    await this.settle();
    for (const sent of this.#order) sent.arrived = undefined; // nothing is the same after a restart
    await this.#door.close();
    await this.#service.close();
  }

  #make(one: User, step: number | undefined, made: Parts, text: string): Sent {
    return this.#keep({ user: one, step, parts: made, text, bytes: request(made, one.name, text) });
  }

  #keep(made: Omit<Sent, "replies" | "arrived">): Sent {
    const key = made.bytes.toString("latin1");
    const known = this.#sent.get(key);
    if (known) return known;
    const sent = { ...made, replies: new Set<string>(), arrived: undefined };
    this.#sent.set(key, sent);
    this.#order.push(sent);
    return sent;
  }

  async #send(sent: Sent, port: number): Promise<void> {
    this.#delayed = this.#delayed.filter((one) => {
      if (--one.after > 0) return true;
      this.#next.push({ sent: one.sent, port: one.sent.parts.port });
      return false;
    });
    this.#next.push({ sent, port });
    await this.#deliver();
  }

  /** Hands over what is to be sent, but what a reply could not be told apart for: a NAS waits with that, too. */
  async #deliver(): Promise<void> {
    while (this.#next.length > 0) {
      const { sent, port } = this.#next[0]!;
      const alike = (one: Sent): boolean =>
        one !== sent && one.bytes.compare(sent.bytes, 4, 20, 4, 20) === 0 && one.bytes[1] === sent.bytes[1];
      while ([...this.#open].some(alike)) await new Promise((resolve) => setImmediate(resolve));
      this.#next.shift();
      this.logins++;
      this.#open.add(sent);
      if (sent.arrived === undefined || performance.now() - sent.arrived >= SAME_MS) {
        sent.arrived = performance.now();
        sent.replies.clear();
      }
      this.#door.receive(sent.bytes, { address: NAS.address, port }, false);
    }
  }

  #take(reply: Buffer): void {
    const text = reply.toString("latin1");
    const sent = [...this.#open].find((one) => isReply(reply, one.bytes));
    if (sent === undefined) {
      // A packet that came twice while it was judged gets its reply twice.
      if (!this.#order.some((one) => one.replies.has(text))) this.faults.push("a reply to no request");
      return;
    }
    this.#open.delete(sent);
    const again = sent.replies.has(text);
    sent.replies.add(text);
    if (again) return;
    const { user: one, step, parts: made } = sent;
    if (reply[0] === CHALLENGE) {
      const bytes = answerEap(made, one.name, sent.text, reply);
      return void this.#next.push({ sent: this.#keep({ ...sent, bytes }), port: made.port });
    }
    if (reply[0] !== ACCEPT) return;
    this.accepts++;
    const key = `${one.name} ${step ?? `guess ${sent.text}`}`;
    if (this.#accepted.has(key)) this.faults.push(`accepted twice: ${key}`);
    this.#accepted.add(key);
    if (step !== undefined) this.#last.set(one.name, step);
    if (one.name === "hal" && step !== undefined)
      this.#pressed.set("hal", Math.max(step + 1, this.#pressed.get("hal") ?? 0));
  }
}
