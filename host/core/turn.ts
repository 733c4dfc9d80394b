// Long work goes in pieces, on the thread that logins need too.

/** Codes of a search between two turns of the event loop. */
const CODES_A_TURN = 256;

/** Returns when what has come meanwhile, logins above all, has had its turn of the event loop. */
export function letLoginsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** As letLoginsIn, for the `i`th code of a search by the core: now and then. */
export async function pauseAtCode(i: number): Promise<void> {
  if (i % CODES_A_TURN === CODES_A_TURN - 1) await letLoginsIn();
}
