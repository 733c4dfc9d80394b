// The numbers that a host needs: where things lie in the page, how a record, a request and a result are
// laid out, and what the verbs return. The TypeScript binding imports this file; the C header is printed from it.
//
// | from  | bytes | region    | what it holds                                                  |
// |-------|-------|-----------|----------------------------------------------------------------|
// | 0     | 192   | digests   | the core's own, as the scratch is: what lies first makes a small file |
// | 192   | 1344  | constants | written by the compiler, never changed                         |
// | 1536  | 6656  | scratch   | the core's own; zero between calls                             |
// | 8192  | 9216  | requests  | 64 of 144 bytes; the enrolment form uses the first 168 bytes   |
// | 17408 | 5120  | results   | 64 of 80 bytes                                                 |
// | 22528 | 43008 | records   | 256 of 168 bytes; a record's last 48 bytes are its state       |
//
// Numbers in the regions are little-endian on every engine, also where it does not swap bytes. Times are seconds since 1970, steps are counted from T0.

/** Version of this file. A host refuses a module whose version() differs. */
export const ABI_VERSION: u32 = 2;

/** Bits of features(). */
export const FEATURE_CLEAR: u32 = 1;
export const FEATURE_CHAP: u32 = 2;
export const FEATURE_MSCHAPV2: u32 = 4;
export const FEATURE_SIMD: u32 = 8;

/** The page, in bytes. */
export const PAGE_BYTES: u32 = 65536;
export const DIGESTS_BYTES: u32 = 192;
export const CONSTANTS_AT: u32 = DIGESTS_BYTES;
export const CONSTANTS_BYTES: u32 = 1344;
export const SCRATCH_AT: u32 = CONSTANTS_AT + CONSTANTS_BYTES;
export const SCRATCH_BYTES: u32 = 6656;

export const REQUESTS: u32 = 64;
export const REQUEST_BYTES: u32 = 144;
export const REQUESTS_AT: u32 = SCRATCH_AT + SCRATCH_BYTES;

export const RESULT_BYTES: u32 = 80;
export const RESULTS_AT: u32 = REQUESTS_AT + REQUESTS * REQUEST_BYTES;

export const RECORDS: u32 = 256;
export const RECORD_BYTES: u32 = 168;
export const RECORDS_AT: u32 = RESULTS_AT + REQUESTS * RESULT_BYTES;

