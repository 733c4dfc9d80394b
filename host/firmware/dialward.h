/*
 * dialward.h: the interface of dialward.wasm for a host in C.
 * Printed by host/firmware/header.mjs from assembly/abi.ts and assembly/index.ts. Do not edit.
 */
#ifndef DIALWARD_H
#define DIALWARD_H

#include <stdint.h>

/*
 * The rules that a host keeps
 *
 *  1. Start: refuse the module unless version() is DIALWARD_ABI_VERSION, features() has a bit for each proof that
 *     you use, and selfTest() returns DIALWARD_STATUS_OK on this very machine. selfTest() wipes everything.
 *  2. One caller at a time. The page is one; the host serialises: a lock, or one thread that gathers what waits
 *     and verifies it as a batch. No interrupt handler and no second thread touches the page meanwhile.
 *  3. Commit before reply. verify() has changed the states in the page; write them to flash, and only when they
 *     lie there safely let an answer leave, above all an acceptance. If the writing fails, refuse.
 *  4. States are yours to keep and to put back, whole and byte by byte, not to compute. A state belongs to a user
 *     and a token: never put one back into another user's record.
 *  5. A user who does not exist costs the same work: verify against a record of DIALWARD_STANDING_DECOY.
 *  6. The clock must be plausible: before it has been set (a router starts in 1970), refuse every login. Never
 *     hand in a time that was chosen by the peer.
 *  7. Wipe: requests are wiped by verify(), the scratch by every verb. Read the results, then zero them: they hold
 *     MPPE keys and generated codes. wipe() zeroes all, records too: call it before the program ends.
 *  8. Numbers in the page are little-endian on every processor. Touch the page only through dialward_read() and
 *     dialward_write(): an engine on a big-endian processor may keep it in another order.
 *  9. Clip no length: a text that is too long is written up to its field's end with its true length (at most
 *     255), and the core refuses it.
 * 10. DIALWARD_VERDICT_ACCEPT and DIALWARD_VERDICT_RECOVERED let in, and no other.
 */

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The numbers that a host needs: where things lie in the page, how a record, a request and a result are
 * laid out, and what the verbs return. The TypeScript binding imports this file; the C header is printed from it.
 *
 * | from  | bytes | region    | what it holds                                                  |
 * |-------|-------|-----------|----------------------------------------------------------------|
 * | 0     | 192   | digests   | the core's own, as the scratch is: what lies first makes a small file |
 * | 192   | 1344  | constants | written by the compiler, never changed                         |
 * | 1536  | 6656  | scratch   | the core's own; zero between calls                             |
 * | 8192  | 9216  | requests  | 64 of 144 bytes; the enrolment form uses the first 168 bytes   |
 * | 17408 | 5120  | results   | 64 of 80 bytes                                                 |
 * | 22528 | 43008 | records   | 256 of 168 bytes; a record's last 48 bytes are its state       |
 *
 * Numbers in the regions are little-endian on every engine, also where it does not swap bytes. Times are seconds since 1970, steps are counted from T0.
 */

/* Version of this file. A host refuses a module whose version() differs. */
#define DIALWARD_ABI_VERSION                   2u

/* Bits of features(). */
#define DIALWARD_FEATURE_CLEAR                 1u
#define DIALWARD_FEATURE_CHAP                  2u
#define DIALWARD_FEATURE_MSCHAPV2              4u
#define DIALWARD_FEATURE_SIMD                  8u

/* The page, in bytes. */
#define DIALWARD_PAGE_BYTES                    65536u
#define DIALWARD_DIGESTS_BYTES                 192u
#define DIALWARD_CONSTANTS_AT                  192u
#define DIALWARD_CONSTANTS_BYTES               1344u
#define DIALWARD_SCRATCH_AT                    1536u
#define DIALWARD_SCRATCH_BYTES                 6656u

#define DIALWARD_REQUESTS                      64u
#define DIALWARD_REQUEST_BYTES                 144u
#define DIALWARD_REQUESTS_AT                   8192u

#define DIALWARD_RESULT_BYTES                  80u
#define DIALWARD_RESULTS_AT                    17408u

#define DIALWARD_RECORDS                       256u
#define DIALWARD_RECORD_BYTES                  168u
#define DIALWARD_RECORDS_AT                    22528u

