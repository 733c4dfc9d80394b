// A record and its state, as abi.ts lays them out for hosts: the core's own view, by the names of the fields.
// Numbers lie there in the engine's own order of bytes while a verb works (order.ts).

import {
  KEY_BYTES,
  PASSWORD_BYTES,
  RECORDS_AT,
  RECORD_ALGORITHM,
  RECORD_BACK,
  RECORD_BYTES,
  RECORD_DIGITS,
  RECORD_DRIFT_BOUND,
  RECORD_FACTOR,
  RECORD_FORWARD,
  RECORD_KEY,
  RECORD_KEY_LENGTH,
  RECORD_MODE,
  RECORD_PASSWORD,
  RECORD_PASSWORD_LENGTH,
  RECORD_PERIOD,
  RECORD_RECOVERY,
  RECORD_RESERVED,
  RECORD_STANDING,
  RECORD_STATE,
  RECORD_T0,
  RECORD_TYPES,
  STATE_ACTIVE,
  STATE_BYTES,
  STATE_DOOR,
  STATE_DOOR_AGE,
  STATE_DOOR_STEP,
  STATE_DRIFT,
  STATE_ELAPSED,
  STATE_FAILURES,
  STATE_NEXT,
  STATE_RECOVERED,
  STATE_SEEN,
  STATE_SOURCES,
  STATE_SOURCE_NEXT,
  STATE_WRONG,
} from "./abi";

/**
 * ```
 *   0 ┌────────┬─────────┬────────┬────────┬────────┬────────┬────────┬────────┐
 *     │ factor │algorithm│ digits │  mode  │ types  │standing│ key length, password length
 *   8 ├────────┴─────────┴────────┴────────┼────────┴────────┴────────┴────────┤
 *     │ period, seconds                    │ t0, seconds                       │
 *  16 ├──────────────────┬─────────────────┼─────────────────┬────────┬────────┤
 *     │ back             │ forward         │ drift bound     │recovery│reserved│
 *  24 ├──────────────────┴─────────────────┴─────────────────┴────────┴────────┤
 *     │ key, 64 bytes: midstates (hmac.ts), or the key itself                  │
 *  88 ├────────────────────────────────────────────────────────────────────────┤
 *     │ password, 32 bytes                                                     │
 * 120 ├────────────────────────────────────────────────────────────────────────┤
 *     │ state, 48 bytes                                                        │
 * 168 └────────────────────────────────────────────────────────────────────────┘
 * ```
 */
@unmanaged
export class Record {
  factor: u8;
  algorithm: u8;
  digits: u8;
  mode: u8;
  types: u8;
  standing: u8;
  keyLength: u8;
  passwordLength: u8;
  period: u32;
  t0: u32;
  back: u16;
  forward: u16;
  driftBound: u16;
  recovery: u8;
  reserved: u8;

  /** Addresses of what is not a number. */
  @inline
  get at(): u32 {
    return changetype<usize>(this) as u32;
  }
  @inline
  get key(): u32 {
    return this.at + RECORD_KEY;
  }
  @inline
  get password(): u32 {
    return this.at + RECORD_PASSWORD;
  }
  @inline
  get state(): State {
    return changetype<State>(changetype<usize>(this) + RECORD_STATE);
  }
  /** Steps of one window. */
  @inline
  get width(): u32 {
    return (this.back as u32) + 1 + (this.forward as u32);
  }
}

/**
 * ```
 *   0 ┌────────┬────────┬────────┬────────┬─────────────────┬─────────────────┐
 *     │ active │ source │failures: stran- │ drift, steps    │ recovered       │
 *     │        │  next  │gers', known ones│                 │                 │
 *   8 ├────────┴────────┴────────┴────────┴─────────────────┴─────────────────┤
 *     │ next: the first step that is not spent                                │
 *  16 ├───────────────────────────────────┬───────────────────────────────────┤
 *     │ seen                              │ elapsed: strangers'               │
 *  24 ├───────────────────────────────────┼───────────────────────────────────┤
 *     │ elapsed: known ones               │ wrong                             │
 *  32 ├─────────────────┬────────┬────────┼───────────────────────────────────┤
 *     │ door step       │door age│ door   │ three sources …                   │
 *  48 └─────────────────┴────────┴────────┴───────────────────────────────────┘
 * ```
 */
