// Files of users whose plan an administrator is looking at: in memory only, few, and not for long.
import { randomBytes } from "node:crypto";
import type { ImportedGroups } from "../groups/imported-groups.ts";
import type { PlanOptions } from "../formats/plan.ts";
import type { ReadRow } from "../formats/row.ts";

const KEPT = 4;
const KEPT_MS = 15 * 60_000;

/** What was read of the files, and how it is to be taken. */
export interface PlannedImport {
  files: string;
  rows: readonly ReadRow[];
  /** Those that the files name, and those that there are. */
  groups: ImportedGroups;
  options: PlanOptions;
}

/** The oldest make room. */
export class PlannedImports {
  readonly #kept = new Map<string, PlannedImport & { owner: string; until: number }>();

  /** Keeps an import of the administrator `owner`, and returns its id. */
  keep(owner: string, planned: PlannedImport): string {
    if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    const id = randomBytes(16).toString("base64url");
    this.#kept.set(id, { ...planned, owner, until: Date.now() + KEPT_MS });
    setTimeout(() => this.#kept.delete(id), KEPT_MS).unref();
    return id;
  }

  /** An import of `owner`'s that still waits. */
  find(id: string | undefined, owner: string): PlannedImport | undefined {
    const kept = this.#kept.get(id ?? "");
    return kept?.owner === owner && kept.until > Date.now() ? kept : undefined;
  }

  /** Forgets an import and its secrets. */
  end(id: string): void {
    this.#kept.delete(id);
  }
}
