// What a host reads of a user's state. The only reader of its layout (assembly/abi.ts).
import { STATE_DRIFT, STATE_SOURCES } from "../../assembly/abi.ts";

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