@unmanaged
export class State {
  active: u8;
  sourceNext: u8;
  failures: u8;
  failuresKnown: u8;
  drift: i16;
  recovered: u16;
  next: i64;
  seen: u32;
  elapsed: u32;
  elapsedKnown: u32;
  wrong: u32;
  doorStep: u16;
  doorAge: u8;
  door: u8;
  source: u32;
  source1: u32;
  source2: u32;

  @inline
  get at(): u32 {
    return changetype<usize>(this) as u32;
  }
  /** Failures and their age of one count: 0 strangers', 1 known ones'. */
  @inline
  failuresOf(count: u32): u32 {
    return load<u8>(this.at + count, STATE_FAILURES);
  }
  @inline
  setFailures(count: u32, failures: u32): void {
    store<u8>(this.at + count, failures, STATE_FAILURES);
  }
  @inline
  elapsedOf(count: u32): u32 {
    return load<u32>(this.at + count * 4, STATE_ELAPSED);
  }
  @inline
  sourceOf(i: u32): u32 {
    return load<u32>(this.at + i * 4, STATE_SOURCES);
  }
  @inline
  setSource(i: u32, source: u32): void {
    store<u32>(this.at + i * 4, source, STATE_SOURCES);
  }
}


if (!(
  offsetof<Record>("factor") == RECORD_FACTOR &&
  offsetof<Record>("algorithm") == RECORD_ALGORITHM &&
  offsetof<Record>("digits") == RECORD_DIGITS &&
  offsetof<Record>("mode") == RECORD_MODE &&
  offsetof<Record>("types") == RECORD_TYPES &&
  offsetof<Record>("standing") == RECORD_STANDING &&
  offsetof<Record>("keyLength") == RECORD_KEY_LENGTH &&
  offsetof<Record>("passwordLength") == RECORD_PASSWORD_LENGTH &&
  offsetof<Record>("period") == RECORD_PERIOD &&
  offsetof<Record>("t0") == RECORD_T0 &&
  offsetof<Record>("back") == RECORD_BACK &&
  offsetof<Record>("forward") == RECORD_FORWARD &&
  offsetof<Record>("driftBound") == RECORD_DRIFT_BOUND &&
  offsetof<Record>("recovery") == RECORD_RECOVERY &&
  offsetof<Record>("reserved") == RECORD_RESERVED &&
  offsetof<Record>() == RECORD_KEY &&
  RECORD_KEY + KEY_BYTES == RECORD_PASSWORD &&
  RECORD_PASSWORD + PASSWORD_BYTES == RECORD_STATE
)) ERROR("A record is not as abi.ts lays it out");
if (!(
  offsetof<State>("active") == STATE_ACTIVE &&
  offsetof<State>("sourceNext") == STATE_SOURCE_NEXT &&
  offsetof<State>("failures") == STATE_FAILURES &&
  offsetof<State>("drift") == STATE_DRIFT &&
  offsetof<State>("recovered") == STATE_RECOVERED &&
  offsetof<State>("next") == STATE_NEXT &&
  offsetof<State>("seen") == STATE_SEEN &&
  offsetof<State>("elapsed") == STATE_ELAPSED &&
  offsetof<State>("wrong") == STATE_WRONG &&
  offsetof<State>("doorStep") == STATE_DOOR_STEP &&
  offsetof<State>("doorAge") == STATE_DOOR_AGE &&
  offsetof<State>("door") == STATE_DOOR &&
  offsetof<State>("source") == STATE_SOURCES &&
  offsetof<State>() == STATE_BYTES &&
  RECORD_STATE + STATE_BYTES == RECORD_BYTES
)) ERROR("A state is not as abi.ts lays it out");

/** Record `index` of the page. */
export function recordAt(index: u32): Record {
  return changetype<Record>(RECORDS_AT + index * RECORD_BYTES);
}