// A record. Bytes 0 to 119 are the profile: policy and keys, changed by enrol only, secret.
export const RECORD_FACTOR: u32 = 0; // u8, FACTOR_*
export const RECORD_ALGORITHM: u32 = 1; // u8, ALGORITHM_*; mOTP: ALGORITHM_MD5
export const RECORD_DIGITS: u32 = 2; // u8, 6 to 8; mOTP: 6
export const RECORD_MODE: u32 = 3; // u8, MODE_*
export const RECORD_TYPES: u32 = 4; // u8, bit set of TYPE_*: the dial-in types that are allowed
export const RECORD_STANDING: u32 = 5; // u8, STANDING_*
export const RECORD_KEY_LENGTH: u32 = 6; // u8, bytes of the key as given, 1 to 64
export const RECORD_PASSWORD_LENGTH: u32 = 7; // u8, bytes, 0 to 32
export const RECORD_PERIOD: u32 = 8; // u32, seconds of a step, from 1; mOTP: 10; HOTP: 1
export const RECORD_T0: u32 = 12; // u32, seconds: where step 0 begins
export const RECORD_BACK: u32 = 16; // u16, steps before the centre that are tried; HOTP: 0
export const RECORD_FORWARD: u32 = 18; // u16, steps after the centre; back + 1 + forward ≤ WINDOW_STEPS
export const RECORD_DRIFT_BOUND: u32 = 20; // u16, steps that the centre may move, 0 to 32767; HOTP: 0
export const RECORD_RECOVERY: u32 = 22; // u8, generation of the recovery codes; 0: there are none
export const RECORD_RESERVED: u32 = 23; // u8, zero
export const RECORD_KEY: u32 = 24; // 64 bytes; see KEY_BYTES
export const RECORD_PASSWORD: u32 = 88; // 32 bytes, UTF-8, zero-padded
// Bytes 120 to 167 are the state: changed by verify, not secret; this is what a host commits.
export const RECORD_STATE: u32 = 120;
export const STATE_BYTES: u32 = 48;
export const STATE_ACTIVE: u32 = 0; // u8, 0 pending (no code verified yet), 1 active
export const STATE_SOURCE_NEXT: u32 = 1; // u8, 0 to 2: the source that the next new one replaces
export const STATE_FAILURES: u32 = 2; // 2 × u8: failures from sources never seen to succeed, from known ones
export const STATE_DRIFT: u32 = 4; // i16, steps
export const STATE_RECOVERED: u32 = 6; // u16: bit i: recovery code i is used; bits 10 to 15: of which generation, modulo 64
export const STATE_NEXT: u32 = 8; // u64, the first step (HOTP: counter) that is not spent
export const STATE_SEEN: u32 = 16; // u32, time of the last attempt that changed the state, modulo 2^32
export const STATE_ELAPSED: u32 = 20; // 2 × u32, seconds from the last failure to STATE_SEEN, in the order of STATE_FAILURES
export const STATE_WRONG: u32 = 28; // u32, keyed hash of the last wrong proof; 0 is none
export const STATE_DOOR_STEP: u32 = 32; // u16, the last right code of a wait: its step modulo 2^16
export const STATE_DOOR_AGE: u32 = 34; // u8, seconds from it to STATE_SEEN, at most 255
export const STATE_DOOR: u32 = 35; // u8, bits 0 to 3: right codes of this wait; bits 4 to 7: looks in the two seconds of STATE_SEEN
export const STATE_SOURCES: u32 = 36; // 3 × u32, the last sources that were accepted; 0 is none

/** Most bytes of a key as the host gives it: HOTP, TOTP: the shared secret; mOTP: secret in lower-case hexadecimal, then PIN. */
export const KEY_BYTES: u32 = 64;
/** Most bytes of a static password, UTF-8. */
export const PASSWORD_BYTES: u32 = 32;
/** Most steps of one window: back + 1 + forward. There are two, around the clock and around the drifted clock. */
export const WINDOW_STEPS: u32 = 64;

export const FACTOR_TOTP: u32 = 1;
export const FACTOR_HOTP: u32 = 2;
export const FACTOR_MOTP: u32 = 3;

export const ALGORITHM_SHA1: u32 = 1;
export const ALGORITHM_SHA256: u32 = 2;
export const ALGORITHM_SHA512: u32 = 3;
export const ALGORITHM_MD5: u32 = 4;

/** What a dial-in must show: the code; password and code in one; the password, then the code. */
export const MODE_CODE: u32 = 1;
export const MODE_PASSWORD_CODE: u32 = 2;
export const MODE_PASSWORD_THEN_CODE: u32 = 3;

/** A profile that may log in; one switched off; a decoy, scanned in place of a user that does not exist. */
export const STANDING_ENABLED: u32 = 1;
export const STANDING_DISABLED: u32 = 2;
export const STANDING_DECOY: u32 = 3;

/** Dial-in types, as bits. TYPE_ANY allows them all, and is what a NAS without a known type sends as 0. */
export const TYPE_IPSEC_XAUTH: u32 = 1;
export const TYPE_IKEV2_EAP: u32 = 2;
export const TYPE_SSL_VPN: u32 = 4;
export const TYPE_OPENVPN: u32 = 8;
export const TYPE_L2TP: u32 = 16;
export const TYPE_PPTP: u32 = 32;
export const TYPE_ANY: u32 = 63;

// The enrolment form: a record with the key as given. enrol() checks it, condenses the key and wipes the form.
export const ENROLMENT_AT: u32 = REQUESTS_AT;

