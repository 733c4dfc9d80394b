/* The spent log in raw flash, a partition of Linux's MTD. Compiled in CI, and not tried on a chip. */
#ifndef DIALWARD_FLASH_MTD_H
#define DIALWARD_FLASH_MTD_H
#include "spent-log.h"

/* Opens and locks /dev/mtdN at `path`, of which all blocks are used, and fills in `flash`. Returns 0, or -1 with errno. */
int dialward_mtd_open(const char *path, struct dialward_flash *flash);

#endif
