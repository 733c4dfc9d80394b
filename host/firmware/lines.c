/* Reads files that hold secrets, a line of words each. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "lines.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES 510u /* one more than a line may have */

char *dialward_word(char **text) {
  char *word = *text, *end;
  while (*word && dialward_parts(*word)) word++;
  for (end = word; !dialward_parts(*end);) end++;
  *text = *end ? end + 1 : end;
  *end = 0;
  return end > word ? word : NULL;
}

/* What is wrong with a file, or NULL. */
static const char *distrust(int file) {
  struct stat about;
  if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) return "cannot be read";
  if ((about.st_uid != 0 && about.st_uid != geteuid()) || (about.st_mode & 077) != 0) return "must belong to root, with mode 0600";
  return NULL;
}

int dialward_lines_read(const char *path, int (*each)(void *context, char *line, int number), void *context,
                        const char **why) {
  char text[LINE_BYTES + 2]; /* its end of line, and a zero */
  size_t length = 0;
  ssize_t got = 1;
  int result = 0, number = 0, file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  *why = file < 0 ? "cannot be read" : distrust(file);
  while (!*why && result == 0 && got > 0) {
    got = read(file, text + length, LINE_BYTES - length);
    if (got < 0) *why = "cannot be read";
    length += got > 0 ? (size_t)got : 0;
    /* The end of the file ends a line, too. */
    if (got == 0 && length > 0) text[length++] = '\n';
    text[length] = 0;
    char *line = text, *end;
    while (!*why && result == 0 && (end = strchr(line, '\n'))) {
      *end = 0;
      number++;
      length -= (size_t)(end + 1 - line);
      while (*line && dialward_parts(*line)) line++;
      if (*line && *line != '#') result = each(context, line, number);
      line = end + 1;
    }
    if (length == LINE_BYTES) *why = "has a line that is too long";
    if (strlen(line) != length) *why = "has a zero byte in it";
    memmove(text, line, length);
  }
  explicit_bzero(text, sizeof text);
  if (file >= 0) close(file);
  return *why ? -1 : result;
}
