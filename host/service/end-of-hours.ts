// Ends what goes on after its user's hours: most NAS end it by themselves at Session-Timeout; one that does not, and whose
// user's hours were changed meanwhile, is asked to (RFC 5176), a few seconds after each full minute.
import type { Admission } from "../admission/admission.ts";
import type { Log } from "../log/log.ts";
import type { Session } from "../store/store.ts";
import { pauseAtUser } from "../core/turn.ts";

const MINUTE_MS = 60_000;
/** A NAS that obeys Session-Timeout has told of the end by then. */
const GRACE_MS = 5000;

export interface EndOfHoursOptions {
  sessions(): Promise<readonly Session[]>;
  admission: Pick<Admission, "look">;
  /** Ends a session, and says what became of it. */
  end(id: string): Promise<{ outcome: string; text: string }>;
  log: Log;
}

export class EndOfHours {
  readonly #options: EndOfHoursOptions;
  /** Sessions of which the log has said that they could not be ended: they are tried again, and told once. */
  #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: EndOfHoursOptions) {
    this.#options = options;
  }

  /** Looks after each full minute until close(). */
  start(): this {
    const wait = MINUTE_MS - (Date.now() % MINUTE_MS) + GRACE_MS;
    this.#timer = setTimeout(() => {
      void this.sweep().finally(() => this.#closed || this.start());
    }, wait).unref();
    return this;
  }

  /** Ends the sessions of those who may not be connected now. Never rejects. */
  async sweep(): Promise<void> {
    const { sessions, admission, log } = this.#options;
    const over: Session[] = [];
    try {
      const seen = new Map<string, boolean>();
      for (const session of await sessions()) {
        const { user, nas } = session;
        if (!seen.has(user)) {
          seen.set(user, (await admission.look(user, nas)).reason === "not-valid-now");
          await pauseAtUser(seen.size);
        }
        if (seen.get(user)) over.push(session);
      }
    } catch (error) {
      return log.error({ err: error }, "it could not be seen whose hours are over");
    }
    const told = this.#told;
    this.#told = new Set();
    await Promise.all(over.map((session) => this.#end(session, told.has(session.id))));
  }

  async #end({ id, user, nas }: Session, told: boolean): Promise<void> {
    const { log, end } = this.#options;
    try {
      const { outcome, text } = await end(id);
      if (outcome === "disconnected") return log.info({ user, nas, reason: "not-valid-now" }, text);
      this.#told.add(id);
      if (!told)
        log.warn(
          { user, nas, reason: "not-valid-now", outcome },
          `the hours are over, and the session goes on: ${text}`,
        );
    } catch (error) {
      // It has ended meanwhile.
      log.debug({ user, nas, err: error }, "a session was gone before it could be ended");
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
