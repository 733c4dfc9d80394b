// A user's state as a host reads it. The only file of the host that knows the layout, which is drawn in assembly/abi.ts.
import {
  RECORD_STATE,
  RECOVERY_CODES,
  STATE_ACTIVE,
  STATE_DRIFT,
  STATE_FAILURES,
  STATE_NEXT,
  STATE_RECOVERED,
  STATE_SOURCES,
} from "../../assembly/abi.ts";

/** Sources that a state remembers. */
const SOURCES = 3;
/** Generations of recovery codes as a state tells them apart. */
const GENERATIONS = 64;

function view(state: Uint8Array): DataView {
  return new DataView(state.buffer, state.byteOffset, state.byteLength);
}

/** The state in a record of RECORD_BYTES: a view, not a copy. */
export function stateOf(record: Uint8Array): Uint8Array {
  return record.subarray(RECORD_STATE);
}

/** Whether a first code has been verified. */
export function isActive(state: Uint8Array): boolean {
  return state[STATE_ACTIVE] === 1;
}

/** Steps that the device was ahead of the clock when it was last accepted. */
export function driftSteps(state: Uint8Array): number {
  return view(state).getInt16(STATE_DRIFT, true);
}

/** The more of the failures that are counted of strange sources, and of known ones. */
export function failures(state: Uint8Array): number {
  return Math.max(state[STATE_FAILURES] ?? 0, state[STATE_FAILURES + 1] ?? 0);
}

/** The sources from which the user has logged in lately, as numbers that the core was given. */
export function knownSources(state: Uint8Array): number[] {
  const known = Array.from({ length: SOURCES }, (_, i) => view(state).getUint32(STATE_SOURCES + 4 * i, true));
  return known.filter((source) => source !== 0);
}

/** Whether the user has logged in from `source` lately; 0 is no source. */
export function knowsSource(state: Uint8Array, source: number): boolean {
  return source !== 0 && knownSources(state).includes(source);
}

/** Which recovery codes of a generation are used, a bit for each; none of generation 0. */
export function recoveryCodesUsed(state: Uint8Array, generation: number): number {
  const stored = view(state).getUint16(STATE_RECOVERED, true);
  const same = generation !== 0 && stored >> RECOVERY_CODES === generation % GENERATIONS;
  return same ? stored & ((1 << RECOVERY_CODES) - 1) : 0;
}

/** How many recovery codes of a generation are not used yet; none of generation 0. */
export function recoveryCodesLeft(state: Uint8Array, generation: number): number {
  if (generation === 0) return 0;
  let left = RECOVERY_CODES;
  for (let bits = recoveryCodesUsed(state, generation); bits !== 0; bits &= bits - 1) left--;
  return left;
}

/** The first step, or counter of HOTP, that is not spent. */
export function firstUnspent(state: Uint8Array): number {
  return Number(view(state).getBigUint64(STATE_NEXT, true));
}

/** A copy of `state` in which everything before `step` is spent. */
export function spendUntil(state: Uint8Array, step: number): Buffer {
  const copy = Buffer.from(state);
  view(copy).setBigUint64(STATE_NEXT, BigInt(Math.max(step, firstUnspent(state))), true);
  return copy;
}

/** The state of a user that is added as `fresh`, whose secret was here `before`: what was spent is spent. */
export function resume(before: Uint8Array, fresh: Uint8Array): Buffer {
  const state = spendUntil(before, firstUnspent(fresh));
  state[STATE_ACTIVE] = fresh[STATE_ACTIVE]!;
  return state;
}

/** What of a state is brought along from another installation. */
export interface BroughtState {
  /** Steps that the device's clock is ahead. */
  drift?: number | undefined;
  /** The recovery codes that are used, a bit for each, and their generation. */
  recovered?: number | undefined;
  generation?: number | undefined;
}

/** Puts into a fresh state what was brought along; false where that is nothing. */
export function restoreState(
  state: Uint8Array,
  { drift = 0, recovered = 0, generation = 0 }: BroughtState,
): boolean {
  if (drift === 0 && recovered === 0) return false;
  view(state).setInt16(STATE_DRIFT, drift, true);
  if (generation !== 0)
    view(state).setUint16(STATE_RECOVERED, ((generation % GENERATIONS) << RECOVERY_CODES) | recovered, true);
  return true;
}
