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
  RECORDS_AT,
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

/** Of each number: its offset in the record, request or result, and its bytes. Sources are only compared and copied. */
const FIELDS = memory.data<u8>([
  RECORD_PERIOD as u8, 4, RECORD_T0 as u8, 4, RECORD_BACK as u8, 2, RECORD_FORWARD as u8, 2, RECORD_DRIFT_BOUND as u8, 2,
  (RECORD_STATE + STATE_DRIFT) as u8, 2, (RECORD_STATE + STATE_RECOVERED) as u8, 2, (RECORD_STATE + STATE_NEXT) as u8, 8,
  (RECORD_STATE + STATE_SEEN) as u8, 4, (RECORD_STATE + STATE_ELAPSED) as u8, 4,
  (RECORD_STATE + STATE_ELAPSED + 4) as u8, 4, (RECORD_STATE + STATE_WRONG) as u8, 4, (RECORD_STATE + STATE_DOOR_STEP) as u8, 2,
  REQUEST_RECORD as u8, 2, REQUEST_TIME as u8, 8,
  RESULT_OFFSET as u8, 4, RESULT_WAIT as u8, 4,
]);
const RECORD_FIELDS: u32 = 13;
const REQUEST_FIELDS: u32 = 2;
const RESULT_FIELDS: u32 = 2;

/** When a verb begins and when it ends: turns the numbers of the first `count` requests and results, and of all records. */
export function turnPage(count: u32): void {
  turn(REQUESTS_AT, REQUEST_BYTES, count, RECORD_FIELDS, REQUEST_FIELDS);
  turn(RESULTS_AT, RESULT_BYTES, count, RECORD_FIELDS + REQUEST_FIELDS, RESULT_FIELDS);
  turnRecords(RECORDS_AT, RECORDS);
}

/** Turns the numbers of `count` records from `at` on; the enrolment form is one. */
export function turnRecords(at: u32, count: u32): void {
  turn(at, RECORD_BYTES, count, 0, RECORD_FIELDS);
}

/** Turns `fields` numbers, FIELDS from `first` on, of `count` things of `bytes` bytes. */
function turn(at: u32, bytes: u32, count: u32, first: u32, fields: u32): void {
  if (isLittleEndian()) return;
  for (; count > 0; count--, at += bytes) {
    for (let field = (FIELDS as u32) + first * 2; field < (FIELDS as u32) + (first + fields) * 2; field += 2) {
      let low = at + load<u8>(field);
      for (let high = low + load<u8>(field, 1) - 1; low < high; low++, high--) {
        const byte = load<u8>(low);
        store<u8>(low, load<u8>(high));
        store<u8>(high, byte);
      }
    }
  }
}