/* A record. Bytes 0 to 119 are the profile: policy and keys, changed by enrol only, secret. */
#define DIALWARD_RECORD_FACTOR                 0u    /* u8, FACTOR_* */
#define DIALWARD_RECORD_ALGORITHM              1u    /* u8, ALGORITHM_*; mOTP: ALGORITHM_MD5 */
#define DIALWARD_RECORD_DIGITS                 2u    /* u8, 6 to 8; mOTP: 6 */
#define DIALWARD_RECORD_MODE                   3u    /* u8, MODE_* */
#define DIALWARD_RECORD_TYPES                  4u    /* u8, bit set of TYPE_*: the dial-in types that are allowed */
#define DIALWARD_RECORD_STANDING               5u    /* u8, STANDING_* */
#define DIALWARD_RECORD_KEY_LENGTH             6u    /* u8, bytes of the key as given, 1 to 64 */
#define DIALWARD_RECORD_PASSWORD_LENGTH        7u    /* u8, bytes, 0 to 32 */
#define DIALWARD_RECORD_PERIOD                 8u    /* u32, seconds of a step, from 1; mOTP: 10; HOTP: 1 */
#define DIALWARD_RECORD_T0                     12u   /* u32, seconds: where step 0 begins */
#define DIALWARD_RECORD_BACK                   16u   /* u16, steps before the centre that are tried; HOTP: 0 */
#define DIALWARD_RECORD_FORWARD                18u   /* u16, steps after the centre; back + 1 + forward ≤ WINDOW_STEPS */
#define DIALWARD_RECORD_DRIFT_BOUND            20u   /* u16, steps that the centre may move, 0 to 32767; HOTP: 0 */
#define DIALWARD_RECORD_RECOVERY               22u   /* u8, generation of the recovery codes; 0: there are none */
#define DIALWARD_RECORD_RESERVED               23u   /* u8, zero */
#define DIALWARD_RECORD_KEY                    24u   /* 64 bytes; see KEY_BYTES */
#define DIALWARD_RECORD_PASSWORD               88u   /* 32 bytes, UTF-8, zero-padded */
/* Bytes 120 to 167 are the state: changed by verify, not secret; this is what a host commits. */
#define DIALWARD_RECORD_STATE                  120u
#define DIALWARD_STATE_BYTES                   48u
#define DIALWARD_STATE_ACTIVE                  0u    /* u8, 0 pending (no code verified yet), 1 active */
#define DIALWARD_STATE_SOURCE_NEXT             1u    /* u8, 0 to 2: the source that the next new one replaces */
#define DIALWARD_STATE_FAILURES                2u    /* 2 × u8: failures from sources never seen to succeed, from known ones */
#define DIALWARD_STATE_DRIFT                   4u    /* i16, steps */
#define DIALWARD_STATE_RECOVERED               6u    /* u16: bit i: recovery code i is used; bits 10 to 15: of which generation, modulo 64 */
#define DIALWARD_STATE_NEXT                    8u    /* u64, the first step (HOTP: counter) that is not spent */
#define DIALWARD_STATE_SEEN                    16u   /* u32, time of the last attempt that changed the state, modulo 2^32 */
#define DIALWARD_STATE_ELAPSED                 20u   /* 2 × u32, seconds from the last failure to STATE_SEEN, in the order of STATE_FAILURES */
#define DIALWARD_STATE_WRONG                   28u   /* u32, keyed hash of the last wrong proof; 0 is none */
#define DIALWARD_STATE_DOOR_STEP               32u   /* u16, the last right code of a wait: its step modulo 2^16 */
#define DIALWARD_STATE_DOOR_AGE                34u   /* u8, seconds from it to STATE_SEEN, at most 255 */
#define DIALWARD_STATE_DOOR                    35u   /* u8, bits 0 to 3: right codes of this wait; bits 4 to 7: looks in the two seconds of STATE_SEEN */
#define DIALWARD_STATE_SOURCES                 36u   /* 3 × u32, the last sources that were accepted; 0 is none */

/* Most bytes of a key as the host gives it: HOTP, TOTP: the shared secret; mOTP: secret in lower-case hexadecimal, then PIN. */
#define DIALWARD_KEY_BYTES                     64u
/* Most bytes of a static password, UTF-8. */
#define DIALWARD_PASSWORD_BYTES                32u
/* Most steps of one window: back + 1 + forward. There are two, around the clock and around the drifted clock. */
#define DIALWARD_WINDOW_STEPS                  64u

#define DIALWARD_FACTOR_TOTP                   1u
#define DIALWARD_FACTOR_HOTP                   2u
#define DIALWARD_FACTOR_MOTP                   3u

#define DIALWARD_ALGORITHM_SHA1                1u
#define DIALWARD_ALGORITHM_SHA256              2u
#define DIALWARD_ALGORITHM_SHA512              3u
#define DIALWARD_ALGORITHM_MD5                 4u

