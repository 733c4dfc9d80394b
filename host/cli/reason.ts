// Why a login was refused, for who reads it on a terminal: with the command that helps.
import type { Reason } from "../core/dial-in.ts";
import { REASON_TEXTS } from "../core/reason.ts";

const COMMANDS: Partial<Record<Reason, string>> = {
  "must-wait": "Or wait, or run: dialward user unlock",
  "profile-disabled": "Run: dialward user enable",
  "not-valid-now": "See the hours: dialward user show",
  "group-missing": "See: dialward group list",
  "state-damaged": "See: dialward store check",
};

/** A reason as a sentence, with what to run. */
export function describeReason(reason: Reason): string {
  return [REASON_TEXTS[reason], COMMANDS[reason]].filter(Boolean).join(" ");
}
