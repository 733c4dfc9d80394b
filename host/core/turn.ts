// Long work goes in pieces, on the thread that logins need too.

/** Between two turns of the event loop: codes of a search by the core, and users that are opened, sealed or printed. */
const CODES_A_TURN = 256;
const USERS_A_TURN = 64;

/** Returns when what has come meanwhile, logins above all, has had its turn of the event loop. */
export function letLoginsIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** As letLoginsIn, for the `i`th code of a search: now and then. */
export async function pauseAtCode(i: number): Promise<void> {
  if (i % CODES_A_TURN === CODES_A_TURN - 1) await letLoginsIn();
}

/** As letLoginsIn, for the `i`th user of many: now and then. */
export async function pauseAtUser(i: number): Promise<void> {
  if (i % USERS_A_TURN === USERS_A_TURN - 1) await letLoginsIn();
}
