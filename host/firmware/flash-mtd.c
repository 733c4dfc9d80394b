/* The spent log in raw flash under Linux: a whole MTD partition, NOR or NAND, /dev/mtdN. Programs need the page size that
 * the chip has. NAND: blocks that are bad are left out when the partition is opened; one that goes bad later stops the log
 * (all logins are refused): where that matters, put the log into a UBI volume, flash-ubi.c. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "flash-mtd.h"

#include <errno.h>
#include <fcntl.h>
#include <mtd/mtd-user.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int device = -1;
static struct mtd_info_user chip;
static uint32_t page_bytes;
static uint32_t blocks[DIALWARD_FLASH_SECTORS_MOST]; /* the block of each sector */

static off_t place(uint32_t sector, uint32_t at) { return (off_t)blocks[sector] * (off_t)chip.erasesize + (off_t)at; }

/* What cannot be corrected comes back as EBADMSG. */
static int mtd_read(void *context, uint32_t sector, uint32_t at, uint8_t *bytes, uint32_t length) {
  (void)context;
  return pread(device, bytes, length, place(sector, at)) == (ssize_t)length ? DIALWARD_FLASH_DATA : DIALWARD_FLASH_ERROR;
}

static int mtd_program(void *context, uint32_t sector, uint32_t at, const uint8_t *bytes) {
  (void)context;
  return pwrite(device, bytes, page_bytes, place(sector, at)) == (ssize_t)page_bytes ? 0 : -1;
}

static int mtd_erase(void *context, uint32_t sector) {
  struct erase_info_user range = {(uint32_t)place(sector, 0), chip.erasesize};
  (void)context;
  return ioctl(device, MEMERASE, &range);
}

int dialward_mtd_open(const char *path, struct dialward_flash *flash) {
  uint32_t sectors = 0;
  device = open(path, O_RDWR | O_CLOEXEC | O_SYNC);
  if (device < 0 || flock(device, LOCK_EX | LOCK_NB) != 0 || ioctl(device, MEMGETINFO, &chip) != 0) return -1;
  for (uint32_t block = 0; block < chip.size / chip.erasesize && sectors < DIALWARD_FLASH_SECTORS_MOST; block++) {
    int64_t at = (int64_t)block * chip.erasesize;
    if (ioctl(device, MEMGETBADBLOCK, &at) <= 0) blocks[sectors++] = block; /* NOR does not know the question */
  }
  page_bytes = chip.writesize < DIALWARD_ENTRY_BYTES ? DIALWARD_ENTRY_BYTES : chip.writesize;
  struct dialward_flash one = {sectors, chip.erasesize, page_bytes, NULL, mtd_read, mtd_program, mtd_erase};
  *flash = one;
  return 0;
}
