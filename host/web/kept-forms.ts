// Forms that wait for their author, in memory only, and what is wrong with them.
import { randomBytes } from "node:crypto";
import type { Form } from "./form.ts";

const KEPT = 64;
const KEPT_MS = 30 * 60_000;

/** A form that comes back to its author. */
export interface KeptForm {
  form: Form;
  /** What is wrong, by field; "" is of none. */
  problems: Record<string, string>;
  /** What the page shows beside it: findings, codes. */
  result?: unknown;
}

/** What is wrong with a form, by field; "" is of none. */
export class Problems extends Error {
  readonly fields: Record<string, string>;

  constructor(fields: Record<string, string>) {
    super(Object.values(fields).join(" "));
    this.fields = fields;
  }
}

/** Forms that wait for their author, in memory only: the oldest make room, and none stays for longer than half an hour. */
export class KeptForms {
  readonly #kept = new Map<string, KeptForm & { owner: string; until: number }>();

  /** Keeps a form for the administrator `owner`, and returns its id. */
  keep(owner: string, kept: KeptForm): string {
    if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    const id = randomBytes(16).toString("base64url");
    this.#kept.set(id, { ...kept, owner, until: Date.now() + KEPT_MS });
    return id;
  }

  /** A form of `owner`'s; undefined for others, and when it is too old. */
  find(id: string | undefined, owner: string): KeptForm | undefined {
    const kept = this.#kept.get(id ?? "");
    if (kept === undefined || kept.owner !== owner) return undefined;
    if (kept.until > Date.now()) return kept;
    this.#kept.delete(id!);
    return undefined;
  }
}
