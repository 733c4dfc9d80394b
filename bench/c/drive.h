/* The line protocol of the C programs: the bench sends one command a line and reads one answer a line, so that the
 * rounds of a C program and of the core can take turns. `key HEX` adds a user; `run N …` answers nanoseconds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define USERS 64
#define KEY_BYTES 20

static uint8_t keys[USERS][KEY_BYTES];
static int users;

/* Processor time of this process: what other programs take does not count. */
static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Reads hexadecimal digits into bytes; answers how many bytes. */
static size_t from_hex(const char *text, uint8_t *bytes, size_t most) {
  size_t n = 0;
  unsigned byte;
  while (n < most && sscanf(text + 2 * n, "%2x", &byte) == 1) bytes[n++] = (uint8_t)byte;
  return n;
}

/* What a program does with each command but `key`; prints its answer. */
static void answer(const char *command, char *rest);

int main(void) {
  static char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    char *rest = strchr(line, ' ');
    if (rest) *rest++ = 0;
    if (strcmp(line, "key") == 0 && users < USERS) {
      from_hex(rest, keys[users++], KEY_BYTES);
      puts("ok");
    } else {
      answer(line, rest ? rest : line + strlen(line));
    }
    fflush(stdout);
  }
  return 0;
}
