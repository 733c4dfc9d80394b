// Files of users whose plan an administrator is looking at: in memory only, few, and not for long.
import type { ImportedGroups } from "../groups/imported-groups.ts";
import type { PlanOptions } from "../formats/plan.ts";
import type { ReadRow } from "../formats/row.ts";
import { Kept } from "./kept.ts";

const KEPT = 4;
const KEPT_MS = 15 * 60_000;

/** What was read of the files, and how it is to be taken. */
export interface PlannedImport {
  files: string;
  /** Some at a time, and how many they are. */
  rows: readonly (readonly ReadRow[])[];
  count: number;
  /** Those that the files name, and those that there are. */
  groups: ImportedGroups;
  options: PlanOptions;
}

/** Imports of which an administrator sees the plan. */
export class PlannedImports extends Kept<PlannedImport> {
  constructor() {
    super(KEPT, KEPT_MS);
  }
}
