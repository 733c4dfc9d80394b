// The order of bytes. Hosts find the page's numbers least significant byte first, on every engine: on one that keeps them
// the other way round and does not swap, they are turned when a verb begins, and back when it ends.
//
// Bytes that are no numbers (keys, texts, responses) stay as they are; bytes.ts reads words from them.

import {
  RECORD_BACK,
  RECORD_BYTES,
  RECORD_DRIFT_BOUND,
  RECORD_FORWARD,
  RECORD_PERIOD,
  RECORD_STATE,
  RECORD_T0,
  RECORDS,
  REQUEST_BYTES,
  REQUEST_RECORD,
  REQUEST_TIME,
  REQUESTS_AT,
  RESULT_BYTES,
  RESULT_OFFSET,
  RESULT_WAIT,
  RESULTS_AT,
  STATE_DOOR_STEP,
  STATE_DRIFT,
  STATE_ELAPSED,
  STATE_NEXT,
  STATE_RECOVERED,
  STATE_SEEN,
  STATE_WRONG,
} from "./abi";
import { isLittleEndian } from "./lane";
import { recordAt } from "./record";
import { requestAt } from "./rows";

/** Of each number: its offset in the record, request or result, and its bytes. Sources are only compared and copied. */
const FIELDS = memory.data<u8>([
  RECORD_PERIOD as u8, 4, RECORD_T0 as u8, 4, RECORD_BACK as u8, 2, RECORD_FORWARD as u8, 2, RECORD_DRIFT_BOUND as u8, 2,
  (RECORD_STATE + STATE_DRIFT) as u8, 2, (RECORD_STATE + STATE_RECOVERED) as u8, 2, (RECORD_STATE + STATE_NEXT) as u8, 8,
  (RECORD_STATE + STATE_SEEN) as u8, 4, (RECORD_STATE + STATE_ELAPSED) as u8, 4,
  (RECORD_STATE + STATE_ELAPSED + 4) as u8, 4, (RECORD_STATE + STATE_WRONG) as u8, 4, (RECORD_STATE + STATE_DOOR_STEP) as u8, 2,
  REQUEST_RECORD as u8, 2, REQUEST_TIME as u8, 8,
  RESULT_OFFSET as u8, 4, RESULT_WAIT as u8, 4,
]);
/** Where the numbers of a record, a request and a result stand in that table, and its end. */
const OF_RECORD: u32 = FIELDS as u32;
const OF_REQUEST: u32 = OF_RECORD + 26;
const OF_RESULT: u32 = OF_REQUEST + 4;

/** When a verb begins: turns the numbers of the first `count` requests, and of the records that they name. */
export function turnRequests(count: u32): void {
  turnRows(count, REQUESTS_AT, REQUEST_BYTES, OF_REQUEST, 0);
}

/** When it ends: turns those of the results, and the records back. */
export function turnResults(count: u32): void {
  turnRows(count, RESULTS_AT, RESULT_BYTES, OF_RESULT, 1);
}

/** Turns `count` rows, and each record that is named once: `reserved` says whether it is turned. */
function turnRows(count: u32, at: u32, bytes: u32, field: u32, turned: u32): void {
  if (isLittleEndian()) return;
  for (let r: u32 = 0; r < count; r++, at += bytes) {
    turn(at, field, field + 4);
    const index = requestAt(r).index;
    const record = recordAt(index);
    if (index >= RECORDS || record.reserved != turned) continue;
    turnRecord(record.at);
    record.reserved ^= 1;
  }
}

/** Turns the numbers of a record; the enrolment form is one. */
export function turnRecord(at: u32): void {
  turn(at, OF_RECORD, OF_REQUEST);
}

/** Turns the numbers, of FIELDS from `field` to `end`, of what lies at `at`. */
function turn(at: u32, field: u32, end: u32): void {
  if (isLittleEndian()) return;
  for (; field < end; field += 2) {
    let low = at + load<u8>(field);
    for (let high = low + load<u8>(field, 1) - 1; low < high; low++, high--) {
      const byte = load<u8>(low);
      store<u8>(low, load<u8>(high));
      store<u8>(high, byte);
    }
  }
}
