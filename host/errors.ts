// The one error class of the host: what a person must be told, with a code that a program can test.

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
