/* Every day that the file of users may name, against libc's calendar, and texts that are none. Prints "fine". */
#include "users.c"

#include <stdio.h>
#include <time.h>

void dialward_defaults(struct dialward_profile *profile, uint8_t factor) { (void)profile, (void)factor; }
uint64_t dialward_id(const char *name, const char *token) { return (void)name, (void)token, 1; }

int main(void) {
  static const char *const none[] = {"2026-02-29", "2026-2-9", "1969-12-31", "2100-01-01", "2026-00-10", "2026-13-10", "2026-01-32",
                                     "2026-01-00", "2026-01-1", "2026-01-011", "20260-1-01", "", " 026-01-01", "+026-01-01"};
  char text[32];
  for (int64_t day = 86400; day < 4102444800; day += 86400) {
    time_t time = (time_t)day;
    struct tm *date = gmtime(&time);
    snprintf(text, sizeof text, "%04d-%02d-%02d", date->tm_year + 1900, date->tm_mon + 1, date->tm_mday);
    if (midnight(text) != (uint32_t)day) return printf("%s is %u\n", text, (unsigned)midnight(text)), 1;
  }
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    if (midnight(none[i]) != 0) return printf("\"%s\" is taken for a day\n", none[i]), 1;
  }
  return puts("fine"), 0;
}