// A request. verify() wipes it.
export const REQUEST_RECORD: u32 = 0; // u16, 0 to RECORDS - 1
export const REQUEST_PROOF: u32 = 2; // u8, PROOF_*
export const REQUEST_FLAGS: u32 = 3; // u8, bit set of FLAG_*
export const REQUEST_SOURCE: u32 = 4; // u32, whence the user dials in, as a number of the host's; 0 is unknown
export const REQUEST_TIME: u32 = 8; // u64, seconds, below TIME_END
export const REQUEST_TYPE: u32 = 16; // u8, one of TYPE_*; 0 is unknown and passes
export const REQUEST_LENGTH: u32 = 17; // u8, bytes of the clear text or of the CHAP challenge
export const REQUEST_CHAP_ID: u32 = 18; // u8
export const REQUEST_NAME_LENGTH: u32 = 19; // u8, bytes
export const REQUEST_RESERVED: u32 = 20; // u32, zero
export const REQUEST_TEXT: u32 = 24; // PROOF_CLEAR: up to TEXT_BYTES, what the user typed
export const REQUEST_RESPONSE: u32 = 24; // PROOF_CHAP: 16 bytes; PROOF_MSCHAPV2: the NT-Response, 24 bytes
export const REQUEST_CHAP_CHALLENGE: u32 = 40; // PROOF_CHAP: up to CHALLENGE_BYTES
export const REQUEST_CHALLENGE: u32 = 48; // PROOF_MSCHAPV2: the authenticator's challenge, 16 bytes
export const REQUEST_PEER_CHALLENGE: u32 = 64; // PROOF_MSCHAPV2: 16 bytes
export const REQUEST_NAME: u32 = 80; // PROOF_MSCHAPV2: up to NAME_BYTES, the name as the peer hashed it

export const PROOF_CLEAR: u32 = 1;
export const PROOF_CHAP: u32 = 2;
export const PROOF_MSCHAPV2: u32 = 3;

/** The second step of MODE_PASSWORD_THEN_CODE: the password was right a moment ago, now comes the code. */
export const FLAG_SECOND: u32 = 1;
/** A right code makes a pending profile active. */
export const FLAG_ACTIVATE: u32 = 2;
/** The host found that the profile is not valid now (a date, an hour, a place): refused, at equal work. */
export const FLAG_NOT_VALID: u32 = 4;
/** The host has this caller wait: judged as in a wait of the user's own, so that its door lets the owner in. */
export const FLAG_CALLER_WAITS: u32 = 16;
/** generate(): the recovery code of number REQUEST_TIME in place of the device's code. */
export const FLAG_RECOVERY: u32 = 8;

/** Recovery codes of a generation, numbered from 0. */
export const RECOVERY_CODES: u32 = 10;

export const TEXT_BYTES: u32 = 64;
export const CHALLENGE_BYTES: u32 = 64;
export const NAME_BYTES: u32 = 64;
/** Times from here on are refused: 2^35 s, the year 3058. */
export const TIME_END: u64 = 34359738368;

// A result.
export const RESULT_VERDICT: u32 = 0; // u8, VERDICT_*
export const RESULT_CODE_LENGTH: u32 = 1; // u8, generate(): bytes of RESULT_CODE
export const RESULT_RESERVED: u32 = 2; // u16, zero
export const RESULT_OFFSET: u32 = 4; // i32, steps from the clock's step (HOTP: from the counter) to the one that matched
export const RESULT_WAIT: u32 = 8; // u32, seconds until an attempt is considered; VERDICT_WAIT and after a failure
export const RESULT_CODE: u32 = 12; // generate(): ASCII, up to 8 bytes; a recovery code: 14
export const RESULT_AUTHENTICATOR_RESPONSE: u32 = 12; // MS-CHAPv2: 20 bytes (RFC 2759 section 8.7, before hexadecimal)
export const RESULT_MASTER_KEY: u32 = 32; // MS-CHAPv2: 16 bytes (RFC 3079 section 3.4)
export const RESULT_SEND_KEY: u32 = 48; // MS-CHAPv2: 16 bytes, the server's master send key
export const RESULT_RECEIVE_KEY: u32 = 64; // MS-CHAPv2: 16 bytes, the server's master receive key

