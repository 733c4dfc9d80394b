/* The file of users, for pppd's plug-in and for the RADIUS daemon: a line each (README.md). No allocation. */
#ifndef DIALWARD_USERS_H
#define DIALWARD_USERS_H
#include "host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A user of the file; name and token are zero-terminated, and live until the call returns. */
struct dialward_user {
  const char *name, *token;
  struct dialward_profile profile; /* its id is set */
  uint32_t from, until; /* seconds since 1970: not before, and not from then on; 0 is no limit */
};

/* DIALWARD_FLAG_NOT_VALID where a user is not valid at `time`, seconds since 1970; else 0. */
static inline uint8_t dialward_validity(uint32_t from, uint32_t until, uint64_t time) {
  return time < from || (until != 0 && time >= until) ? DIALWARD_FLAG_NOT_VALID : 0;
}

/* Reads one line of lines.h, and cuts it into words. Returns 1 and the user; 0 where it is not valid: then `why` is a
 * sentence's end. The core still checks the ranges. */
int dialward_user_read(char *line, struct dialward_user *user, const char **why);

/* Looks for the line of a name, and looks into no other: what is wrong there keeps nobody else out. Returns 1 and the user,
 * whose token is not kept; 0 where there is none; -1 where it cannot be used: then `why` is a sentence's end, about line
 * `number`, or where that is 0 about the file. */
int dialward_user_find(const char *path, const char *name, struct dialward_user *user, int *number, const char **why);

#ifdef __cplusplus
}
#endif
#endif