/* What a dial-in must show: the code; password and code in one; the password, then the code. */
#define DIALWARD_MODE_CODE                     1u
#define DIALWARD_MODE_PASSWORD_CODE            2u
#define DIALWARD_MODE_PASSWORD_THEN_CODE       3u

/* A profile that may log in; one switched off; a decoy, scanned in place of a user that does not exist. */
#define DIALWARD_STANDING_ENABLED              1u
#define DIALWARD_STANDING_DISABLED             2u
#define DIALWARD_STANDING_DECOY                3u

/* Dial-in types, as bits. TYPE_ANY allows them all, and is what a NAS without a known type sends as 0. */
#define DIALWARD_TYPE_IPSEC_XAUTH              1u
#define DIALWARD_TYPE_IKEV2_EAP                2u
#define DIALWARD_TYPE_SSL_VPN                  4u
#define DIALWARD_TYPE_OPENVPN                  8u
#define DIALWARD_TYPE_L2TP                     16u
#define DIALWARD_TYPE_PPTP                     32u
#define DIALWARD_TYPE_ANY                      63u

/* The enrolment form: a record with the key as given. enrol() checks it, condenses the key and wipes the form. */
#define DIALWARD_ENROLMENT_AT                  8192u

/* A request. verify() wipes it. */
#define DIALWARD_REQUEST_RECORD                0u    /* u16, 0 to RECORDS - 1 */
#define DIALWARD_REQUEST_PROOF                 2u    /* u8, PROOF_* */
#define DIALWARD_REQUEST_FLAGS                 3u    /* u8, bit set of FLAG_* */
#define DIALWARD_REQUEST_SOURCE                4u    /* u32, whence the user dials in, as a number of the host's; 0 is unknown */
#define DIALWARD_REQUEST_TIME                  8u    /* u64, seconds, below TIME_END */
#define DIALWARD_REQUEST_TYPE                  16u   /* u8, one of TYPE_*; 0 is unknown and passes */
#define DIALWARD_REQUEST_LENGTH                17u   /* u8, bytes of the clear text or of the CHAP challenge */
#define DIALWARD_REQUEST_CHAP_ID               18u   /* u8 */
#define DIALWARD_REQUEST_NAME_LENGTH           19u   /* u8, bytes */
#define DIALWARD_REQUEST_RESERVED              20u   /* u32, zero */
#define DIALWARD_REQUEST_TEXT                  24u   /* PROOF_CLEAR: up to TEXT_BYTES, what the user typed */
#define DIALWARD_REQUEST_RESPONSE              24u   /* PROOF_CHAP: 16 bytes; PROOF_MSCHAPV2: the NT-Response, 24 bytes */
#define DIALWARD_REQUEST_CHAP_CHALLENGE        40u   /* PROOF_CHAP: up to CHALLENGE_BYTES */
#define DIALWARD_REQUEST_CHALLENGE             48u   /* PROOF_MSCHAPV2: the authenticator's challenge, 16 bytes */
#define DIALWARD_REQUEST_PEER_CHALLENGE        64u   /* PROOF_MSCHAPV2: 16 bytes */
#define DIALWARD_REQUEST_NAME                  80u   /* PROOF_MSCHAPV2: up to NAME_BYTES, the name as the peer hashed it */

#define DIALWARD_PROOF_CLEAR                   1u
#define DIALWARD_PROOF_CHAP                    2u
#define DIALWARD_PROOF_MSCHAPV2                3u

/* The second step of MODE_PASSWORD_THEN_CODE: the password was right a moment ago, now comes the code. */
#define DIALWARD_FLAG_SECOND                   1u
/* A right code makes a pending profile active. */
#define DIALWARD_FLAG_ACTIVATE                 2u
/* The host found that the profile is not valid now (a date, an hour, a place): refused, at equal work. */
#define DIALWARD_FLAG_NOT_VALID                4u
/* The host has this caller wait: judged as in a wait of the user's own, so that its door lets the owner in. */
#define DIALWARD_FLAG_CALLER_WAITS             16u
/* generate(): the recovery code of number REQUEST_TIME in place of the device's code. */
#define DIALWARD_FLAG_RECOVERY                 8u

/* Recovery codes of a generation, numbered from 0. */
#define DIALWARD_RECOVERY_CODES                10u

#define DIALWARD_TEXT_BYTES                    64u
#define DIALWARD_CHALLENGE_BYTES               64u
#define DIALWARD_NAME_BYTES                    64u
/* Times from here on are refused: 2^35 s, the year 3058. */
#define DIALWARD_TIME_END                      34359738368ull

