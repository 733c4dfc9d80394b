/* Files that hold secrets, a line of words each: of users, of pppd's users, of RADIUS clients. No allocation. */
#ifndef DIALWARD_LINES_H
#define DIALWARD_LINES_H

#ifdef __cplusplus
extern "C" {
#endif

/* Calls `each` for every line with words, but for comments, which begin with #; from its first word on, with its number
 * from 1. Stops where that returns other than 0. Returns 0; -1 where the file cannot be read (errno), does not belong to
 * root or to this program's user, is open to others, or has a line that is too long: then `why` is a sentence's end; else
 * what `each` returned. What was read is wiped. */
int dialward_lines_read(const char *path, int (*each)(void *context, char *line, int number), void *context,
                        const char **why);

/* Cuts the next word off a text and zero-terminates it; NULL where there is none. */
char *dialward_word(char **text);

/* Whether a letter parts words, or ends a text. */
static inline int dialward_parts(char letter) {
  return letter == ' ' || letter == '\t' || letter == '\r' || letter == 0;
}

#ifdef __cplusplus
}
#endif
#endif
