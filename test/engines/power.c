/* Cuts the power at every byte of every operation on the flash, from the first write on, and turns every bit of it. After
 * each: no accepted code is accepted again, and the next one is. Then rot that cannot be repaired, users who come back,
 * sequence numbers that begin anew, and calls that come too early. Prints "held", the cuts, and the bits. Argument: only
 * every so manieth cut, for slow processors. */
#include "host.h"
#include "ram-flash.h"

#define USERS 3u
#define CODES 64u
#define CHECK(condition) \
  if (!(condition)) printf("line %d: %s; step %d, power %ld\n", __LINE__, #condition, step_now, cut_now), exit(1)

static int step_now;
static long cut_now = -1;
static char codes[CODES][9];           /* of the one key, by counter */
static uint32_t spent[USERS + 1];      /* how many codes of a user were accepted, all from the first on */
static struct dialward_verdict verdict;

/* The host after power came back. Without a log one is made, as long as nobody has logged in. */
static enum dialward_error boot(uint32_t users) {
  struct dialward_profile profile;
  enum dialward_error error;
  CHECK(dialward_start(DIALWARD_FEATURE_CLEAR) == DIALWARD_DONE);
  error = dialward_log_open(&flash);
  if ((error == DIALWARD_NO_LOG || error == DIALWARD_LOST) && spent[0] + spent[1] + spent[2] == 0) {
    error = dialward_log_format(&flash, 0);
    if (error == DIALWARD_DONE) error = dialward_log_open(&flash);
  }
  if (error != DIALWARD_DONE) return error;
  dialward_defaults(&profile, DIALWARD_FACTOR_HOTP);
  profile.active = 1;
  profile.key_length = 20;
  memcpy(profile.key, "12345678901234567890", 20);
  for (uint32_t user = 0; user < users; user++) {
    profile.id = 7 + user;
    CHECK(dialward_put(user, &profile) == DIALWARD_STATUS_OK);
  }
  return dialward_restore();
}

static enum dialward_error say(uint32_t user, const char *code) {
  struct dialward_dialin dial_in = {.proof = DIALWARD_PROOF_CLEAR, .text = (const uint8_t *)code, .length = 6};
  dial_in.record = (uint16_t)user;
  return dialward_judge(&dial_in, 1, DIALWARD_NOT_BEFORE, &verdict);
}

/* Logs a user in by the next code; what is accepted is noted. */
static enum dialward_error log_in(uint32_t user) {
  enum dialward_error error = say(user, codes[spent[user]]);
  CHECK((error == DIALWARD_DONE) == (verdict.verdict != 0));
  if (error == DIALWARD_DONE && dialward_lets_in(verdict.verdict)) spent[user]++;
  return error;
}

/* The last accepted code of each user, and with it all before, is refused. `well`: and nobody is shut out. */
static void check_spent(uint32_t users, int well) {
  uint32_t before[USERS + 1];
  CHECK(boot(users) == DIALWARD_DONE);
  for (uint32_t user = 0; user < users; user++) {
    if (spent[user] > 0) {
      CHECK(say(user, codes[spent[user] - 1]) == DIALWARD_DONE);
      CHECK(!dialward_lets_in(verdict.verdict));
      CHECK(!well || verdict.verdict != DIALWARD_VERDICT_DAMAGED);
    }
    /* A code that was spent without an answer costs one code more. */
    before[user] = spent[user];
    for (int i = 0; well && i < 2 && spent[user] == before[user]; i++) {
      CHECK(say(user, codes[spent[user] + (uint32_t)i]) == DIALWARD_DONE);
      if (dialward_lets_in(verdict.verdict)) spent[user] += (uint32_t)i + 1;
    }
    CHECK(!well || spent[user] > before[user]);
  }
}

/* One step of the life of a router: a boot each second time, a login, and idle time now and then. */
static enum dialward_error live(int number) {
  if (number % 2 == 0) {
    enum dialward_error error = boot(USERS);
    if (error != DIALWARD_DONE) return error;
  }
  uint32_t user = number == 3 ? 2 : number % 2 == 1 ? 0 : 1; /* the last one once: what it has spent is carried along */
  enum dialward_error error = log_in(user);
  if (number % 3 == 0) dialward_log_tidy();
  return error;
}

static long cuts;

/* A life with the power cut at every byte of every step; a step and the boot before it are one. */
static void cut_everywhere(uint32_t sectors, uint32_t sector_bytes, uint32_t page_bytes, int steps, long stride) {
  make_flash(sectors, sector_bytes, page_bytes);
  memset(spent, 0, sizeof spent);
  for (step_now = 0; step_now < steps; step_now += 2) {
    static uint8_t saved[sizeof ram], after[sizeof ram];
    uint32_t spent_before[USERS + 1], spent_after[USERS + 1];
    memcpy(saved, &ram, sizeof ram);
    memcpy(spent_before, spent, sizeof spent);
    power = 1000000;
    CHECK(live(step_now) == DIALWARD_DONE && live(step_now + 1) == DIALWARD_DONE);
    long used = 1000000 - power;
    memcpy(after, &ram, sizeof ram);
    memcpy(spent_after, spent, sizeof spent);
    for (cut_now = 0; cut_now < used; cut_now += stride, cuts++) {
      memcpy(&ram, saved, sizeof ram);
      memcpy(spent, spent_before, sizeof spent);
      ecc = (int)(cut_now & 1);
      backwards = (int)(cut_now >> 1 & 1);
      power = cut_now;
      if (live(step_now) == DIALWARD_DONE) live(step_now + 1);
      CHECK(off);
      power = -1;
      off = 0;
      check_spent(USERS, 1);
    }
    cut_now = -1;
    power = -1;
    memcpy(&ram, after, sizeof ram);
    memcpy(spent, spent_after, sizeof spent);
  }
}

enum rot { NOISE, ERASED, UNREADABLE };

static void spoil(uint32_t sector, uint32_t from, uint32_t end, enum rot kind) {
  for (uint32_t at = from; at < end; at++) {
    if (kind == NOISE) ram.bytes[sector][at] = (uint8_t)(at * 37 + 11 * sector);
    if (kind == ERASED) ram.bytes[sector][at] = 255;
    if (kind == UNREADABLE) ram.bad[sector][at / 64] = 1;
  }
}

static uint32_t newest_sector(void) {
  uint32_t newest = 0, highest = 0;
  for (uint32_t i = 0; i < flash.sectors; i++) {
    uint32_t number = ram.bytes[i][4] | (uint32_t)ram.bytes[i][5] << 8;
    if (memcmp(ram.bytes[i] + 16, "dialward", 8) == 0 && number >= highest) newest = i, highest = number;
  }
  return newest;
}

/* All but the first user, by whose logins something stands behind what was spoilt: no spent code of theirs is good. */
static void check_others(void) {
  if (boot(USERS) != DIALWARD_DONE) return; /* nobody's is */
  for (uint32_t user = 1; user < USERS; user++) {
    CHECK(say(user, codes[spent[user] - 1]) == DIALWARD_DONE);
    CHECK(!dialward_lets_in(verdict.verdict));
  }
}

/* Each bit turned; then each entry and each sector overwritten, erased or unreadable. */
static long rot_everywhere(long stride) {
  static uint8_t saved[sizeof ram];
  uint32_t spent_before[USERS + 1];
  long bits = 0;
  memcpy(saved, &ram, sizeof ram);
  memcpy(spent_before, spent, sizeof spent);
  for (uint32_t i = 0; i < flash.sectors; i++) {
    for (uint32_t bit = 0; bit < 8 * flash.sector_bytes; bit += (uint32_t)stride, bits++) {
      memcpy(&ram, saved, sizeof ram);
      memcpy(spent, spent_before, sizeof spent);
      cut_now = (long)(i * 8 * flash.sector_bytes + bit);
      ram.bytes[i][bit / 8] ^= (uint8_t)(1u << bit % 8);
      check_spent(USERS, 1);
    }
  }
  for (uint32_t i = 0; i < flash.sectors; i++) {
    for (uint32_t at = 0; at <= flash.sector_bytes; at += 64) {
      for (enum rot kind = NOISE; kind <= UNREADABLE; kind++) {
        memcpy(&ram, saved, sizeof ram);
        memcpy(spent, spent_before, sizeof spent);
        /* Something is written behind: what has rotted at the very end cannot be told from what is torn. */
        CHECK(boot(USERS) == DIALWARD_DONE && log_in(0) == DIALWARD_DONE && log_in(0) == DIALWARD_DONE);
        cut_now = (long)(i * flash.sector_bytes + at);
        /* The last is the sector as a whole; of the newest, nothing would tell that from an erasure that was cut. */
        if (at == flash.sector_bytes && i == newest_sector()) continue;
        if (at < flash.sector_bytes) spoil(i, at, at + 64, kind);
        else spoil(i, 0, flash.sector_bytes, kind);
        check_others();
        /* It stays so when the ring has turned, and nothing is left to read of what has rotted. */
        for (int turn = 0; turn < 40; turn++) {
          uint8_t entry[DIALWARD_ENTRY_BYTES] = {[DIALWARD_ENTRY_ID] = 99};
          if (dialward_log_append(entry, 1) != DIALWARD_DONE) break;
        }
        check_others();
      }
    }
  }
  cut_now = -1;
  memcpy(&ram, saved, sizeof ram);
  memcpy(spent, spent_before, sizeof spent);
  return bits;
}

/* Adds to every sequence number, so that it begins anew somewhere in the ring. */
static void renumber(uint32_t by) {
  for (uint32_t i = 0; i < flash.sectors; i++) {
    uint8_t *header = ram.bytes[i];
    uint32_t number = 0, crc = 0xffffffff;
    if (memcmp(header + 16, "dialward", 8) != 0) continue;
    for (int at = 7; at >= 4; at--) number = number << 8 | header[at];
    for (int at = 0; at < 4; at++) header[4 + at] = (uint8_t)((number + by) >> (8 * at));
    for (int bit = 8 * 4; bit < 8 * 64; bit++) crc = crc >> 1 ^ (0xedb88320 & (0 - ((crc ^ header[bit / 8] >> bit % 8) & 1)));
    for (int at = 0; at < 4; at++) header[at] = (uint8_t)(~crc >> (8 * at));
  }
}

/* Users who are not enrolled for a while, calls that come too early, equal ids, and an administrator's ways back. */
static void check_rest(void) {
  struct dialward_profile profile;
  make_flash(5, 512, 64);
  memset(spent, 0, sizeof spent);
  CHECK(boot(USERS) == DIALWARD_DONE && log_in(2) == DIALWARD_DONE && log_in(0) == DIALWARD_DONE);
  uint32_t start = 0xffffff00;
  for (int i = 0; i < 30; i++) {
    CHECK(boot(2) == DIALWARD_DONE && log_in(1) == DIALWARD_DONE);
    if (i == 20) renumber(start);
  }
  check_spent(USERS, 1);
  /* Over the end of the numbers: two of them are left, and the ring turns twice. */
  renumber(0u - start - 10u);
  for (int i = 0; i < 30; i++) CHECK(boot(2) == DIALWARD_DONE && say(1, codes[0]) == DIALWARD_DONE && dialward_forgive(1) == DIALWARD_DONE);
  check_spent(USERS, 1);

  /* Two users never share an id: what one has spent, the other would bring back. */
  CHECK(boot(2) == DIALWARD_DONE);
  dialward_defaults(&profile, DIALWARD_FACTOR_HOTP);
  profile.key_length = 20;
  for (uint32_t record = 0; record < DIALWARD_NOBODY; record++) {
    for (profile.id = 7; profile.id <= 8; profile.id++) {
      int own = record == profile.id - 7;
      CHECK(dialward_put(record, &profile) == (own ? DIALWARD_STATUS_OK : DIALWARD_STATUS_ID));
    }
  }
  profile.id = 0;
  CHECK(dialward_put(2, &profile) == DIALWARD_STATUS_ID);
  profile.id = DIALWARD_ID_OWN;
  CHECK(dialward_put(2, &profile) == DIALWARD_STATUS_ID);
  /* All names and tokens of up to three of these letters, each pair once. */
  static uint64_t seen_ids[40 * 40];
  char texts[40][4] = {""};
  for (int i = 1; i < 40; i++) {
    memcpy(texts[i], texts[(i - 1) / 3], 4);
    texts[i][strlen(texts[i])] = "b2o"[(i - 1) % 3];
  }
  for (int i = 0; i < 40 * 40; i++) {
    seen_ids[i] = dialward_id(texts[i / 40], texts[i % 40]);
    for (int j = 0; j < i; j++) CHECK(seen_ids[i] != seen_ids[j] && seen_ids[i] != 0);
  }
  CHECK(dialward_id("foobar", "") == 0x85944171f73967e8ull); /* FNV's own test vector */

  /* Judging before the states are there, for a start and for a user who comes later. */
  CHECK(dialward_start(DIALWARD_FEATURE_CLEAR) == DIALWARD_DONE && dialward_log_open(&flash) == DIALWARD_DONE);
  profile.id = 7;
  CHECK(dialward_put(0, &profile) == DIALWARD_STATUS_OK);
  CHECK(say(0, codes[0]) == DIALWARD_BAD_CALL && verdict.verdict == 0);
  CHECK(dialward_restore() == DIALWARD_DONE && say(0, codes[0]) == DIALWARD_DONE && !dialward_lets_in(verdict.verdict));
  profile.id = 8;
  CHECK(dialward_put(1, &profile) == DIALWARD_STATUS_OK && say(1, codes[0]) == DIALWARD_BAD_CALL);
  dialward_remove(0);
  CHECK(dialward_restore() == DIALWARD_DONE && say(0, codes[60]) == DIALWARD_BAD_CALL && say(1, codes[60]) == DIALWARD_DONE);

  /* Nobody's dial-ins write nothing; before the clock is set nothing is judged. */
  uint32_t programmed = dialward_log_wear().programmed;
  struct dialward_dialin nobody = {.record = DIALWARD_NOBODY, .proof = 1, .text = (const uint8_t *)"123456", .length = 6};
  CHECK(dialward_judge(&nobody, 1, DIALWARD_NOT_BEFORE, &verdict) == DIALWARD_DONE);
  CHECK(verdict.verdict == DIALWARD_VERDICT_UNKNOWN && dialward_log_wear().programmed == programmed);
  CHECK(dialward_judge(&nobody, 1, DIALWARD_NOT_BEFORE - 1, &verdict) == DIALWARD_NO_CLOCK && verdict.verdict == 0);

  /* A log that is lost: nobody, until an administrator says so; then only what is later. */
  CHECK(dialward_log_format(&flash, 1) == DIALWARD_DONE && boot(USERS) == DIALWARD_DONE);
  CHECK(say(0, codes[60]) == DIALWARD_DONE && verdict.verdict == DIALWARD_VERDICT_DAMAGED);
  dialward_defaults(&profile, DIALWARD_FACTOR_HOTP);
  profile.id = 7;
  profile.counter = 20;
  CHECK(dialward_mend(&profile, DIALWARD_NOT_BEFORE) == DIALWARD_DONE);
  CHECK(say(0, codes[20]) == DIALWARD_BAD_CALL && dialward_restore() == DIALWARD_DONE);
  CHECK(say(0, codes[19]) == DIALWARD_DONE && !dialward_lets_in(verdict.verdict));
  CHECK(say(0, codes[20]) == DIALWARD_DONE && dialward_lets_in(verdict.verdict));
  CHECK(boot(USERS) == DIALWARD_DONE && say(1, codes[60]) == DIALWARD_DONE && verdict.verdict == DIALWARD_VERDICT_DAMAGED);
  CHECK(dialward_log_mend_others() == DIALWARD_DONE && boot(USERS) == DIALWARD_DONE);
  CHECK(say(1, codes[0]) == DIALWARD_DONE && dialward_lets_in(verdict.verdict));
  CHECK(say(0, codes[20]) == DIALWARD_DONE && !dialward_lets_in(verdict.verdict));
  /* TOTP: all that may have been good at that time. */
  dialward_defaults(&profile, DIALWARD_FACTOR_TOTP);
  profile.id = 70;
  profile.active = 1;
  profile.key_length = 20;
  memcpy(profile.key, "12345678901234567890", 20);
  CHECK(dialward_put(9, &profile) == DIALWARD_STATUS_OK && dialward_restore() == DIALWARD_DONE);
  uint64_t now = DIALWARD_NOT_BEFORE + 300;
  CHECK(dialward_mend(&profile, now) == DIALWARD_DONE && dialward_restore() == DIALWARD_DONE);
  for (int ahead = 0; ahead < 20; ahead++) {
    uint8_t request[DIALWARD_REQUEST_BYTES] = {[DIALWARD_REQUEST_RECORD] = 9}, code[9] = "";
    uint64_t then = now + 30u * (uint64_t)ahead;
    for (int at = 0; at < 8; at++) request[DIALWARD_REQUEST_TIME + at] = (uint8_t)(then >> (8 * at));
    dialward_write(DIALWARD_REQUESTS_AT, request, sizeof request);
    CHECK(dialward_generate(1) == DIALWARD_STATUS_OK);
    dialward_read(DIALWARD_RESULTS_AT + DIALWARD_RESULT_CODE, code, 6);
    struct dialward_dialin dial_in = {.record = 9, .proof = 1, .text = code, .length = 6};
    CHECK(dialward_judge(&dial_in, 1, then, &verdict) == DIALWARD_DONE);
    CHECK(!dialward_lets_in(verdict.verdict) || ahead > 5);
    CHECK(dialward_lets_in(verdict.verdict) || ahead < 7);
  }

  /* A flash that refuses to be written refuses logins, and nothing that was refused counts. */
  off = 1;
  CHECK(boot(USERS) != DIALWARD_DONE);
  off = 0;
  CHECK(boot(USERS) == DIALWARD_DONE);
  off = 1;
  CHECK(say(1, codes[1]) == DIALWARD_NO_FLASH && verdict.verdict == 0);
  off = 0;
  CHECK(say(1, codes[1]) == DIALWARD_DONE && dialward_lets_in(verdict.verdict));
  CHECK(say(1, codes[1]) == DIALWARD_DONE && !dialward_lets_in(verdict.verdict));

  /* An engine that fails is not asked again, and nothing stays in its page. */
  uint8_t left[64], any = 0;
  CHECK(dialward_start(1u << 31) == DIALWARD_BAD_ENGINE);
  CHECK(dialward_start(DIALWARD_FEATURE_CLEAR) == DIALWARD_BAD_ENGINE && dialward_restore() == DIALWARD_BAD_ENGINE);
  CHECK(say(1, codes[2]) == DIALWARD_BAD_ENGINE && verdict.verdict == 0);
  for (uint32_t at = DIALWARD_REQUESTS_AT; at < DIALWARD_PAGE_BYTES; at += sizeof left) {
    dialward_read(at, left, sizeof left);
    for (uint32_t i = 0; i < sizeof left; i++) any |= left[i];
  }
  CHECK(any == 0);
}

int main(int argc, char **argv) {
  long stride = argc > 1 ? atol(argv[1]) : 1, bits = 0;
  /* The codes, by the core itself; RFC 4226, appendix D, has the first. */
  make_flash(5, 512, 64);
  CHECK(boot(1) == DIALWARD_DONE);
  for (uint32_t i = 0; i < CODES; i++) {
    uint8_t request[DIALWARD_REQUEST_BYTES] = {[DIALWARD_REQUEST_TIME] = (uint8_t)i};
    dialward_write(DIALWARD_REQUESTS_AT, request, sizeof request);
    CHECK(dialward_generate(1) == DIALWARD_STATUS_OK);
    dialward_read(DIALWARD_RESULTS_AT + DIALWARD_RESULT_CODE, codes[i], 6);
  }
  CHECK(strcmp(codes[0], "755224") == 0 && strcmp(codes[9], "520489") == 0);
  cut_everywhere(5, 512, 64, 60, stride);
  bits += rot_everywhere(stride);
  cut_everywhere(4, 1024, 256, 30, stride);
  bits += rot_everywhere(stride);
  check_rest();
  printf("held %ld %ld\n", cuts, bits);
  return 0;
}
