// Who enrols by a link just now: a cookie of its own, the steps done so far, and the secret, in memory only.
import { createHash, randomBytes } from "node:crypto";
import type { EnrolLink } from "../users/enrol-links.ts";
import type { Draft } from "../users/draft-profile.ts";

const PEOPLE = 256;
const LONGEST_MS = 60 * 60_000;

/** One person's way through the steps. */
export interface Enrolling {
  /** The link's hash. */
  link: string;
  user: string;
  /** The password was shown at a login, and stays. */
  proved: boolean;
  /** What the user chose, for the modes that have one. */
  own: { pin?: string; password?: string };
  draft?: Draft;
  /** The profile's secret when the draft was begun. */
  replaces?: string;
  problem?: string | undefined;
  /** At the end: what is shown once. */
  recovery?: string[];
}

export class Enrollings {
  readonly #people = new Map<string, Enrolling & { until: number }>();

  /** Begins for a link, and ends what others had begun with it. Returns the cookie's value. */
  begin({ hash: link, user, proved = false }: EnrolLink): string {
    for (const [id, one] of this.#people) if (one.link === link) this.#people.delete(id);
    if (this.#people.size >= PEOPLE) this.#people.delete(this.#people.keys().next().value!);
    const value = randomBytes(32).toString("base64url");
    this.#people.set(hash(value), { link, user, proved, own: {}, until: Date.now() + LONGEST_MS });
    return value;
  }

  find(value: string | undefined): Enrolling | undefined {
    if (value === undefined) return undefined;
    const one = this.#people.get(hash(value));
    if (one === undefined || one.until > Date.now()) return one;
    this.#people.delete(hash(value));
    return undefined;
  }

  end(value: string): void {
    this.#people.delete(hash(value));
  }
}

function hash(value: string): string {
  return createHash("sha256").update(value).digest("base64url");
}
