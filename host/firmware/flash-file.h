/* The spent log in a file (POSIX), for programs under an operating system. */
#ifndef DIALWARD_FLASH_FILE_H
#define DIALWARD_FLASH_FILE_H
#include "spent-log.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The file is a ring of so many sectors of 4 KiB. */
#ifndef DIALWARD_FILE_SECTORS
#define DIALWARD_FILE_SECTORS 16u
#endif

/* Opens the file at `path`, and locks it: two processes must not read, judge and write at once. Waits up to 10 s for
 * its turn. make = 1: there must be none, and it is made, to be formatted. Fills in `flash`. Returns 0, or -1 with errno:
 * EWOULDBLOCK where another process keeps it, EINVAL where it has another size. */
int dialward_file_open(const char *path, int make, struct dialward_flash *flash);

/* Unlocks and closes. */
void dialward_file_close(void);

#ifdef __cplusplus
}
#endif
#endif
