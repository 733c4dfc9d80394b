// The passphrase of a file that is written, on the pages and by commands.

/** It guards all users' secrets: one that is guessed at once guards nothing. */
export const PASSPHRASE_LETTERS = 8;

/** Whether a passphrase has fewer letters than it must. */
export function isShort(passphrase: string): boolean {
  return [...passphrase].length < PASSPHRASE_LETTERS;
}
