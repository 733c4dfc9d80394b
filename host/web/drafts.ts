// Profiles that are being enrolled, each with an id of its own: two tabs never mix, and a login in between loses none.
import type { Draft } from "../users/draft-profile.ts";
import { Kept } from "./kept.ts";

const DRAFTS = 64;
const DRAFT_MS = 60 * 60_000;

/** A profile that is not saved yet. */
export interface PendingDraft {
  draft: Draft;
  uri: string;
  /** The revision of the stored profile whose place it takes. */
  replaces?: string | undefined;
  /** What the last code brought. */
  told?: { kind: "good" | "bad"; text: string } | undefined;
}

/** Drafts that are not saved yet. */
export class Drafts extends Kept<PendingDraft> {
  constructor() {
    super(DRAFTS, DRAFT_MS);
  }
}
