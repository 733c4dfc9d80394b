// What a user is told who has shown the password and has no device yet: a link to set one up, the same one for a quarter of
// an hour, since a daemon that tries again must not make void what its user has just opened.
import type { EnrolLinks } from "./enrol-links.ts";

const VALID_SECONDS = 15 * 60;
/** Most bytes of a Reply-Message (RFC 2865 section 5.18). */
const MESSAGE_BYTES = 253;

export class Invitations {
  readonly #links: EnrolLinks;
  readonly #url: string;
  readonly #service: string;
  readonly #made = new Map<string, string>();

  /** `url`: where users open their links. */
  constructor(links: EnrolLinks, url: string, service: string) {
    this.#links = links;
    this.#url = url.replace(/\/$/, "");
    this.#service = service;
  }

  /** The text; undefined where no more links can be made. */
  invite(user: string): string | undefined {
    for (const [name, secret] of this.#made)
      if (this.#links.find(secret) === undefined) this.#made.delete(name);
    const secret = this.#made.get(user) ?? this.#make(user);
    if (secret === undefined) return undefined;
    const link = `${this.#url}/enrol#${secret}`;
    const text = `Set up your one-time password for ${this.#service} within 15 minutes: ${link}`;
    return Buffer.byteLength(text) <= MESSAGE_BYTES ? text : link;
  }

  #make(user: string): string | undefined {
    try {
      const { secret } = this.#links.make(user, VALID_SECONDS, true);
      this.#made.set(user, secret);
      return secret;
    } catch {
      return undefined; // too many are open: the user is refused as ever
    }
  }
}
