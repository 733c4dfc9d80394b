// Long searches by the core, on the thread that logins need too.

/** Codes between two turns of the event loop. */
const CODES_A_TURN = 256;

/** For the `i`th code of a search: lets waiting logins in now and then. */
export async function letLoginsIn(i: number): Promise<void> {
  if (i % CODES_A_TURN === CODES_A_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
}
