/* The reference host: profiles resident in the page, and their states in two slots of flash. */
#include "host.h"

#include <string.h>

#define MAGIC 0x31535744u /* "DWS1" */
#define STATE_AT(record) (DIALWARD_RECORDS_AT + (record) * DIALWARD_RECORD_BYTES + DIALWARD_RECORD_STATE)

static uint64_t ids[DIALWARD_RECORDS];                          /* whose profile a record holds; 0 is none */
static uint8_t before[DIALWARD_REQUESTS][DIALWARD_STATE_BYTES]; /* the states that a batch may change */
static uint32_t sequence, current;                              /* of the slot that holds the states; which it is */
static uint8_t unsaved;                                         /* a write has failed */

/* Zeroes what no one reads any more; the compiler must not leave it out. */
static void wipe(void *at, uint32_t length) {
  for (volatile uint8_t *byte = at; length > 0; length--) *byte++ = 0;
}

/* Numbers in little-endian bytes, on every processor. */
static void put(uint8_t *to, uint64_t number, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) to[i] = (uint8_t)(number >> (8 * i));
}
static uint64_t get(const uint8_t *from, uint32_t bytes) {
  uint64_t number = 0;
  while (bytes-- > 0) number = number << 8 | from[bytes];
  return number;
}

/* CRC-32 of ISO 3309, bit by bit. */
static uint32_t checksum(uint32_t crc, const uint8_t *bytes, uint32_t length) {
  crc = ~crc;
  for (uint32_t i = 0; i < 8 * length; i++) crc = crc >> 1 ^ (0xedb88320 & (0 - ((crc ^ bytes[i / 8] >> i % 8) & 1)));
  return ~crc;
}

/* A slot: magic, sequence, entries, checksum of all else; then the entries. The header is written last: until then the
 * slot does not count, and the other one holds. */
static enum dialward_error save(void) {
  uint8_t header[DIALWARD_SLOT_HEADER], entry[DIALWARD_SLOT_ENTRY];
  uint32_t slot = sequence == 0 ? 0 : 1 - current, at = DIALWARD_SLOT_HEADER, crc = 0;
  unsaved = 1;
  if (dialward_flash_erase(slot) != 0) return DIALWARD_NO_FLASH;
  for (uint32_t record = 0; record < DIALWARD_NOBODY; record++) {
    if (ids[record] == 0) continue;
    put(entry, ids[record], 8);
    dialward_read(STATE_AT(record), entry + 8, DIALWARD_STATE_BYTES);
    crc = checksum(crc, entry, sizeof entry);
    if (dialward_flash_write(slot, at, entry, sizeof entry) != 0) return DIALWARD_NO_FLASH;
    at += sizeof entry;
  }
  put(header, MAGIC, 4);
  put(header + 4, sequence + 1, 4);
  put(header + 8, (at - DIALWARD_SLOT_HEADER) / DIALWARD_SLOT_ENTRY, 4);
  put(header + 12, checksum(crc, header, 12), 4);
  if (dialward_flash_write(slot, 0, header, sizeof header) != 0 || dialward_flash_sync(slot) != 0) return DIALWARD_NO_FLASH;
  current = slot;
  sequence++;
  unsaved = 0;
  return DIALWARD_DONE;
}

/* The sequence number of a slot that is whole; 0 if it is not. `written` becomes 1 if it has ever been. With `use` its
 * states go into the page. */
static uint32_t check(uint32_t slot, int use, int *written) {
  uint8_t header[DIALWARD_SLOT_HEADER], entry[DIALWARD_SLOT_ENTRY];
  uint32_t entries, crc = 0;
  if (dialward_flash_read(slot, 0, header, sizeof header) != 0 || get(header, 4) != MAGIC) return 0;
  *written = 1;
  entries = (uint32_t)get(header + 8, 4);
  if (entries > DIALWARD_RECORDS) return 0;
  for (uint32_t i = 0; i < entries; i++) {
    if (dialward_flash_read(slot, DIALWARD_SLOT_HEADER + i * sizeof entry, entry, sizeof entry) != 0) return 0;
    crc = checksum(crc, entry, sizeof entry);
    for (uint32_t record = 0; use && record < DIALWARD_NOBODY; record++) {
      if (ids[record] == get(entry, 8)) dialward_write(STATE_AT(record), entry + 8, DIALWARD_STATE_BYTES);
    }
  }
  return checksum(crc, header, 12) == get(header + 12, 4) ? (uint32_t)get(header + 4, 4) : 0;
}

