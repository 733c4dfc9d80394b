/* A small host for a firmware: users stay enrolled in the page, dial-ins are verified in batches, and the states go to
 * flash before an answer leaves. C99, no allocation; string.h is all it needs. The rules stand in dialward.h. Not for
 * several threads, nor for interrupts. Pointers are never NULL but where it says so. */
#ifndef DIALWARD_HOST_H
#define DIALWARD_HOST_H
#include "dialward.h"
#include "spent-log.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds since 1970 before which the clock is not believed. Give the time of the build. */
#ifndef DIALWARD_NOT_BEFORE
#define DIALWARD_NOT_BEFORE 1767225600u
#endif

/* What the administrator decides about a user. Fill it in by dialward_defaults. */
struct dialward_profile {
  uint64_t id; /* the user and their token, for good: a state in flash is found by it; not 0, not DIALWARD_ID_OWN */
  uint8_t factor, algorithm, digits, mode, types, standing; /* dialward.h: DIALWARD_RECORD_* */
  uint8_t active; /* a new state: 1 if no first code is to be asked for */
  uint8_t key_length, password_length; /* bytes: 1 to DIALWARD_KEY_BYTES, 0 to DIALWARD_PASSWORD_BYTES */
  uint8_t recovery; /* generation of the recovery codes, 1 to 255; 0: there are none */
  uint16_t back, forward, drift_bound; /* steps */
  uint32_t period, t0;                 /* seconds */
  uint64_t counter;                    /* a new state: HOTP's */
  uint8_t key[DIALWARD_KEY_BYTES], password[DIALWARD_PASSWORD_BYTES];
};

/* One dial-in. Pointers go to what came from the peer, and are read only where `proof` is said. With `laid_out`, the proof
 * and the type as the core takes them (DIALWARD_REQUEST_BYTES), only record, flags and source are read beside it. */
struct dialward_dialin {
  uint16_t record; /* DIALWARD_NOBODY for a name that is not known */
  uint8_t proof, flags, type, chap_id; /* DIALWARD_PROOF_*, _FLAG_*, _TYPE_* or 0; CHAP's identifier */
  uint32_t source;                     /* whence, as a number of yours; 0: unknown */
  uint32_t length;                     /* bytes of `text`, or of CHAP's `challenge`; too long is refused, not clipped */
  uint32_t name_length;                /* bytes of `name` */
  const uint8_t *text;                 /* PROOF_CLEAR: what was typed, `length` bytes */
  const uint8_t *response;             /* PROOF_CHAP: 16 bytes; PROOF_MSCHAPV2: the NT-Response, 24 bytes */
  const uint8_t *challenge;            /* PROOF_CHAP: `length` bytes; PROOF_MSCHAPV2: 16 bytes */
  const uint8_t *peer_challenge;       /* PROOF_MSCHAPV2: 16 bytes */
  const uint8_t *name;                 /* PROOF_MSCHAPV2: the name as the peer hashed it, `name_length` bytes */
  const uint8_t *laid_out;             /* or NULL */
};

/* The answer to one. Wipe it when it is used: it holds keys. */
struct dialward_verdict {
  uint8_t verdict; /* DIALWARD_VERDICT_*; 0 if the call failed */
  int32_t offset;  /* steps */
  uint32_t wait;   /* seconds until an attempt is considered */
  uint8_t authenticator_response[20], send_key[16], receive_key[16]; /* MS-CHAPv2, where accepted */
};

/* Beside the core's verdicts: the user's state is damaged; see dialward_mend. */
#define DIALWARD_VERDICT_DAMAGED 64u

/* Whether a verdict lets the user in. */
static inline int dialward_lets_in(uint8_t verdict) {
  return verdict == DIALWARD_VERDICT_ACCEPT || verdict == DIALWARD_VERDICT_RECOVERED;
}

/* The record that stands for everybody who does not exist. */
#define DIALWARD_NOBODY (DIALWARD_RECORDS - 1)

/* Of dialward_put, beside the core's DIALWARD_STATUS_*: the id is not one, or another record has it. */
#define DIALWARD_STATUS_ID 256u

/* Checks the engine, empties the page and enrols nobody but DIALWARD_NOBODY. Needs the proofs of `features`, a bit set of
 * DIALWARD_FEATURE_*. Returns DIALWARD_DONE or DIALWARD_BAD_ENGINE. Once the latter was returned, by whatever call, it is
 * for good: the page is wiped, and every call returns it. */
enum dialward_error dialward_start(uint32_t features);

/* The usual policy of a factor, DIALWARD_FACTOR_*; id, key and its length are left to fill in. */
void dialward_defaults(struct dialward_profile *profile, uint8_t factor);

/* An id for a name and a token ("" for none), zero-terminated, neither of which holds a blank: two pairs never give the
 * same input. That two of 254 give the same 64 bits by chance has odds of 1 in 5 * 10^14, and dialward_put refuses the
 * second then. Not for names that an attacker may choose. */
uint64_t dialward_id(const char *name, const char *token);

/* Enrols a profile at a record, 0 to DIALWARD_NOBODY - 1, with a new state, or, if that record has the same id already,
 * with the state that it has. Returns DIALWARD_STATUS_*, or DIALWARD_STATUS_ID where the id is not one or another record
 * has it: two users with one id would share what is spent. On an error nothing changes. */
uint32_t dialward_put(uint32_t record, const struct dialward_profile *profile);

/* Makes a record, 0 to DIALWARD_NOBODY - 1, nobody's. What its user has spent stays in flash, for when it comes back. */
void dialward_remove(uint32_t record);

/* Gives every profile that was put since the last time the state that flash has for its id. After dialward_log_open and
 * the puts, after later puts and dialward_mend. dialward_judge refuses until then. Returns DIALWARD_DONE or _BAD_ENGINE. */
enum dialward_error dialward_restore(void);

/* Says that flash may have another state of an id than the page; dialward_restore is to look again. */
void dialward_unsettle(uint64_t id);

/* Verifies `count` dial-ins, up to DIALWARD_REQUESTS, in order, and appends the states that have changed, once each, to
 * the log. `time` is seconds since 1970; not from the peer. `verdicts` has room for `count`. Returns DIALWARD_DONE, or else
 * every verdict is 0, and nothing was accepted: _BAD_CALL (before dialward_restore, too many, no such record), _NO_CLOCK,
 * _NO_FLASH, _FULL, _BAD_ENGINE. */
enum dialward_error dialward_judge(const struct dialward_dialin *dial_ins, uint32_t count, uint64_t time,
                                   struct dialward_verdict *verdicts);

/* Forgets the failures of a record, and writes that. Returns as dialward_judge. */
enum dialward_error dialward_forgive(uint32_t record);

/* An administrator's way back for a user whose state is damaged: writes a new state for the profile's id, in which every
 * code that may be good at `time` counts as spent, so the user waits some minutes; of HOTP, all before the profile's
 * counter, which must be beyond what was used. Where the user is enrolled, dialward_restore comes next. Needs the log
 * alone, no engine. Returns DIALWARD_DONE, _BAD_CALL, _NO_CLOCK, _NO_FLASH or _FULL. */
enum dialward_error dialward_mend(const struct dialward_profile *profile, uint64_t time);

#ifdef __cplusplus
}
#endif
#endif
