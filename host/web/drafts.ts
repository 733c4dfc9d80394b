// Profiles that are being enrolled, each with an id of its own: two tabs never mix, and a login in between loses none.
import { randomBytes } from "node:crypto";
import type { Draft } from "../users/draft-profile.ts";

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

/** Drafts in memory only; the oldest make room. */
export class Drafts {
  readonly #drafts = new Map<string, PendingDraft & { owner: string; until: number }>();

  /** Begins a draft of the administrator `owner`, and returns its id. */
  begin(owner: string, draft: PendingDraft): string {
    if (this.#drafts.size >= DRAFTS) this.#drafts.delete(this.#drafts.keys().next().value!);
    const id = randomBytes(16).toString("base64url");
    this.#drafts.set(id, { ...draft, owner, until: Date.now() + DRAFT_MS });
    return id;
  }

  /** A draft of `owner`'s that has not ended. */
  find(id: string | undefined, owner: string): PendingDraft | undefined {
    const draft = this.#drafts.get(id ?? "");
    if (draft === undefined || draft.owner !== owner) return undefined;
    if (draft.until > Date.now()) return draft;
    this.#drafts.delete(id!);
    return undefined;
  }

  /** Forgets a draft and its secret. */
  end(id: string): void {
    this.#drafts.delete(id);
  }
}
