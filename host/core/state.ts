// What a host reads of a user's state. The only reader of its layout (assembly/abi.ts).
import { STATE_ACTIVE, STATE_DRIFT, STATE_NEXT, STATE_SOURCES } from "../../assembly/abi.ts";

/** Sources that a state remembers. */
const SOURCES = 4;

/** Steps that the device was ahead of the clock when it was last accepted. */
export function driftSteps(state: Uint8Array): number {
  return new DataView(state.buffer, state.byteOffset).getInt32(STATE_DRIFT, true);
}

/** Whether the user has logged in from `source` lately, a number as the core was given it; 0 is no source. */
export function knowsSource(state: Uint8Array, source: number): boolean {
  if (source === 0) return false;
  const view = new DataView(state.buffer, state.byteOffset);
  for (let i = 0; i < SOURCES; i++) if (view.getUint32(STATE_SOURCES + 4 * i, true) === source) return true;
  return false;
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

function view({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