enum dialward_error dialward_restore(void) {
  int written = 0;
  uint32_t zero = check(0, 0, &written), one = check(1, 0, &written);
  current = one > zero;
  sequence = current ? one : zero;
  unsaved = 0;
  if (sequence == 0) return written ? DIALWARD_LOST : DIALWARD_DONE;
  return check(current, 1, &written) == sequence ? DIALWARD_DONE : DIALWARD_LOST;
}

uint32_t dialward_writes(void) { return sequence; }

void dialward_defaults(struct dialward_profile *profile, uint8_t factor) {
  int motp = factor == DIALWARD_FACTOR_MOTP, hotp = factor == DIALWARD_FACTOR_HOTP;
  memset(profile, 0, sizeof *profile);
  profile->factor = factor;
  profile->algorithm = motp ? DIALWARD_ALGORITHM_MD5 : DIALWARD_ALGORITHM_SHA1;
  profile->digits = DIALWARD_DEFAULT_DIGITS;
  profile->mode = DIALWARD_MODE_CODE;
  profile->types = DIALWARD_TYPE_ANY;
  profile->standing = DIALWARD_STANDING_ENABLED;
  profile->period = motp ? DIALWARD_MOTP_PERIOD_SECONDS : hotp ? 1 : DIALWARD_DEFAULT_PERIOD_SECONDS;
  profile->back = hotp ? 0 : motp ? DIALWARD_DEFAULT_MOTP_STEPS : DIALWARD_DEFAULT_TOTP_STEPS;
  profile->forward = hotp ? DIALWARD_DEFAULT_HOTP_AHEAD : profile->back;
  profile->drift_bound = hotp ? 0 : motp ? DIALWARD_DEFAULT_MOTP_DRIFT_STEPS : DIALWARD_DEFAULT_TOTP_DRIFT_STEPS;
}

/* FNV-1a with 64 bits, over the name, and a blank and the token where there is one. */
uint64_t dialward_id(const char *name, const char *token) {
  uint64_t id = 0xcbf29ce484222325ull;
  for (; *name; name++) id = (id ^ (uint8_t)*name) * 0x100000001b3ull;
  if (*token) id = (id ^ ' ') * 0x100000001b3ull;
  for (; *token; token++) id = (id ^ (uint8_t)*token) * 0x100000001b3ull;
  return id;
}

uint32_t dialward_put(uint32_t record, const struct dialward_profile *profile) {
  uint8_t form[DIALWARD_RECORD_BYTES] = {
      [DIALWARD_RECORD_FACTOR] = profile->factor,         [DIALWARD_RECORD_ALGORITHM] = profile->algorithm,
      [DIALWARD_RECORD_DIGITS] = profile->digits,         [DIALWARD_RECORD_MODE] = profile->mode,
      [DIALWARD_RECORD_TYPES] = profile->types,           [DIALWARD_RECORD_STANDING] = profile->standing,
      [DIALWARD_RECORD_KEY_LENGTH] = profile->key_length, [DIALWARD_RECORD_PASSWORD_LENGTH] = profile->password_length,
      [DIALWARD_RECORD_STATE + DIALWARD_STATE_ACTIVE] = profile->active};
  if (record >= DIALWARD_RECORDS) return DIALWARD_STATUS_INDEX;
  if (profile->id == 0) return DIALWARD_STATUS_ID;
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
  uint32_t status = dialward_enrol(record, ids[record] == profile->id);
  if (status == DIALWARD_STATUS_OK) ids[record] = profile->id;
  return status;
}