/* A result. */
#define DIALWARD_RESULT_VERDICT                0u    /* u8, VERDICT_* */
#define DIALWARD_RESULT_CODE_LENGTH            1u    /* u8, generate(): bytes of RESULT_CODE */
#define DIALWARD_RESULT_RESERVED               2u    /* u16, zero */
#define DIALWARD_RESULT_OFFSET                 4u    /* i32, steps from the clock's step (HOTP: from the counter) to the one that matched */
#define DIALWARD_RESULT_WAIT                   8u    /* u32, seconds until an attempt is considered; VERDICT_WAIT and after a failure */
#define DIALWARD_RESULT_CODE                   12u   /* generate(): ASCII, up to 8 bytes; a recovery code: 14 */
#define DIALWARD_RESULT_AUTHENTICATOR_RESPONSE 12u   /* MS-CHAPv2: 20 bytes (RFC 2759 section 8.7, before hexadecimal) */
#define DIALWARD_RESULT_MASTER_KEY             32u   /* MS-CHAPv2: 16 bytes (RFC 3079 section 3.4) */
#define DIALWARD_RESULT_SEND_KEY               48u   /* MS-CHAPv2: 16 bytes, the server's master send key */
#define DIALWARD_RESULT_RECEIVE_KEY            64u   /* MS-CHAPv2: 16 bytes, the server's master receive key */

#define DIALWARD_VERDICT_ACCEPT                1u
#define DIALWARD_VERDICT_CONTINUE              2u    /* the password was right: ask for the code */
#define DIALWARD_VERDICT_WRONG                 3u    /* no candidate matches, or the same proof was wrong a moment ago */
#define DIALWARD_VERDICT_SPENT                 4u    /* the code of the last accepted step, or of one before it; a used recovery code */
#define DIALWARD_VERDICT_WAIT                  5u    /* too many failures: a code alone is not enough now */
#define DIALWARD_VERDICT_PENDING               6u    /* the profile's first code has not been verified */
#define DIALWARD_VERDICT_DISABLED              7u
#define DIALWARD_VERDICT_TYPE                  8u    /* the profile is not allowed on this dial-in type */
#define DIALWARD_VERDICT_UNKNOWN               9u    /* a decoy */
#define DIALWARD_VERDICT_BAD_RECORD            10u   /* the record is not one that enrol made */
#define DIALWARD_VERDICT_BAD_REQUEST           11u   /* a field of the request is out of range */
#define DIALWARD_VERDICT_RECOVERED             12u   /* a recovery code, and now used: let in, as by VERDICT_ACCEPT */
#define DIALWARD_VERDICT_NOT_VALID             13u   /* FLAG_NOT_VALID */

/* What a verb returns: 0, or the first thing that is wrong. */
#define DIALWARD_STATUS_OK                     0u
#define DIALWARD_STATUS_COUNT                  1u    /* more than REQUESTS */
#define DIALWARD_STATUS_INDEX                  2u    /* no such record */
#define DIALWARD_STATUS_FACTOR                 3u
#define DIALWARD_STATUS_ALGORITHM              4u
#define DIALWARD_STATUS_DIGITS                 5u
#define DIALWARD_STATUS_MODE                   6u
#define DIALWARD_STATUS_TYPES                  7u
#define DIALWARD_STATUS_STANDING               8u
#define DIALWARD_STATUS_KEY                    9u    /* length, or for mOTP also a character */
#define DIALWARD_STATUS_PASSWORD               10u   /* length, or none where the mode needs one */
#define DIALWARD_STATUS_PERIOD                 11u
#define DIALWARD_STATUS_WINDOW                 12u   /* back, forward or drift bound */
#define DIALWARD_STATUS_STATE                  13u
#define DIALWARD_STATUS_SELF_TEST              14u   /* a known answer came out wrong: do not use this module here */

/*
 * Guessing: the policy, once for every host.
 * Failures that cost no wait.
 */
#define DIALWARD_FREE_FAILURES                 5u
/* The wait after failure FREE_FAILURES, in seconds; each further failure doubles it. */
#define DIALWARD_FIRST_WAIT_SECONDS            30u
/* The longest wait, and the time after which one failure is forgotten, in seconds; longer where a guess has better chances: */
#define DIALWARD_LONGEST_WAIT_SECONDS          43200u
/* at least so many seconds for each candidate of a million codes. */
#define DIALWARD_CANDIDATE_WAIT_SECONDS        14400u
/* Failures that are counted: the next one would add nothing to the wait. */
#define DIALWARD_MOST_FAILURES                 21u
/* During a wait so many proofs are looked at in two seconds. */
#define DIALWARD_DOOR_LOOKS                    3u
/* So many right codes, one after the other as a device shows them, end it. */
#define DIALWARD_DOOR_CODES                    3u
/* Seconds in which the next right code must follow. */
#define DIALWARD_DOOR_SECONDS                  120u

