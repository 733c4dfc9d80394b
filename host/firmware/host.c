/* The reference host: profiles resident in the page, and their states in the spent log. */
#include "bytes.h"
#include "host.h"

#include <string.h>

#define STATE_AT(record) (DIALWARD_RECORDS_AT + (record) * DIALWARD_RECORD_BYTES + DIALWARD_RECORD_STATE)

static uint64_t ids[DIALWARD_RECORDS];      /* whose profile a record holds; 0 is none */
static uint8_t restored[DIALWARD_RECORDS];  /* whether it has its state */
static uint8_t damaged[DIALWARD_RECORDS];   /* whether that is damaged */
static uint8_t before[DIALWARD_REQUESTS][DIALWARD_STATE_BYTES];    /* the states that a batch may change */
static uint8_t entries[DIALWARD_REQUESTS][DIALWARD_ENTRY_BYTES];   /* those that it has changed */
static uint8_t broken;                      /* the engine gave wrong answers */

/* Zeroes what no one reads any more; through a pointer that it cannot know, the compiler must not leave it out. */
static void *(*const volatile set)(void *, int, size_t) = memset;
static void wipe(void *at, uint32_t length) { set(at, 0, length); }

/* The engine is not trusted any more: nothing of what lies in the page is left there. */
static enum dialward_error give_up(void) {
  static const uint8_t zeros[64];
  broken = 1;
  for (uint32_t at = DIALWARD_REQUESTS_AT; at < DIALWARD_PAGE_BYTES; at += sizeof zeros) dialward_write(at, zeros, sizeof zeros);
  wipe(before, sizeof before);
  return DIALWARD_BAD_ENGINE;
}

uint32_t dialward_put(uint32_t record, const struct dialward_profile *profile) {
  uint8_t form[DIALWARD_RECORD_BYTES] = {
      [DIALWARD_RECORD_FACTOR] = profile->factor,         [DIALWARD_RECORD_ALGORITHM] = profile->algorithm,
      [DIALWARD_RECORD_DIGITS] = profile->digits,         [DIALWARD_RECORD_MODE] = profile->mode,
      [DIALWARD_RECORD_TYPES] = profile->types,           [DIALWARD_RECORD_STANDING] = profile->standing,
      [DIALWARD_RECORD_KEY_LENGTH] = profile->key_length, [DIALWARD_RECORD_PASSWORD_LENGTH] = profile->password_length,
      [DIALWARD_RECORD_RECOVERY] = profile->recovery,
      [DIALWARD_RECORD_STATE + DIALWARD_STATE_ACTIVE] = profile->active};
  if (record >= DIALWARD_RECORDS || broken) return DIALWARD_STATUS_INDEX;
  if (profile->id == 0 || profile->id == DIALWARD_ID_OWN) return DIALWARD_STATUS_ID;
  for (uint32_t other = 0; other < DIALWARD_NOBODY; other++) {
    if (record < DIALWARD_NOBODY && other != record && ids[other] == profile->id) return DIALWARD_STATUS_ID;
  }
  put(form + DIALWARD_RECORD_PERIOD, profile->period, 4);
  put(form + DIALWARD_RECORD_T0, profile->t0, 4);
  put(form + DIALWARD_RECORD_BACK, profile->back, 2);
  put(form + DIALWARD_RECORD_FORWARD, profile->forward, 2);
  put(form + DIALWARD_RECORD_DRIFT_BOUND, profile->drift_bound, 2);
  memcpy(form + DIALWARD_RECORD_KEY, profile->key, DIALWARD_KEY_BYTES);
  memcpy(form + DIALWARD_RECORD_PASSWORD, profile->password, DIALWARD_PASSWORD_BYTES);
  put(form + DIALWARD_RECORD_STATE + DIALWARD_STATE_NEXT, profile->counter, 8);
  dialward_write(DIALWARD_ENROLMENT_AT, form, sizeof form);
  wipe(form, sizeof form);
  int same = ids[record] == profile->id;
  uint32_t status = dialward_enrol(record, same ? 1 : 0);
  if (status == DIALWARD_TRAPPED) give_up();
  if (status != DIALWARD_STATUS_OK || same) return status;
  ids[record] = profile->id;
  restored[record] = damaged[record] = 0;
  return status;
}