enum dialward_error dialward_start(uint32_t features) {
  struct dialward_profile nobody;
  sequence = current = unsaved = 0;
  memset(ids, 0, sizeof ids);
  if (dialward_version() != DIALWARD_ABI_VERSION || (features & ~dialward_features()) != 0) return DIALWARD_BAD_ENGINE;
  if (dialward_self_test() != DIALWARD_STATUS_OK) return DIALWARD_BAD_ENGINE;
  /* Nothing matches a decoy, so its key need not be secret. */
  dialward_defaults(&nobody, DIALWARD_FACTOR_TOTP);
  nobody.standing = DIALWARD_STANDING_DECOY;
  nobody.key_length = 20;
  nobody.active = nobody.id = 1;
  return dialward_put(DIALWARD_NOBODY, &nobody) == DIALWARD_STATUS_OK ? DIALWARD_DONE : DIALWARD_BAD_ENGINE;
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static void ask(uint32_t r, const struct dialward_dialin *dial_in, uint64_t time) {
  uint8_t request[DIALWARD_REQUEST_BYTES] = {
      [DIALWARD_REQUEST_PROOF] = dial_in->proof, [DIALWARD_REQUEST_FLAGS] = dial_in->flags,
      [DIALWARD_REQUEST_TYPE] = dial_in->type,   [DIALWARD_REQUEST_LENGTH] = (uint8_t)least(dial_in->length, 255)};
  put(request + DIALWARD_REQUEST_RECORD, dial_in->record, 2);
  put(request + DIALWARD_REQUEST_SOURCE, dial_in->source, 4);
  put(request + DIALWARD_REQUEST_TIME, time, 8);
  if (dial_in->proof == DIALWARD_PROOF_CLEAR) {
    memcpy(request + DIALWARD_REQUEST_TEXT, dial_in->text, least(dial_in->length, DIALWARD_TEXT_BYTES));
  } else if (dial_in->proof == DIALWARD_PROOF_CHAP) {
    request[DIALWARD_REQUEST_CHAP_ID] = dial_in->chap_id;
    memcpy(request + DIALWARD_REQUEST_RESPONSE, dial_in->response, 16);
    memcpy(request + DIALWARD_REQUEST_CHALLENGE, dial_in->challenge, least(dial_in->length, DIALWARD_CHALLENGE_BYTES));
  } else if (dial_in->proof == DIALWARD_PROOF_MSCHAPV2) {
    request[DIALWARD_REQUEST_NAME_LENGTH] = (uint8_t)least(dial_in->name_length, 255);
    memcpy(request + DIALWARD_REQUEST_RESPONSE, dial_in->response, 24);
    memcpy(request + DIALWARD_REQUEST_CHALLENGE, dial_in->challenge, 16);
    memcpy(request + DIALWARD_REQUEST_PEER_CHALLENGE, dial_in->peer_challenge, 16);
    memcpy(request + DIALWARD_REQUEST_NAME, dial_in->name, least(dial_in->name_length, DIALWARD_NAME_BYTES));
  }
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

enum dialward_error dialward_judge(const struct dialward_dialin *dial_ins, uint32_t count, uint64_t time,
                                   struct dialward_verdict *verdicts) {
  enum dialward_error error = DIALWARD_DONE;
  uint8_t changed = unsaved, after[DIALWARD_STATE_BYTES];
  memset(verdicts, 0, count * sizeof *verdicts);
  if (time < DIALWARD_NOT_BEFORE) return DIALWARD_NO_CLOCK;
  if (count > DIALWARD_REQUESTS) return DIALWARD_BAD_ENGINE;
  for (uint32_t r = 0; r < count; r++) {
    dialward_read(STATE_AT(least(dial_ins[r].record, DIALWARD_NOBODY)), before[r], DIALWARD_STATE_BYTES);
    ask(r, &dial_ins[r], time);
  }
  if (dialward_verify(count) != DIALWARD_STATUS_OK) return DIALWARD_BAD_ENGINE;
  for (uint32_t r = 0; r < count; r++) {
    dialward_read(STATE_AT(least(dial_ins[r].record, DIALWARD_NOBODY)), after, DIALWARD_STATE_BYTES);
    changed |= memcmp(before[r], after, DIALWARD_STATE_BYTES) != 0;
    answer(r, &verdicts[r]);
  }
  if (changed) error = save();
  if (error != DIALWARD_DONE) memset(verdicts, 0, count * sizeof *verdicts);
  return error;
}

enum dialward_error dialward_forgive(uint32_t record) {
  return dialward_unlock(record) == DIALWARD_STATUS_OK ? save() : DIALWARD_BAD_ENGINE;
}