export const VERDICT_ACCEPT: u32 = 1;
export const VERDICT_CONTINUE: u32 = 2; // the password was right: ask for the code
export const VERDICT_WRONG: u32 = 3; // no candidate matches, or the same proof was wrong a moment ago
export const VERDICT_SPENT: u32 = 4; // the code of the last accepted step, or of one before it; a used recovery code
export const VERDICT_WAIT: u32 = 5; // too many failures: a code alone is not enough now
export const VERDICT_PENDING: u32 = 6; // the profile's first code has not been verified
export const VERDICT_DISABLED: u32 = 7;
export const VERDICT_TYPE: u32 = 8; // the profile is not allowed on this dial-in type
export const VERDICT_UNKNOWN: u32 = 9; // a decoy
export const VERDICT_BAD_RECORD: u32 = 10; // the record is not one that enrol made
export const VERDICT_BAD_REQUEST: u32 = 11; // a field of the request is out of range
export const VERDICT_RECOVERED: u32 = 12; // a recovery code, and now used: let in, as by VERDICT_ACCEPT
export const VERDICT_NOT_VALID: u32 = 13; // FLAG_NOT_VALID

/** What a verb returns: 0, or the first thing that is wrong. */
export const STATUS_OK: u32 = 0;
export const STATUS_COUNT: u32 = 1; // more than REQUESTS
export const STATUS_INDEX: u32 = 2; // no such record
export const STATUS_FACTOR: u32 = 3;
export const STATUS_ALGORITHM: u32 = 4;
export const STATUS_DIGITS: u32 = 5;
export const STATUS_MODE: u32 = 6;
export const STATUS_TYPES: u32 = 7;
export const STATUS_STANDING: u32 = 8;
export const STATUS_KEY: u32 = 9; // length, or for mOTP also a character
export const STATUS_PASSWORD: u32 = 10; // length, or none where the mode needs one
export const STATUS_PERIOD: u32 = 11;
export const STATUS_WINDOW: u32 = 12; // back, forward or drift bound
export const STATUS_STATE: u32 = 13;
export const STATUS_SELF_TEST: u32 = 14; // a known answer came out wrong: do not use this module here

// Guessing: the policy, once for every host.
/** Failures that cost no wait. */
export const FREE_FAILURES: u32 = 5;
/** The wait after failure FREE_FAILURES, in seconds; each further failure doubles it. */
export const FIRST_WAIT_SECONDS: u32 = 30;
/** The longest wait, and the time after which one failure is forgotten, in seconds; longer where a guess has better chances: */
export const LONGEST_WAIT_SECONDS: u32 = 43200;
/** at least so many seconds for each candidate of a million codes. */
export const CANDIDATE_WAIT_SECONDS: u32 = 14400;
/** Failures that are counted: the next one would add nothing to the wait. */
export const MOST_FAILURES: u32 = 21;
/** During a wait so many proofs are looked at in two seconds. */
export const DOOR_LOOKS: u32 = 3;
/** So many right codes, one after the other as a device shows them, end it. */
export const DOOR_CODES: u32 = 3;
/** Seconds in which the next right code must follow. */
export const DOOR_SECONDS: u32 = 120;

// What a host puts into the form where the administrator says nothing.
export const DEFAULT_DIGITS: u32 = 6;
export const DEFAULT_PERIOD_SECONDS: u32 = 30;
export const MOTP_PERIOD_SECONDS: u32 = 10;
export const DEFAULT_TOTP_STEPS: u32 = 1; // back and forward
export const DEFAULT_MOTP_STEPS: u32 = 6; // back and forward: 60 s
export const DEFAULT_HOTP_AHEAD: u32 = 10; // forward only
export const DEFAULT_TOTP_DRIFT_STEPS: u32 = 4; // 120 s
export const DEFAULT_MOTP_DRIFT_STEPS: u32 = 12; // 120 s
