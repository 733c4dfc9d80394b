// The one error class of the host: what a person must be told, with a code that a program can test; and what the system
// says, in words.

export type ErrorCode =
  | "usage" // the caller's words are off: exit status 2
  | "config" // the configuration file is off: exit status 2
  | "not-found" // exit status 1, as all that follow
  | "exists"
  | "refused"
  | "conflict" // someone else changed the same thing just now
  | "busy" // another process has the data folder open
  | "store" // the store cannot be read or written
  | "sealed" // a sealed value does not open: wrong key, another user's, or damaged
  | "core"; // the WebAssembly file is missing, of another version, or fails its self-test

/** An error with a stable `code`. `message` says what is wrong and what to do, and never holds a secret. */
export class DialwardError extends Error {
  override readonly name = "DialwardError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What the system says, in words. */
export const SYSTEM_WORDS: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not in a folder",
  EEXIST: "it exists already",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is too large",
  EROFS: "the file system is read-only",
  EIO: "the device cannot be read or written",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ENOMEM: "there is not enough memory",
  ELOOP: "too many links lead to it",
  ENAMETOOLONG: "the name is too long",
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "this machine does not have the address",
  ECONNREFUSED: "nobody listens there",
  ERR_FS_FILE_TOO_LARGE: "the file is too large",
  ERR_STRING_TOO_LONG: "the file is too large",
  ERR_ENCODING_INVALID_ENCODED_DATA: "the text is not UTF-8; save it in that encoding",
};

/** Why a call of the system failed; the message where there are no words for it. */
export function systemWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : SYSTEM_WORDS[code]) ?? message ?? String(error);
}

/** The same, and the file or address that it failed on. */
export function describeFailure(error: unknown): string {
  const { code = "", path, address } = error as NodeJS.ErrnoException & { address?: string };
  const where = path ?? address;
  const words = systemWords(error);
  return where === undefined || !(code in SYSTEM_WORDS) ? words : `${where}: ${words}`;
}
