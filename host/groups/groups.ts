// The groups of an installation: one sealed document in the store, which every process that shares it reads again soon.
import * as z from "zod/mini";
import { describeIssues } from "../config/schema-errors.ts";
import { DialwardError } from "../errors.ts";
import { groupSchema, type Group } from "./group.ts";

/** Where the document is kept: whole, sealed by whoever keeps it. */
export interface GroupStore {
  /** Undefined where there is none yet. Rejects where it cannot be read or opened: that is not "none". */
  read(): Promise<Uint8Array | undefined>;
  write(document: Uint8Array): Promise<void>;
}

/** What was done to a group, as the audit log says it. */
export type GroupChange = `group ${"saved" | "removed"}`;

/** How old what is known may be, in milliseconds, before it is read again: another machine may have changed it. */
const FRESH_MS = 2000;

const listSchema = z.array(groupSchema);

export class Groups {
  readonly #store: GroupStore;
  readonly #fresh: number;
  #known = new Map<string, Group>();
  /** What they were read from: a document of many groups takes long to read, on a login's way. */
  #document: Uint8Array | undefined;
  #readAt = -Infinity;
  readonly #changed: (action: GroupChange, name: string) => void;
  /** Changes take turns: each reads what the one before has written. */
  #turn: Promise<unknown> = Promise.resolve();

  /** `changed` hears of every change that took place. */
  constructor(
    store: GroupStore,
    changed: (action: GroupChange, name: string) => void = () => {},
    freshMs: number = FRESH_MS,
  ) {
    this.#store = store;
    this.#changed = changed;
    this.#fresh = freshMs;
  }

  /** All groups by name. Rejects with DialwardError where they cannot be read. */
  async all(): Promise<ReadonlyMap<string, Group>> {
    if (performance.now() - this.#readAt > this.#fresh) await this.#read();
    return this.#known;
  }

  /**
   * The groups of these names, in their order. Throws DialwardError("not-found") that names one that is gone: what a
   * user had by it must not be forgotten in silence.
   */
  async named(names: readonly string[]): Promise<Group[]> {
    const all = await this.all();
    return names.map((name) => all.get(name) ?? missing(name));
  }

  /**
   * Adds a group, or puts it in place of the one of its name, if `isAsShown` knows what is there. Throws
   * DialwardError("usage") that names the field, or ("conflict").
   */
  async save(input: unknown, isAsShown: (stored: Group | undefined) => boolean = () => true): Promise<Group> {
    const parsed = groupSchema.safeParse(input);
    if (!parsed.success) throw new DialwardError("usage", describeIssues(parsed.error));
    const group = parsed.data as Group;
    await this.#change((groups) => {
      if (!isAsShown(groups.get(group.name)))
        throw new DialwardError(
          "conflict",
          `The group "${group.name}" was changed meanwhile. Look at it, and try again.`,
        );
      groups.set(group.name, group);
    });
    this.#changed("group saved", group.name);
    return group;
  }

  /** Throws DialwardError("not-found"). Users who name it are refused: see that none does before. */
  async remove(name: string): Promise<void> {
    await this.#change((groups) => {
      if (!groups.delete(name)) missing(name);
    });
    this.#changed("group removed", name);
  }

  /** Writes them anew, with the key of now. */
  async reseal(): Promise<void> {
    if ((await this.all()).size > 0) await this.#change(() => {});
  }

  #change(change: (groups: Map<string, Group>) => void): Promise<void> {
    const next = this.#turn.then(async () => {
      await this.#read();
      const groups = new Map(this.#known);
      change(groups);
      const document = Buffer.from(JSON.stringify([...groups.values()]));
      await this.#store.write(document);
      this.#known = groups;
      this.#document = document;
    });
    this.#turn = next.catch(() => {});
    return next;
  }

  async #read(): Promise<void> {
    const document = await this.#store.read();
    if (!isSame(document, this.#document)) {
      const list = document === undefined ? [] : parse(document);
      this.#known = new Map(list.map((group) => [group.name, group]));
      this.#document = document;
    }
    this.#readAt = performance.now();
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0;
}

function parse(document: Uint8Array): Group[] {
  try {
    return listSchema.parse(JSON.parse(Buffer.from(document).toString())) as Group[];
  } catch (cause) {
    throw new DialwardError("store", "The groups cannot be read: they are damaged, or a newer version's.", {
      cause,
    });
  }
}

function missing(name: string): never {
  throw new DialwardError("not-found", `There is no group "${name}". See: dialward group list`);
}
