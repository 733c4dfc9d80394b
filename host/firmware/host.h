/* A small host for a firmware: users stay enrolled in the page, dial-ins are verified in batches, and the states go to
 * flash before an answer leaves. C99, no allocation; string.h is all it needs. The rules stand in dialward.h. */
#ifndef DIALWARD_HOST_H
#define DIALWARD_HOST_H
#include "dialward.h"

/* Seconds since 1970 before which the clock is not believed. Give the time of the build. */
#ifndef DIALWARD_NOT_BEFORE
#define DIALWARD_NOT_BEFORE 1767225600u
#endif

enum dialward_error {
  DIALWARD_DONE,
  DIALWARD_BAD_ENGINE, /* another version, no such proof, a failed self-test or a trap: do not use the module */
  DIALWARD_NO_CLOCK,   /* the time is before DIALWARD_NOT_BEFORE: refuse all */
  DIALWARD_NO_FLASH,   /* the states could not be written: refuse; the next call tries again */
  DIALWARD_LOST        /* both slots are damaged: see dialward_restore */
};

/* What the administrator decides about a user. */
struct dialward_profile {
  uint64_t id; /* the user and their token, for good: a state in flash is found by it; not 0 */
  uint8_t factor, algorithm, digits, mode, types, standing;
  uint8_t active; /* a new state: 1 if no first code is to be asked for */
  uint8_t key_length, password_length;
  uint16_t back, forward, drift_bound;
  uint32_t period, t0;
  uint64_t counter; /* a new state: HOTP's */
  uint8_t key[DIALWARD_KEY_BYTES], password[DIALWARD_PASSWORD_BYTES];
};

/* One dial-in. Pointers go to what came from the peer; lengths in bytes. */
struct dialward_dialin {
  uint16_t record; /* DIALWARD_NOBODY for a name that is not known */
  uint8_t proof, flags, type, chap_id;
  uint32_t source, length, name_length; /* length: of the text, or of the CHAP challenge */
  const uint8_t *text;                  /* PROOF_CLEAR: what was typed */
  const uint8_t *response, *challenge, *peer_challenge, *name;
};

struct dialward_verdict {
  uint8_t verdict; /* DIALWARD_VERDICT_*; 0 if the call failed */
  int32_t offset;
  uint32_t wait;
  uint8_t authenticator_response[20], send_key[16], receive_key[16]; /* MS-CHAPv2 */
};

/* The record that stands for everybody who does not exist. */
#define DIALWARD_NOBODY (DIALWARD_RECORDS - 1)

/* Of dialward_put, beside the core's DIALWARD_STATUS_*: the id is 0, or another record has it. */
#define DIALWARD_STATUS_ID 256u

/* A slot: a header and, for each profile, its id and state. */
#define DIALWARD_SLOT_HEADER 16u
#define DIALWARD_SLOT_ENTRY (8u + DIALWARD_STATE_BYTES)
#define DIALWARD_SLOT_BYTES (DIALWARD_SLOT_HEADER + DIALWARD_RECORDS * DIALWARD_SLOT_ENTRY)

/* The flash, for the firmware to fill in: two slots, 0 and 1, of DIALWARD_SLOT_BYTES. Each answers 0, or -1 if it
 * failed. erase comes before the writes; sync returns when all lies safely. */
int dialward_flash_read(uint32_t slot, uint32_t at, void *bytes, uint32_t length);
int dialward_flash_erase(uint32_t slot);
int dialward_flash_write(uint32_t slot, uint32_t at, const void *bytes, uint32_t length);
int dialward_flash_sync(uint32_t slot);

/* Checks the engine, empties the page and enrols nobody but DIALWARD_NOBODY. Needs the proofs of `features`. */
enum dialward_error dialward_start(uint32_t features);
/* The usual policy of a factor; id, key and its length are left to fill in. */
void dialward_defaults(struct dialward_profile *profile, uint8_t factor);
/* An id for a name and a token ("" for none), neither of which holds a blank: two pairs never give the same input. That
 * two of 254 give the same 64 bits by chance has odds of 1 in 5 * 10^14, and dialward_put refuses the second then. Not
 * for names that an attacker may choose. */
uint64_t dialward_id(const char *name, const char *token);
/* Enrols a profile at a record, 0 to DIALWARD_NOBODY - 1, with a new state, or, if that record has the same id
 * already, with the state that it has. Returns DIALWARD_STATUS_*, or DIALWARD_STATUS_ID and changes nothing where the id
 * is 0 or another record has it: two users with one id would share what is spent. */
uint32_t dialward_put(uint32_t record, const struct dialward_profile *profile);
/* After start and all the puts: gives every profile the state that flash has for its id. DIALWARD_LOST: something was
 * written once and cannot be read; codes may have been spent that nobody knows of. Wait the widest window out, set
 * HOTP counters by hand, then go on: the next write makes both slots good. */
enum dialward_error dialward_restore(void);
/* Verifies up to DIALWARD_REQUESTS dial-ins in order and writes the states once, if any has changed. `time` is seconds
 * since 1970. Fails as a whole: then every verdict is 0. */
enum dialward_error dialward_judge(const struct dialward_dialin *dial_ins, uint32_t count, uint64_t time,
                                   struct dialward_verdict *verdicts);
/* Forgets the failures of a record, and writes that. */
enum dialward_error dialward_forgive(uint32_t record);
/* How often the states were written in the life of this flash. */
uint32_t dialward_writes(void);

#endif
