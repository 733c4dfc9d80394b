/* OATH Toolkit's liboath as a peer: oath_totp_validate2, window 1, for a batch of users. */
#include "drive.h"
#include <liboath/oath.h>

static int validate(int user, long time, const char *code) {
  int position = 0;
  int rc = oath_totp_validate2((const char *)keys[user], KEY_BYTES, time, 30, 0, 1, &position, code);
  return rc < 0 ? -1 : 1 + position;
}

/* check USER TIME CODE: "match" or "no". run N TIME CODE: N batches of all users. */
static void answer(const char *command, char *rest) {
  int user;
  long batches, time;
  char code[16];
  if (strcmp(command, "check") == 0 && sscanf(rest, "%d %ld %15s", &user, &time, code) == 3) {
    puts(validate(user, time, code) >= 0 ? "match" : "no");
  } else if (strcmp(command, "run") == 0 && sscanf(rest, "%ld %ld %15s", &batches, &time, code) == 3) {
    volatile long matches = 0;
    uint64_t start = now_ns();
    for (long b = 0; b < batches; b++)
      for (int u = 0; u < users; u++) matches += validate(u, time, code) >= 0;
    printf("%llu\n", (unsigned long long)(now_ns() - start));
  } else if (strcmp(command, "version") == 0) {
    oath_init();
    printf("liboath %s\n", oath_check_version(0));
  } else {
    puts("?");
  }
}
