// A request and its result, as abi.ts lays them out for hosts: the core's own view, by the names of the fields.
// Numbers lie there in the engine's own order of bytes while a verb works (order.ts).

import {
  REQUESTS_AT,
  REQUEST_BYTES,
  REQUEST_CHAP_ID,
  REQUEST_FLAGS,
  REQUEST_LENGTH,
  REQUEST_NAME_LENGTH,
  REQUEST_PROOF,
  REQUEST_RECORD,
  REQUEST_RESERVED,
  REQUEST_SOURCE,
  REQUEST_TEXT,
  REQUEST_TIME,
  REQUEST_TYPE,
  RESULTS_AT,
  RESULT_BYTES,
  RESULT_CODE,
  RESULT_CODE_LENGTH,
  RESULT_OFFSET,
  RESULT_RESERVED,
  RESULT_VERDICT,
  RESULT_WAIT,
} from "./abi";

/**
 * ```
 *   0 ┌─────────────────┬────────┬────────┬───────────────────────────────────┐
 *     │ record's index  │ proof  │ flags  │ source                            │
 *   8 ├─────────────────┴────────┴────────┴───────────────────────────────────┤
 *     │ time                                                                  │
 *  16 ├────────┬────────┬────────┬────────┬───────────────────────────────────┤
 *     │ type   │ length │CHAP id │ name's │ reserved                          │
 *     │        │        │        │ length │                                   │
 *  24 ├────────┴────────┴────────┴────────┴───────────────────────────────────┤
 *     │ text, or response and challenges; from 104 on, when read, the plan    │
 * 144 └───────────────────────────────────────────────────────────────────────┘
 * ```
 */
@unmanaged
export class Request {
  index: u16;
  proof: u8;
  flags: u8;
  source: u32;
  time: u64;
  type: u8;
  length: u8;
  chapId: u8;
  nameLength: u8;
  reserved: u32;

  @inline
  get at(): u32 {
    return changetype<usize>(this) as u32;
  }
  @inline
  get text(): u32 {
    return this.at + REQUEST_TEXT;
  }
}

/** The verdict, the code's length, two reserved bytes, offset, wait; then the code, or MS-CHAPv2's answers. */
@unmanaged
export class Result {
  verdict: u8;
  codeLength: u8;
  reserved: u16;
  offset: i32;
  wait: u32;

  @inline
  get at(): u32 {
    return changetype<usize>(this) as u32;
  }
  @inline
  get code(): u32 {
    return this.at + RESULT_CODE;
  }
}

if (!(
  offsetof<Request>("index") == REQUEST_RECORD &&
  offsetof<Request>("proof") == REQUEST_PROOF &&
  offsetof<Request>("flags") == REQUEST_FLAGS &&
  offsetof<Request>("source") == REQUEST_SOURCE &&
  offsetof<Request>("time") == REQUEST_TIME &&
  offsetof<Request>("type") == REQUEST_TYPE &&
  offsetof<Request>("length") == REQUEST_LENGTH &&
  offsetof<Request>("chapId") == REQUEST_CHAP_ID &&
  offsetof<Request>("nameLength") == REQUEST_NAME_LENGTH &&
  offsetof<Request>("reserved") == REQUEST_RESERVED &&
  offsetof<Request>() == REQUEST_TEXT
)) ERROR("A request is not as abi.ts lays it out");
if (!(
  offsetof<Result>("verdict") == RESULT_VERDICT &&
  offsetof<Result>("codeLength") == RESULT_CODE_LENGTH &&
  offsetof<Result>("reserved") == RESULT_RESERVED &&
  offsetof<Result>("offset") == RESULT_OFFSET &&
  offsetof<Result>("wait") == RESULT_WAIT &&
  offsetof<Result>() == RESULT_CODE
)) ERROR("A result is not as abi.ts lays it out");

/** Request r of the page, and its result. */
@inline
export function requestAt(r: u32): Request {
  return changetype<Request>(REQUESTS_AT + r * REQUEST_BYTES);
}

@inline
export function resultAt(r: u32): Result {
  return changetype<Result>(RESULTS_AT + r * RESULT_BYTES);
}
