/* One user and the reference host, to try the module on a processor: without an argument prints the user's code of
 * this moment, with one judges it as a login. The spent log lies in the file `state`. */
#include "flash-file.h"
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The code of record 0; a real host has no use for this. */
static void print_code(uint64_t time) {
  uint8_t request[DIALWARD_REQUEST_BYTES] = {0}, code[8];
  for (unsigned i = 0; i < 8; i++) request[DIALWARD_REQUEST_TIME + i] = (uint8_t)(time >> (8 * i));
  dialward_write(DIALWARD_REQUESTS_AT, request, sizeof request);
  dialward_generate(1);
  dialward_read(DIALWARD_RESULTS_AT + DIALWARD_RESULT_CODE, code, sizeof code);
  printf("%.6s\n", (const char *)code);
}

/* Opens the log; the first time makes it. A real host does that when an administrator says so, and never else. */
static int open_log(void) {
  struct dialward_flash flash;
  if (dialward_file_open("state", 0, &flash) == 0) return dialward_log_open(&flash) == DIALWARD_DONE;
  return errno == ENOENT && dialward_file_open("state", 1, &flash) == 0 && dialward_log_format(&flash, 0) == DIALWARD_DONE &&
         dialward_log_open(&flash) == DIALWARD_DONE;
}

int main(int argc, char **argv) {
  static const char *const says[] = {"",        "accepted", "password right", "wrong",        "spent",      "must wait",
                                     "pending", "disabled", "type",           "unknown user", "bad record", "bad request"};
  struct dialward_profile alice;
  struct dialward_verdict verdict;
  struct dialward_dialin dial_in = {.record = 0, .proof = DIALWARD_PROOF_CLEAR};
  if (dialward_start(DIALWARD_FEATURE_CLEAR) != DIALWARD_DONE) return puts("the core is not to be used here"), 1;
  dialward_defaults(&alice, DIALWARD_FACTOR_TOTP);
  alice.id = 1;
  alice.active = 1;
  alice.key_length = 20;
  memcpy(alice.key, "12345678901234567890", 20);
  if (dialward_put(0, &alice) != DIALWARD_STATUS_OK) return puts("the profile is not valid"), 1;
  if (argc < 2) return print_code((uint64_t)time(NULL)), 0;
  if (!open_log() || dialward_restore() != DIALWARD_DONE) return puts("the state is lost"), 1;
  dial_in.text = (const uint8_t *)argv[1];
  dial_in.length = (uint32_t)strlen(argv[1]);
  if (dialward_judge(&dial_in, 1, (uint64_t)time(NULL), &verdict) != DIALWARD_DONE) return puts("not judged"), 1;
  const char *said = verdict.verdict < sizeof says / sizeof *says ? says[verdict.verdict] : "refused";
  printf("%s; entries written: %u\n", said, (unsigned)dialward_log_wear().programmed);
  return !dialward_lets_in(verdict.verdict);
}
