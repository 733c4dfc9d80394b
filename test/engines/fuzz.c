/* Throws noise at what the C host reads from outside: flash, lines of the users' file, and requests with lengths of all
 * kinds. Built with ASan and UBSan. Arguments: rounds, seed. Prints "survived". */
#include "host.h"
#include "ram-flash.h"
#include "users.h"

static uint64_t seed;

static uint32_t next(uint32_t below) {
  seed = seed * 6364136223846793005ull + 1442695040888963407ull;
  return (uint32_t)(seed >> 33) % below;
}

static void fuzz_log(void) {
  static const uint32_t shapes[][3] = {{3, 256, 64}, {5, 512, 64}, {4, 1024, 256}, {8, 2048, 64}, {8, 2048, 512}};
  const uint32_t *shape = shapes[next(5)];
  uint8_t entry[DIALWARD_ENTRY_BYTES] = {0}, state[48];
  make_flash(shape[0], shape[1], shape[2]);
  if (dialward_log_format(&flash, (int)next(2)) != DIALWARD_DONE || dialward_log_open(&flash) != DIALWARD_DONE) exit(1);
  for (uint32_t i = next(80); i > 0; i--) {
    entry[DIALWARD_ENTRY_ID] = (uint8_t)(1 + next(9));
    entry[DIALWARD_ENTRY_STATE] = (uint8_t)next(250);
    if (dialward_log_append(entry, 1) != DIALWARD_DONE) break;
  }
  for (uint32_t i = 1 + next(40); i > 0; i--) ram.bytes[next(shape[0])][next(shape[1])] = (uint8_t)next(256);
  if (next(3) == 0) ram.bad[next(shape[0])][next(shape[1] / 64)] = 1;
  power = next(4) == 0 ? (long)next(5000) : -1;
  for (int turn = 0; turn < 2; turn++) {
    if (dialward_log_open(&flash) != DIALWARD_DONE) continue;
    for (uint64_t id = 0; id < 12; id++) dialward_log_look(id == 0 ? 77 : id, state);
    for (uint32_t i = next(40); i > 0; i--) {
      entry[DIALWARD_ENTRY_ID] = (uint8_t)(1 + next(20));
      dialward_log_append(entry, 1);
      if (next(5) == 0) dialward_log_tidy();
    }
  }
}

static void fuzz_line(void) {
  static const char *const words[] = {"alice", "totp", "hotp", "motp", "GEZDGNBVGY3TQOJQ", "0123456789abcdef", "pin=", "pin=6666",
                                      "period=30", "digits=", "types=l2tp,pptp", "types=,", "password=x", "mode=two-steps", "=", "#",
                                      "counter=99999999999999999999", "token=", "recovery=9", "from=2028-02-29", "until=2099-13-00", "algorithm=sha512", "=====", "A=B=C"};
  char line[512] = "";
  const char *why;
  struct dialward_user user;
  for (uint32_t i = next(10); i > 0 && strlen(line) < 400; i--) {
    strcat(line, words[next(sizeof words / sizeof *words)]);
    if (next(4)) strcat(line, " ");
  }
  for (uint32_t i = next(4); i > 0 && line[0]; i--) line[next((uint32_t)strlen(line))] = (char)(1 + next(255));
  if (dialward_user_read(line, &user, &why) > 0) dialward_put(next(DIALWARD_NOBODY), &user.profile);
}

static void fuzz_request(void) {
  static uint8_t noise[256];
  struct dialward_dialin one = {.record = (uint16_t)next(300), .proof = (uint8_t)next(6), .flags = (uint8_t)next(256), .type = (uint8_t)next(256)};
  struct dialward_verdict verdict;
  for (uint32_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)next(256);
  one.length = next(4) ? next(80) : next(0x7fffffff);
  one.name_length = next(4) ? next(80) : next(0x7fffffff);
  one.source = next(9);
  one.text = one.response = one.challenge = one.peer_challenge = one.name = noise;
  dialward_judge(&one, 1, next(3) ? DIALWARD_NOT_BEFORE + next(100000) : (uint64_t)next(0x7fffffff) << next(32), &verdict);
  if (dialward_lets_in(verdict.verdict)) printf("noise was let in\n"), exit(1);
}

int main(int argc, char **argv) {
  uint32_t rounds = argc > 1 ? (uint32_t)atol(argv[1]) : 1000;
  seed = argc > 2 ? (uint64_t)atol(argv[2]) : 1;
  if (dialward_start(DIALWARD_FEATURE_CLEAR | DIALWARD_FEATURE_CHAP | DIALWARD_FEATURE_MSCHAPV2) != DIALWARD_DONE) return 1;
  for (uint32_t i = 0; i < rounds; i++) fuzz_log();
  for (uint32_t i = 0; i < rounds; i++) fuzz_line();
  make_flash(8, 2048, 64);
  if (dialward_log_format(&flash, 0) != DIALWARD_DONE || dialward_log_open(&flash) != DIALWARD_DONE) return 1;
  if (dialward_restore() != DIALWARD_DONE) return 1;
  for (uint32_t i = 0; i < rounds; i++) fuzz_request();
  puts("survived");
  return 0;
}
