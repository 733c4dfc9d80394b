// The interface: each verb, and nothing else. The memory is described in abi.ts. No verb imports anything, allocates,
// knows a clock, or traps on bad input; each wipes what it used.

import { RADIUS_OK, RADIUS_VERSION } from "./abi";
import { enrolClient, removeClient } from "./clients";
import { forgetDigests } from "./digest";
import { stirEntropy } from "./entropy";
import { OWN } from "./layout";
import { takePrompt } from "./prompt";
import { answerSlot, dropSlot, readSlot } from "./requests";
import { testKnownAnswers } from "./selftest";
import { CLIENTS, SLOTS, TABLES_END } from "./sizes";

/** RADIUS_VERSION of the module. */
export function version(): u32 {
  return RADIUS_VERSION;
}

/** How many datagrams it answers at once. */
export function slots(): u32 {
  return SLOTS;
}

/** How many clients it knows. */
export function clients(): u32 {
  return CLIENTS;
}

/** Runs the RFCs' known answers; wipes everything, before and after. RADIUS_SELF_TEST: do not use. */
export function selfTest(): u32 {
  wipe();
  const status = testKnownAnswers();
  wipe();
  return status;
}

/** ENTROPY_BYTES random bytes lie at ENTROPY_AT. At the start, and whenever read() returns READ_ENTROPY. */
export function stir(): u32 {
  stirEntropy();
  return RADIUS_OK;
}

/**
 * Makes client `index` of the form at FORM_AT and wipes the form. keep = 1: it is the NAS of before, whose packets and
 * conversations stay known; 0: another one. On an error nothing changes.
 */
export function client(index: u32, keep: u32): u32 {
  return enrolClient(index, keep);
}

/** Forgets client `index`: its packets are not read any more. */
export function forget(index: u32): u32 {
  return removeClient(index);
}

/**
 * Users are asked for a code by the `length` bytes at EXTRA_AT, at most PROMPT_BYTES; 0: by the module's own words. It
 * holds until wipe().
 */
export function prompt(length: u32): u32 {
  return takePrompt(length);
}

/** Reads the datagram in slot `index` at `now`; returns READ_*. */
export function read(index: u32, now: u32): u32 {
  return readSlot(index, now);
}

/**
 * Writes the reply to what read() returned as READ_LOGIN, READ_ACKNOWLEDGED or READ_ACCOUNTING, by OUTCOME_*. An
 * Access-Accept carries the first `extra` bytes at EXTRA_AT. Returns the reply's length; 0 where nothing can be sent.
 */
export function answer(index: u32, outcome: u32, extra: u32, now: u32): u32 {
  return answerSlot(index, outcome, extra, now);
}

/** Gives up what slot `index` holds: no reply, and the packet is judged anew when it comes again. */
export function drop(index: u32): u32 {
  return dropSlot(index);
}

/** Zeroes everything but the constants. */
export function wipe(): u32 {
  forgetDigests();
  // What was never written is only looked at: so the system need not give memory for it.
  for (let at = OWN; at < TABLES_END; at += 8) if (load<u64>(at) != 0) store<u64>(at, 0);
  return RADIUS_OK;
}
