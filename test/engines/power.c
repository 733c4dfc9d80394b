/* Cuts the power at every operation on the flash, before it, in its middle and after it, while a code is being spent.
 * After each restart: a code that was accepted is never accepted again, no slot is ever lost, and a code that was not
 * accepted still works. Also: what wears the flash. Prints "held" and the number of cuts. */
#include "host.h"

#include <stdio.h>
#include <string.h>

static uint8_t flash[2][DIALWARD_SLOT_BYTES];
static int operations, cut = -1, part; /* part: of a write, how much of it is done in quarters, when the cut comes */

/* Whether this operation is done in full; where the cut is, and after it, it is not. */
static int powered(void) {
  int this = operations++;
  return cut < 0 || this < cut;
}

int dialward_flash_read(uint32_t slot, uint32_t at, void *bytes, uint32_t length) {
  memcpy(bytes, flash[slot] + at, length);
  return 0;
}
int dialward_flash_erase(uint32_t slot) {
  int whole = powered();
  if (whole || operations - 1 == cut) memset(flash[slot], 255, whole ? sizeof flash[slot] : part * 20u);
  return whole ? 0 : -1;
}
int dialward_flash_write(uint32_t slot, uint32_t at, const void *bytes, uint32_t length) {
  int whole = powered();
  if (whole || operations - 1 == cut) memcpy(flash[slot] + at, bytes, whole ? length : length * part / 4);
  return whole ? 0 : -1;
}
int dialward_flash_sync(uint32_t slot) {
  (void)slot;
  return powered() ? 0 : -1;
}

