// The second copy of a login, from a NAS that sends one that is answered late again as a new packet (OpenVPN's RADIUS
// plug-in): it may have the verdict of the first one, once and soon after it. Admission has judged it before it asks.

import { ExpiringMap } from "./expiring-map.ts";

/** How long the copy is awaited, in milliseconds; it comes after the plug-in's `wait`, 1 to 5 s. */
export const REPEAT_MS = 6_000;
/** How many are kept in a generation. */
const KEPT = 4096;

/** Logins of the last 6 s by the name that the door gave them (DialIn.repeat): each is taken once. */
export class Repeats {
  readonly #refused: ExpiringMap<string, true>;
  readonly #accepted: ExpiringMap<string, number>;

  constructor(now?: () => number) {
    this.#refused = new ExpiringMap(REPEAT_MS, KEPT, now);
    this.#accepted = new ExpiringMap(REPEAT_MS, KEPT, now);
  }

  noteRefusal(repeat: string): void {
    this.#refused.set(repeat, true);
  }

  /** `standing`: of the profile when the login had been accepted (record-cache.ts). */
  noteAccept(repeat: string, standing: number): void {
    this.#accepted.set(repeat, standing);
  }

  /** Whether this is the copy of a login that was refused. */
  takeRefusal(repeat: string): boolean {
    const refused = this.#refused.get(repeat) === true;
    this.#refused.delete(repeat);
    return refused;
  }

  /** Whether this is the copy of a login that was accepted, and the profile is still the same. */
  takeAccept(repeat: string, standing: number): boolean {
    const accepted = this.#accepted.get(repeat);
    this.#accepted.delete(repeat);
    return accepted === standing;
  }
}
