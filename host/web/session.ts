// The administrator's sessions on the pages: in memory only, each good from the address that opened it.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Zone } from "../admin/account.ts";
import type { Draft } from "../users/draft-profile.ts";

const IDLE_SECONDS = 15 * 60;
const LONGEST_SECONDS = 10 * 3600;
const SESSIONS = 64;

export interface WebSession {
  /** SHA-256 of the cookie's value: the memory does not hold what opens a session. */
  id: string;
  name: string;
  address: string;
  zone: Zone;
  /** What every form of this session carries. */
  csrf: string;
  opened: number;
  seen: number;
  /** A profile that is being enrolled; `replaces` a stored one. */
  draft?: { draft: Draft; uri: string; replaces: boolean } | undefined;
  /** The administrator's own code that is being enrolled. */
  code?: { draft: Draft; uri: string } | undefined;
  /** Told on the next page, once. */
  flash?: { kind: "good" | "bad"; text: string } | undefined;
}

export class WebSessions {
  readonly #sessions = new Map<string, WebSession>();
  readonly #seconds: () => number;

  constructor(seconds: () => number = () => Date.now() / 1000) {
    this.#seconds = seconds;
  }

  /** Opens a session and answers its cookie's value, 32 random bytes. */
  open(name: string, address: string, zone: Zone): string {
    const value = randomBytes(32).toString("base64url");
    const now = this.#seconds();
    if (this.#sessions.size >= SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value!);
    const csrf = randomBytes(32).toString("base64url");
    const id = hash(value);
    this.#sessions.set(id, { id, name, address, zone, csrf, opened: now, seen: now });
    return value;
  }

  /** The session of a cookie, if it is alive and comes from where it was opened. */
  find(value: string | undefined, address: string, zone: Zone): WebSession | undefined {
    if (value === undefined) return undefined;
    const session = this.#sessions.get(hash(value));
    if (session === undefined) return undefined;
    const now = this.#seconds();
    if (now - session.seen > IDLE_SECONDS || now - session.opened > LONGEST_SECONDS) {
      this.#sessions.delete(session.id);
      return undefined;
    }
    if (session.address !== address || session.zone !== zone) return undefined;
    session.seen = now;
    return session;
  }

  close(session: WebSession): void {
    this.#sessions.delete(session.id);
  }

  /** Closes all but one, after a new password. */
  closeOthers(session: WebSession): void {
    for (const id of this.#sessions.keys()) if (id !== session.id) this.#sessions.delete(id);
  }
}

/** Compares two texts without telling where they differ. */
export function isSame(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

function hash(value: string): string {
  return createHash("sha256").update(value).digest("base64url");
}