/* What a host puts into the form where the administrator says nothing. */
#define DIALWARD_DEFAULT_DIGITS                6u
#define DIALWARD_DEFAULT_PERIOD_SECONDS        30u
#define DIALWARD_MOTP_PERIOD_SECONDS           10u
#define DIALWARD_DEFAULT_TOTP_STEPS            1u    /* back and forward */
#define DIALWARD_DEFAULT_MOTP_STEPS            6u    /* back and forward: 60 s */
#define DIALWARD_DEFAULT_HOTP_AHEAD            10u   /* forward only */
#define DIALWARD_DEFAULT_TOTP_DRIFT_STEPS      4u    /* 120 s */
#define DIALWARD_DEFAULT_MOTP_DRIFT_STEPS      12u   /* 120 s */

/* The engine: three functions that a host fills in for its way of running the module. */

/* The verbs, and for each its name in the module and its number of arguments: X(verb, name, arguments). */
#define DIALWARD_VERBS(X) \
  X(DIALWARD_CALL_VERSION, version, 0) \
  X(DIALWARD_CALL_FEATURES, features, 0) \
  X(DIALWARD_CALL_SELF_TEST, selfTest, 0) \
  X(DIALWARD_CALL_ENROL, enrol, 2) \
  X(DIALWARD_CALL_VERIFY, verify, 1) \
  X(DIALWARD_CALL_GENERATE, generate, 1) \
  X(DIALWARD_CALL_UNLOCK, unlock, 1) \
  X(DIALWARD_CALL_WIPE, wipe, 0)
#define DIALWARD_VERB(verb, name, arguments) verb,
enum dialward_verb { DIALWARD_VERBS(DIALWARD_VERB) DIALWARD_CALLS };

/* What dialward_call returns if the engine stopped the module. It never should: use the module no more. */
#define DIALWARD_TRAPPED 0xffffffffu

/* Calls a verb and returns what it returns; arguments that it does not have are 0. */
uint32_t dialward_call(enum dialward_verb verb, uint32_t first, uint32_t second);
/* Copies `length` bytes of the page, from address `at` on, to or from the host's memory. */
void dialward_read(uint32_t at, void *bytes, uint32_t length);
void dialward_write(uint32_t at, const void *bytes, uint32_t length);

/* The verbs as functions. */

/* ABI_VERSION of the module. */
static inline uint32_t dialward_version(void) {
  return dialward_call(DIALWARD_CALL_VERSION, 0, 0);
}

/* Bit set of FEATURE_*. */
static inline uint32_t dialward_features(void) {
  return dialward_call(DIALWARD_CALL_FEATURES, 0, 0);
}

/* Runs the RFCs' known answers through the other verbs; wipes everything, before and after. STATUS_SELF_TEST: do not use. */
static inline uint32_t dialward_self_test(void) {
  return dialward_call(DIALWARD_CALL_SELF_TEST, 0, 0);
}

/*
 * Makes record `index` of the form at ENROLMENT_AT and wipes the form. keep = 1: the record's state stays (a change of
 * policy or key); keep = 0: a new state, of which the form says STATE_ACTIVE and STATE_NEXT. On an error nothing changes.
 */
static inline uint32_t dialward_enrol(uint32_t index, uint32_t keep) {
  return dialward_call(DIALWARD_CALL_ENROL, index, keep);
}

/* Verifies the first `count` requests in order, fills as many results, changes the states of their records. */
static inline uint32_t dialward_verify(uint32_t count) {
  return dialward_call(DIALWARD_CALL_VERIFY, count, 0);
}

/* Codes for the first `count` requests, of which REQUEST_RECORD and REQUEST_TIME count (HOTP: codes ahead). */
static inline uint32_t dialward_generate(uint32_t count) {
  return dialward_call(DIALWARD_CALL_GENERATE, count, 0);
}

/* Ends the waiting time of record `index`. */
static inline uint32_t dialward_unlock(uint32_t index) {
  return dialward_call(DIALWARD_CALL_UNLOCK, index, 0);
}

/* Zeroes everything but the constants. */
static inline uint32_t dialward_wipe(void) {
  return dialward_call(DIALWARD_CALL_WIPE, 0, 0);
}

#ifdef __cplusplus
}
#endif

#endif