#define CHECK(condition) \
  if (!(condition)) return printf("line %d: %s, cut %d, part %d\n", __LINE__, #condition, cut, part), 1

/* The host after power came back: two users, HOTP. */
static enum dialward_error boot(void) {
  struct dialward_profile profile;
  if (dialward_start(DIALWARD_FEATURE_CLEAR) != DIALWARD_DONE) return DIALWARD_BAD_ENGINE;
  for (uint32_t record = 0; record < 2; record++) {
    dialward_defaults(&profile, DIALWARD_FACTOR_HOTP);
    profile.id = 7 + record;
    profile.active = 1;
    profile.key_length = 20;
    memcpy(profile.key, "12345678901234567890", 20);
    /* The other way round the second time: a state is found by its id, not by its place. */
    if (dialward_put(operations % 2 ? record : 1 - record, &profile) != DIALWARD_STATUS_OK) return DIALWARD_BAD_ENGINE;
  }
  return dialward_restore();
}

static enum dialward_error say(uint64_t id, const char *code, uint8_t *verdict) {
  struct dialward_dialin dial_in = {.proof = DIALWARD_PROOF_CLEAR, .text = (const uint8_t *)code, .length = 6};
  struct dialward_verdict answer;
  dial_in.record = (uint16_t)(operations % 2 ? id - 7 : 8 - id);
  enum dialward_error error = dialward_judge(&dial_in, 1, DIALWARD_NOT_BEFORE, &answer);
  *verdict = answer.verdict;
  return error;
}

int main(void) {
  /* RFC 4226, appendix D. */
  static const char *const codes[] = {"755224", "287082", "359152", "969429", "338314"};
  uint8_t verdict;
  int cuts = 0, last = 0;
  for (cut = 0; cut <= last; cut++) {
    for (part = 0; part <= 4; part++, cuts++) {
      int target = cut, first;
      cut = -1;
      memset(flash, 255, sizeof flash);
      operations = 0;
      CHECK(boot() == DIALWARD_DONE && dialward_writes() == 0);
      CHECK(say(7, codes[0], &verdict) == DIALWARD_DONE && verdict == DIALWARD_VERDICT_ACCEPT);
      operations = 0;
      CHECK(boot() == DIALWARD_DONE);
      CHECK(say(7, codes[1], &verdict) == DIALWARD_DONE && verdict == DIALWARD_VERDICT_ACCEPT);
      CHECK(dialward_writes() == 2);

      operations = 0;
      CHECK(boot() == DIALWARD_DONE && dialward_writes() == 2);
      cut = target;
      enum dialward_error error = say(7, codes[2], &verdict);
      first = verdict == DIALWARD_VERDICT_ACCEPT;
      CHECK(first == (error == DIALWARD_DONE));
      if (last < operations) last = operations;

      cut = -1;
      operations = 1;
      CHECK(boot() == DIALWARD_DONE);
      CHECK(dialward_writes() == 2 || dialward_writes() == 3);
      CHECK(!first || dialward_writes() == 3);
      /* The second code was spent long ago, for this user alone. */
      CHECK(say(7, codes[1], &verdict) == DIALWARD_DONE && verdict != DIALWARD_VERDICT_ACCEPT);
      operations = 1;
      CHECK(boot() == DIALWARD_DONE);
      uint32_t writes = dialward_writes();
      CHECK(say(7, codes[2], &verdict) == DIALWARD_DONE);
      CHECK(!(first && verdict == DIALWARD_VERDICT_ACCEPT));
      CHECK(dialward_writes() == writes + 1); /* accepted or counted as a failure */
      cut = target;
    }
  }

  /* Two users never share an id: what one has spent, the other would bring back. */
  cut = -1;
  operations = 0;
  CHECK(boot() == DIALWARD_DONE);
  struct dialward_profile profile;
  dialward_defaults(&profile, DIALWARD_FACTOR_HOTP);
  profile.key_length = 20;
  for (uint32_t record = 0; record < DIALWARD_NOBODY; record++) {
    for (profile.id = 7; profile.id <= 8; profile.id++) {
      int own = record < 2 && profile.id == 8 - record;
      CHECK(dialward_put(record, &profile) == (own ? DIALWARD_STATUS_OK : DIALWARD_STATUS_ID));
    }
  }
  profile.id = 0;
  CHECK(dialward_put(2, &profile) == DIALWARD_STATUS_ID);
  /* All names and tokens of up to three of these letters, each pair once. */
  static uint64_t seen[40 * 40];
  char texts[40][4] = {""};
  for (int i = 1; i < 40; i++) snprintf(texts[i], sizeof texts[i], "%s%c", texts[(i - 1) / 3], "b2o"[(i - 1) % 3]);
  for (int i = 0; i < 40 * 40; i++) {
    seen[i] = dialward_id(texts[i / 40], texts[i % 40]);
    for (int j = 0; j < i; j++) CHECK(seen[i] != seen[j] && seen[i] != 0);
  }
  CHECK(dialward_id("foobar", "") == 0x85944171f73967e8ull); /* FNV's own test vector */

  /* A damaged byte in both slots is found; in one, the other holds. Nobody's dial-ins wear nothing. */
  cut = -1;
  operations = 0;
  CHECK(boot() == DIALWARD_DONE && dialward_writes() > 1);
  uint32_t before = dialward_writes();
  struct dialward_dialin nobody = {.record = DIALWARD_NOBODY, .proof = 1, .text = (const uint8_t *)"123456", .length = 6};
  struct dialward_verdict answer;
  CHECK(dialward_judge(&nobody, 1, DIALWARD_NOT_BEFORE, &answer) == DIALWARD_DONE);
  CHECK(answer.verdict == DIALWARD_VERDICT_UNKNOWN && dialward_writes() == before);
  CHECK(dialward_judge(&nobody, 1, DIALWARD_NOT_BEFORE - 1, &answer) == DIALWARD_NO_CLOCK && answer.verdict == 0);
  uint32_t newer = before % 2 ? 0 : 1;
  flash[newer][40] ^= 1;
  CHECK(boot() == DIALWARD_DONE && dialward_writes() == before - 1);
  flash[1 - newer][DIALWARD_SLOT_HEADER] ^= 128;
  CHECK(boot() == DIALWARD_LOST);
  printf("held %d\n", cuts);
  return 0;
}
