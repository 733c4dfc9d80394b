/* How dialward-radiusd reads its files of users and of clients: all of a file is looked at before anything changes. */
#include "lines.h"
#include "radiusd.h"

#include <stdio.h>

struct reading { const struct radiusd_file *file; const char *path; uint32_t count; int enrols; };

static int take_line(void *context, char *line, int number) {
  struct reading *reading = context;
  char digits[12];
  const char *why = reading->enrols ? reading->file->enrol(line) : reading->file->look(line, reading->count++);
  snprintf(digits, sizeof digits, "%d", number);
  if (why) radiusd_say(reading->path, ": line ", digits, " ", why);
  return why && !reading->enrols;
}

int radiusd_read(const struct radiusd_file *file, const char *path) {
  struct reading reading = {file, path, 0, 0};
  const char *why;
  int result = dialward_lines_read(path, take_line, &reading, &why);
  if (result == 0) {
    file->forget(reading.count); /* who is gone makes room first */
    reading.enrols = 1;
    result = dialward_lines_read(path, take_line, &reading, &why);
  }
  if (result < 0) radiusd_say(path, " ", why);
  return result == 0;
}
