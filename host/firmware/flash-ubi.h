/* The spent log in a UBI volume of Linux's. Compiled in CI, and not tried on a chip. */
#ifndef DIALWARD_FLASH_UBI_H
#define DIALWARD_FLASH_UBI_H
#include "spent-log.h"

/* Opens and locks /dev/ubiX_Y at `path`, and fills in `flash`. What the volume is, /sys/class/ubi/ubiX_Y tells: `sectors`
 * is reserved_ebs, `sector_bytes` usable_eb_size; `page_bytes` is the device's min_io_size. Returns 0, or -1 with errno. */
int dialward_ubi_open(const char *path, uint32_t sectors, uint32_t sector_bytes, uint32_t page_bytes, struct dialward_flash *flash);

#endif