/* Nothing matches a decoy, so its key need not be secret. */
static uint32_t put_decoy(uint32_t record, uint64_t id) {
  struct dialward_profile nobody;
  dialward_defaults(&nobody, DIALWARD_FACTOR_TOTP);
  nobody.standing = DIALWARD_STANDING_DECOY;
  nobody.key_length = 20;
  nobody.active = 1;
  nobody.id = id;
  return dialward_put(record, &nobody);
}

void dialward_remove(uint32_t record) {
  if (record >= DIALWARD_NOBODY || ids[record] == 0) return;
  ids[record] = 0;
  put_decoy(record, DIALWARD_ID_OWN - 1 - record);
  ids[record] = 0;
}

enum dialward_error dialward_start(uint32_t features) {
  memset(ids, 0, sizeof ids);
  memset(restored, 0, sizeof restored);
  if (broken || dialward_version() != DIALWARD_ABI_VERSION || (features & ~dialward_features()) != 0) return give_up();
  if (dialward_self_test() != DIALWARD_STATUS_OK) return give_up();
  return put_decoy(DIALWARD_NOBODY, 1) == DIALWARD_STATUS_OK ? DIALWARD_DONE : give_up();
}

enum dialward_error dialward_restore(void) {
  uint8_t state[DIALWARD_STATE_BYTES];
  if (broken) return DIALWARD_BAD_ENGINE;
  for (uint32_t record = 0; record < DIALWARD_NOBODY; record++) {
    if (ids[record] == 0 || restored[record]) continue;
    enum dialward_log_state found = dialward_log_look(ids[record], state);
    if (found == DIALWARD_LOG_KNOWN) dialward_write(STATE_AT(record), state, sizeof state);
    damaged[record] = found == DIALWARD_LOG_DAMAGED;
    restored[record] = 1;
  }
  restored[DIALWARD_NOBODY] = 1;
  return DIALWARD_DONE;
}

