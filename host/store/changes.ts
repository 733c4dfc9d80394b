// What administrators changed, and who: one JSON line each in changes.log of the data folder, the latest kept. The name of
// who acts goes along with what is done (AsyncLocalStorage), so that no function has to hand it on. The audit log has them too.
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { appendPrivateLine } from "../config/private-file.ts";
import type { Audit } from "../log/audit.ts";
import type { Log } from "../log/log.ts";

const FILE = "changes.log";
/** A longer file is put aside, and the one before it forgotten. */
const LONGEST_BYTES = 1_000_000;

const actors = new AsyncLocalStorage<string>();

/** Does `act` in the name of `actor`. */
export function actAs<Result>(actor: string, act: () => Result): Result {
  return actors.run(actor, act);
}

/** Who acts just now; undefined where nobody said so. */
export function actor(): string | undefined {
  return actors.getStore();
}

/** One change. */
export interface Change {
  /** Milliseconds since 1970. */
  time: number;
  by: string;
  action: string;
  /** Whom or what it concerned. */
  what: string;
}

export class Changes {
  readonly #file: string;
  readonly #log: Log;
  readonly #audit: Pick<Audit, "change" | "flush"> | undefined;

  constructor(folder: string, log: Log, audit?: Pick<Audit, "change" | "flush">) {
    this.#file = join(folder, FILE);
    this.#log = log;
    this.#audit = audit;
  }

  /** Notes a change, in the audit log for each of `audited`. A full disk loses the line, which the log tells. */
  note(action: string, what: string, by: string, audited: readonly string[] = [what]): void {
    for (const one of audited) this.#audit?.change(action, one, by);
    this.#audit?.flush();
    try {
      const size = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
      if (size > LONGEST_BYTES) renameSync(this.#file, `${this.#file}.1`);
      appendPrivateLine(this.#file, JSON.stringify({ time: Date.now(), by, action, what }));
    } catch (error) {
      this.#log.error({ action, what, by, why: (error as Error).message }, "a change could not be noted");
    }
  }

  /** The latest changes, the youngest first. */
  latest(count: number): Change[] {
    let text = "";
    try {
      text = readFileSync(this.#file, "utf8");
    } catch {
      return []; // there is none yet
    }
    const lines = text.trimEnd().split("\n").slice(-count).reverse();
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as Change];
      } catch {
        return []; // a line that a full disk cut off
      }
    });
  }
}
