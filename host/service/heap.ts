// How much garbage V8 may leave in a process that runs for long. Flags that Node's command line takes too.
import { setFlagsFromString } from "node:v8";

/** By how much the heap may grow, in percent of what was alive, before all of it is collected; V8 lets it double and more. */
const GROWING_PERCENT = 50;
/** The young generation stays as large as it is: V8 doubles it up to 16 MB, three times. */
const YOUNG_GROWS_TIMES = 1;

/**
 * Keeps the heap small, although each login leaves garbage. To be called at the start. Node's --max-semi-space-size, which
 * does the same for the young generation, has to be given when Node starts (package.json, dialward.service).
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  setFlagsFromString(`--semi-space-growth-factor=${YOUNG_GROWS_TIMES}`);
}
