/* Reads a ring of sectors in hexadecimal and ids from standard input, opens it twice, and prints each time what the log
 * has: `torn`, then for each id its state, `damaged` or `none`. */
#include "ram-flash.h"

int main(void) {
  unsigned sectors, bytes, byte, count;
  unsigned long long id[64];
  if (scanf("%u %u", &sectors, &bytes) != 2) return 2;
  make_flash(sectors, bytes, 64);
  for (unsigned i = 0; i < sectors; i++) {
    for (unsigned at = 0; at < bytes; at++) {
      if (scanf("%2x", &byte) != 1) return 2;
      ram.bytes[i][at] = (uint8_t)byte;
    }
  }
  if (scanf("%u", &count) != 1) return 2;
  for (unsigned i = 0; i < count; i++) {
    if (scanf("%llu", &id[i]) != 1) return 2;
  }
  for (int turn = 0; turn < 2; turn++) {
    enum dialward_error error = dialward_log_open(&flash);
    printf("%d %u", (int)error, (unsigned)dialward_log_found() & DIALWARD_LOG_TORN);
    for (unsigned i = 0; error == DIALWARD_DONE && i < count; i++) {
      uint8_t state[48];
      enum dialward_log_state found = dialward_log_look(id[i], state);
      if (found != DIALWARD_LOG_KNOWN) printf(found == DIALWARD_LOG_NONE ? " none" : " damaged");
      else printf(" ");
      for (int at = 0; found == DIALWARD_LOG_KNOWN && at < 48; at++) printf("%02x", state[at]);
    }
    printf("\n");
  }
  return 0;
}