void dialward_unsettle(uint64_t id) {
  for (uint32_t record = 0; record < DIALWARD_NOBODY; record++) {
    if (ids[record] == id) restored[record] = 0;
  }
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static void lay_out(const struct dialward_dialin *dial_in, uint8_t request[DIALWARD_REQUEST_BYTES]) {
  request[DIALWARD_REQUEST_PROOF] = dial_in->proof;
  request[DIALWARD_REQUEST_TYPE] = dial_in->type;
  request[DIALWARD_REQUEST_LENGTH] = (uint8_t)least(dial_in->length, 255);
  if (dial_in->proof == DIALWARD_PROOF_CLEAR) {
    memcpy(request + DIALWARD_REQUEST_TEXT, dial_in->text, least(dial_in->length, DIALWARD_TEXT_BYTES));
  } else if (dial_in->proof == DIALWARD_PROOF_CHAP) {
    request[DIALWARD_REQUEST_CHAP_ID] = dial_in->chap_id;
    memcpy(request + DIALWARD_REQUEST_RESPONSE, dial_in->response, 16);
    memcpy(request + DIALWARD_REQUEST_CHAP_CHALLENGE, dial_in->challenge, least(dial_in->length, DIALWARD_CHALLENGE_BYTES));
  } else if (dial_in->proof == DIALWARD_PROOF_MSCHAPV2) {
    request[DIALWARD_REQUEST_NAME_LENGTH] = (uint8_t)least(dial_in->name_length, 255);
    memcpy(request + DIALWARD_REQUEST_RESPONSE, dial_in->response, 24);
    memcpy(request + DIALWARD_REQUEST_CHALLENGE, dial_in->challenge, 16);
    memcpy(request + DIALWARD_REQUEST_PEER_CHALLENGE, dial_in->peer_challenge, 16);
    memcpy(request + DIALWARD_REQUEST_NAME, dial_in->name, least(dial_in->name_length, DIALWARD_NAME_BYTES));
  }
}

static void ask(uint32_t r, const struct dialward_dialin *dial_in, uint64_t time) {
  uint8_t request[DIALWARD_REQUEST_BYTES] = {0};
  if (dial_in->laid_out) memcpy(request, dial_in->laid_out, sizeof request);
  else lay_out(dial_in, request);
  request[DIALWARD_REQUEST_FLAGS] |= dial_in->flags;
  put(request + DIALWARD_REQUEST_RECORD, dial_in->record, 2);
  put(request + DIALWARD_REQUEST_SOURCE, dial_in->source, 4);
  put(request + DIALWARD_REQUEST_TIME, time, 8);
  dialward_write(DIALWARD_REQUESTS_AT + r * DIALWARD_REQUEST_BYTES, request, sizeof request);
  wipe(request, sizeof request);
}

static void answer(uint32_t r, struct dialward_verdict *verdict) {
  uint8_t result[DIALWARD_RESULT_BYTES];
  dialward_read(DIALWARD_RESULTS_AT + r * DIALWARD_RESULT_BYTES, result, sizeof result);
  verdict->verdict = result[DIALWARD_RESULT_VERDICT];
  verdict->offset = (int32_t)get(result + DIALWARD_RESULT_OFFSET, 4);
  verdict->wait = (uint32_t)get(result + DIALWARD_RESULT_WAIT, 4);
  memcpy(verdict->authenticator_response, result + DIALWARD_RESULT_AUTHENTICATOR_RESPONSE, 20);
  memcpy(verdict->send_key, result + DIALWARD_RESULT_SEND_KEY, 16);
  memcpy(verdict->receive_key, result + DIALWARD_RESULT_RECEIVE_KEY, 16);
  wipe(result, sizeof result);
  dialward_write(DIALWARD_RESULTS_AT + r * DIALWARD_RESULT_BYTES, result, sizeof result);
}

/* Appends the states of records that differ from what they were; one that is named twice once. Where that fails they
 * are put back: what is not in flash was not. */
static enum dialward_error save(const uint16_t *records, uint32_t count) {
  uint32_t changed = 0;
  for (uint32_t r = 0; r < count; r++) {
    uint32_t first = 0;
    while (records[first] != records[r]) first++;
    uint8_t *entry = entries[changed];
    if (first != r || records[r] == DIALWARD_NOBODY) continue;
    dialward_read(STATE_AT(records[r]), entry + DIALWARD_ENTRY_STATE, DIALWARD_STATE_BYTES);
    if (memcmp(before[r], entry + DIALWARD_ENTRY_STATE, DIALWARD_STATE_BYTES) == 0) continue;
    put(entry + DIALWARD_ENTRY_REVISION, 1, 4);
    put(entry + DIALWARD_ENTRY_ID, ids[records[r]], 8);
    changed++;
  }
  enum dialward_error error = dialward_log_append(entries[0], changed);
  for (uint32_t r = 0; error != DIALWARD_DONE && r < count; r++) {
    dialward_write(STATE_AT((uint32_t)records[r]), before[r], DIALWARD_STATE_BYTES);
  }
  return error;
}

enum dialward_error dialward_judge(const struct dialward_dialin *dial_ins, uint32_t count, uint64_t time,
                                   struct dialward_verdict *verdicts) {
  uint16_t records[DIALWARD_REQUESTS] = {0};
  memset(verdicts, 0, count * sizeof *verdicts);
  if (broken) return DIALWARD_BAD_ENGINE;
  if (time < DIALWARD_NOT_BEFORE) return DIALWARD_NO_CLOCK;
  if (count > DIALWARD_REQUESTS) return DIALWARD_BAD_CALL;
  for (uint32_t r = 0; r < count; r++) {
    if (dial_ins[r].record > DIALWARD_NOBODY || !restored[dial_ins[r].record]) return DIALWARD_BAD_CALL;
  }
  for (uint32_t r = 0; r < count; r++) {
    struct dialward_dialin one = dial_ins[r];
    if (damaged[one.record]) one.record = DIALWARD_NOBODY; /* the same work */
    records[r] = one.record;
    dialward_read(STATE_AT((uint32_t)one.record), before[r], DIALWARD_STATE_BYTES);
    ask(r, &one, time);
  }
  if (dialward_verify(count) != DIALWARD_STATUS_OK) return give_up();
  for (uint32_t r = 0; r < count; r++) {
    answer(r, &verdicts[r]);
    if (damaged[dial_ins[r].record]) verdicts[r].verdict = DIALWARD_VERDICT_DAMAGED;
  }
  enum dialward_error error = save(records, count);
  if (error != DIALWARD_DONE) wipe(verdicts, count * (uint32_t)sizeof *verdicts);
  return error;
}

enum dialward_error dialward_forgive(uint32_t record) {
  uint16_t one = (uint16_t)record;
  if (broken) return DIALWARD_BAD_ENGINE;
  if (record >= DIALWARD_NOBODY || !restored[record] || damaged[record]) return DIALWARD_BAD_CALL;
  dialward_read(STATE_AT(record), before[0], DIALWARD_STATE_BYTES);
  return dialward_unlock(record) == DIALWARD_STATUS_OK ? save(&one, 1) : give_up();
}
