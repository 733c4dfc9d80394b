// Forms that wait for their author, in memory only, and what is wrong with them.
import type { Form } from "./form.ts";
import { Kept } from "./kept.ts";

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

/** Forms that wait for their author, half an hour at most. */
export class KeptForms extends Kept<KeptForm> {
  constructor() {
    super(KEPT, KEPT_MS);
  }
}
