/* dialward-state: makes the file of the spent log, looks into it, and is the way back after damage. */
#include "flash-file.h"
#include "host.h"
#include "users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "Usage: dialward-state new FILE            make FILE, for users who have never logged in\n"
    "       dialward-state check FILE          say whether FILE can be read, and what was found in it\n"
    "       dialward-state renew FILE          begin anew where FILE is lost: all users are refused until `mend`\n"
    "       dialward-state mend FILE USERS NAME\n"
    "                                          let NAME in again, as the file USERS has it. All codes of these minutes\n"
    "                                          count as spent. For hotp first set counter= beyond the last used one\n"
    "       dialward-state mend-others FILE    let in who has never logged in, after damage has put that in doubt\n"
    "       dialward-state recovery USERS NAME print the codes of NAME's `recovery=`, each good once in place of a device's\n"
    "A daemon that keeps FILE must be stopped before.\n";

static const char *says(enum dialward_error error) {
  switch (error) {
    case DIALWARD_DONE: return "done";
    case DIALWARD_NO_CLOCK: return "the clock is not set";
    case DIALWARD_NO_FLASH: return "it cannot be written";
    case DIALWARD_NO_LOG: return "there is no log in it: use `renew`, or `new` with another name";
    case DIALWARD_LOST: return "nothing in it can be read: use `renew`";
    case DIALWARD_NEWER: return "a newer version of Dialward has written it";
    case DIALWARD_FULL: return "it has too many users";
    default: return "it cannot be used";
  }
}

/* The profile of a name; the program ends where the file has none. */
static struct dialward_profile find(const char *users, const char *name) {
  struct dialward_user user;
  const char *why;
  int number, found = dialward_user_find(users, name, &user, &number, &why);
  if (found < 0 && number == 0) fprintf(stderr, "dialward-state: %s %s\n", users, why), exit(1);
  if (found < 0) fprintf(stderr, "dialward-state: %s: line %d %s\n", users, number, why), exit(1);
  if (found == 0) fprintf(stderr, "dialward-state: %s has no line for %s\n", users, name), exit(1);
  return user.profile;
}

static enum dialward_error mend(const char *users, const char *name) {
  struct dialward_profile profile = find(users, name);
  enum dialward_error error = dialward_mend(&profile, (uint64_t)time(NULL));
  memset(&profile, 0, sizeof profile);
  return error;
}

static int print_recovery(const char *users, const char *name) {
  struct dialward_profile profile = find(users, name);
  uint8_t request[DIALWARD_REQUEST_BYTES] = {[DIALWARD_REQUEST_FLAGS] = DIALWARD_FLAG_RECOVERY}, result[DIALWARD_RESULT_BYTES];
  if (profile.recovery == 0) return fprintf(stderr, "dialward-state: %s has no recovery= in %s\n", name, users), 1;
  if (dialward_start(DIALWARD_FEATURE_CLEAR) != DIALWARD_DONE || dialward_put(0, &profile) != DIALWARD_STATUS_OK)
    return fprintf(stderr, "dialward-state: a value of %s is out of range\n", name), 1;
  for (uint8_t i = 0; i < DIALWARD_RECOVERY_CODES; i++) {
    request[DIALWARD_REQUEST_TIME] = i;
    dialward_write(DIALWARD_REQUESTS_AT, request, sizeof request);
    dialward_generate(1);
    dialward_read(DIALWARD_RESULTS_AT, result, sizeof result);
    printf("%.*s\n", result[DIALWARD_RESULT_CODE_LENGTH], (const char *)result + DIALWARD_RESULT_CODE);
  }
  dialward_wipe();
  return 0;
}

int main(int argc, char **argv) {
  const char *verb = argc > 1 ? argv[1] : "", *path = argc > 2 ? argv[2] : "";
  int wants_user = strcmp(verb, "mend") == 0, make = strcmp(verb, "new") == 0, renew = strcmp(verb, "renew") == 0;
  struct dialward_flash flash;
  enum dialward_error error;
  if (strcmp(verb, "--help") == 0) return fputs(usage, stdout), 0;
  if (strcmp(verb, "recovery") == 0 && argc == 4) return print_recovery(argv[2], argv[3]);
  if (!(wants_user || make || renew || strcmp(verb, "check") == 0 || strcmp(verb, "mend-others") == 0) ||
      argc != (wants_user ? 5 : 3))
    return fputs(usage, stderr), 2;
  if (dialward_file_open(path, make, &flash) != 0) {
    const char *why = errno == EWOULDBLOCK ? "another program keeps it" : errno == EINVAL ? "it is no such file" : strerror(errno);
    return fprintf(stderr, "dialward-state: %s: %s\n", path, why), 1;
  }
  if (make || renew) error = dialward_log_format(&flash, renew);
  else error = dialward_log_open(&flash);
  uint32_t found = make || renew ? 0 : dialward_log_found();
  if (error == DIALWARD_DONE && wants_user) error = mend(argv[3], argv[4]);
  if (error == DIALWARD_DONE && strcmp(verb, "mend-others") == 0) error = dialward_log_mend_others();
  if (error != DIALWARD_DONE) return fprintf(stderr, "dialward-state: %s: %s\n", path, says(error)), 1;
  if (found & DIALWARD_LOG_TORN) puts("A login that was never answered was cut short, and dropped.");
  if (found & DIALWARD_LOG_ROT) puts("Something has rotted: users who are concerned are refused until `mend`.");
  printf("%s: %s\n", path, says(error));
  return 0;
}
