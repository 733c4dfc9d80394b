// The administrator's sessions on the pages: in memory only, each good from the address that opened it.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Zone } from "../admin/administrator-login.ts";
import type { Settings } from "../admin/settings.ts";

type Accounts = readonly Pick<Settings["accounts"][number], "name" | "salt">[];

const IDLE_SECONDS = 15 * 60;
const LONGEST_SECONDS = 10 * 3600;
const SESSIONS = 64;
const TOLD = 16;

export class WebSession {
  readonly name: string;
  readonly address: string;
  readonly zone: Zone;
  /** Which account of that name, and which password of it. */
  account: string | undefined;
  /** What passes the gate, and opens nothing else. */
  readonly gate = randomBytes(32).toString("base64url");
  /** What every form of this session carries. */
  readonly csrf = randomBytes(32).toString("base64url");
  readonly opened: number;
  seen: number;
  readonly #told = new Map<string, { kind: "good" | "bad"; text: string }>();

  constructor(name: string, address: string, zone: Zone, account: string | undefined, now: number) {
    this.name = name;
    this.address = address;
    this.zone = zone;
    this.account = account;
    this.opened = this.seen = now;
  }

  /** Keeps a message for the next page, and returns its id. */
  tell(kind: "good" | "bad", text: string): string {
    if (this.#told.size >= TOLD) this.#told.delete(this.#told.keys().next().value!);
    const id = randomBytes(6).toString("base64url");
    this.#told.set(id, { kind, text });
    return id;
  }

  told(id: string | undefined): { kind: "good" | "bad"; text: string } | undefined {
    return id === undefined ? undefined : this.#told.get(id);
  }
}

export class WebSessions {
  /** By the SHA-256 of the cookie's value: the memory does not hold what opens a session. */
  readonly #sessions = new Map<string, WebSession>();
  /** Sessions that have ended by themselves: a form of theirs is kept until its author has logged in again. */
  readonly #ended = new Map<string, WebSession>();
  readonly #accounts: () => Accounts;
  readonly #seconds: () => number;

  /** `accounts` of this moment: each password has a salt of its own, by which another account of a name is told. */
  constructor(accounts: () => Accounts, seconds: () => number = () => Date.now() / 1000) {
    this.#accounts = accounts;
    this.#seconds = seconds;
  }

  /** Opens a session and returns its cookies' values, 32 random bytes each. */
  open(name: string, address: string, zone: Zone): { value: string; gate: string } {
    const value = randomBytes(32).toString("base64url");
    if (this.#sessions.size >= SESSIONS) this.#end(this.#sessions.keys().next().value!);
    const session = new WebSession(name, address, zone, this.#accountOf(name), this.#seconds());
    this.#sessions.set(hash(value), session);
    return { value, gate: session.gate };
  }

  /**
   * The session of a cookie, if it is alive and comes from where it was opened. `touch` false is a page that asks by
   * itself: that is no sign of a person.
   */
  find(value: string | undefined, address: string, zone: Zone, touch = true): WebSession | undefined {
    if (value === undefined) return undefined;
    return this.#alive(hash(value), address, zone, touch);
  }

  /** The session whose gate cookie this is, if it is alive and comes from where it was opened. */
  findGate(value: string | undefined, address: string, zone: Zone): WebSession | undefined {
    if (value === undefined) return undefined;
    for (const [id, session] of this.#sessions) {
      if (isSame(session.gate, value)) return this.#alive(id, address, zone, true);
    }
    return undefined;
  }

  /** Who had the session of a cookie that has ended by itself, and has the account still. */
  ended(value: string | undefined): WebSession | undefined {
    const session = value === undefined ? undefined : this.#ended.get(hash(value));
    return session?.account === (session && this.#accountOf(session.name)) ? session : undefined;
  }

  close(session: WebSession): void {
    for (const [id, one] of this.#sessions) if (one === session) this.#sessions.delete(id);
  }

  /** Goes on with a session whose own password was changed; all others of the account are over. */
  renew(session: WebSession): void {
    session.account = this.#accountOf(session.name);
  }

  #accountOf(name: string): string | undefined {
    return this.#accounts().find((one) => one.name === name)?.salt;
  }

  #alive(id: string, address: string, zone: Zone, touch: boolean): WebSession | undefined {
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    // The account is removed, or has another password by now, from wherever that came.
    if (session.account !== this.#accountOf(session.name)) {
      this.#sessions.delete(id);
      return undefined;
    }
    const now = this.#seconds();
    if (now - session.seen > IDLE_SECONDS || now - session.opened > LONGEST_SECONDS) {
      this.#end(id);
      return undefined;
    }
    if (session.address !== address || session.zone !== zone) return undefined;
    if (touch) session.seen = now;
    return session;
  }

  #end(id: string): void {
    const session = this.#sessions.get(id)!;
    this.#sessions.delete(id);
    if (this.#ended.size >= SESSIONS) this.#ended.delete(this.#ended.keys().next().value!);
    this.#ended.set(id, session);
  }
}

/** Compares two texts without telling where they differ. */
export function isSame(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

/** A secret as a page shows it, each time another text: what is compressed beside what a stranger chose tells nothing. */
export function maskSecret(secret: string): string {
  const plain = Buffer.from(secret, "base64url");
  const mask = randomBytes(plain.length);
  return Buffer.concat([mask, plain.map((byte, i) => byte ^ mask[i]!)]).toString("base64url");
}

export function unmaskSecret(masked: string): string {
  const bytes = Buffer.from(masked, "base64url");
  const half = bytes.length >> 1;
  return Buffer.from(bytes.subarray(half, 2 * half).map((byte, i) => byte ^ bytes[i]!)).toString("base64url");
}

function hash(value: string): string {
  return createHash("sha256").update(value).digest("base64url");
}
