// A submitted form, as its fields' texts and the files that were chosen.

/** A submitted form: one value a name, several for check boxes. */
export class Form {
  readonly #values: Record<string, unknown>;

  constructor(values: Record<string, unknown>) {
    this.#values = values;
  }

  /** A field's text; empty where it is missing. */
  text(name: string): string {
    const value = this.#values[name];
    const one = Array.isArray(value) ? value.at(-1) : value;
    return typeof one === "string" ? one : "";
  }

  /** As text(), undefined where nothing was typed. */
  optional(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  /** A whole number from `least` to `most`; undefined where nothing was typed, NaN where it is none. */
  number(name: string, least = 0, most = 999_999_999): number | undefined {
    const text = this.text(name).trim();
    if (text === "") return undefined;
    const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    return number >= least && number <= most ? number : NaN;
  }

  /** All values of check boxes of one name. */
  list(name: string): string[] {
    return this.#all(name).filter((one) => typeof one === "string");
  }

  /** The files that were chosen, those that are not empty. */
  files(name: string): File[] {
    return this.#all(name).filter((one) => one instanceof File && one.size > 0) as File[];
  }

  has(name: string): boolean {
    return this.text(name) !== "";
  }

  /** The same without its files, and without what is named: to be kept. */
  without(...names: string[]): Form {
    const kept = Object.entries(this.#values)
      .filter(([name]) => !names.includes(name))
      .map(([name, value]) => [name, [value].flat().filter((one) => typeof one === "string")] as const);
    return new Form(Object.fromEntries(kept));
  }

  #all(name: string): unknown[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [value];
  }
}
