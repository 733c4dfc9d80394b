/* Runs the conversation over an engine of the C host: reads the lines that conversation.ts prints, and prints the
 * answer of each call and the bytes of each read, in hexadecimal. A line `v n` is for the figures: it
 * calls verify for one request if n is 1, and nothing if n is 0. */
#include "dialward.h"

#include <stdio.h>
#include <string.h>

#define NAME(verb, name, arguments) #name,
static const char *const names[] = {DIALWARD_VERBS(NAME)};

int main(void) {
  char kind, name[16];
  unsigned at, first, second, byte;
  while (scanf(" %c", &kind) == 1) {
    if (kind == 'w') {
      if (scanf("%u ", &at) != 1) return 2;
      while (scanf("%2x", &byte) == 1) {
        uint8_t one = (uint8_t)byte;
        dialward_write(at++, &one, 1);
        int next = getchar();
        if (next == '\n') break;
        ungetc(next, stdin);
      }
    } else if (kind == 'c') {
      if (scanf("%15s %u %u", name, &first, &second) != 3) return 2;
      int verb = 0;
      while (strcmp(names[verb], name) != 0) {
        if (++verb == DIALWARD_CALLS) return 3;
      }
      printf("%u\n", (unsigned)dialward_call((enum dialward_verb)verb, first, second));
    } else if (kind == 'r') {
      if (scanf("%u %u", &at, &first) != 2) return 2;
      for (; first > 0; first--) {
        uint8_t one;
        dialward_read(at++, &one, 1);
        printf("%02x", one);
      }
      putchar('\n');
    } else if (kind == 'v') {
      if (scanf("%u", &first) != 1) return 2;
      if (first == 1) dialward_verify(1);
    } else {
      return 2;
    }
  }
  return 0;
}
