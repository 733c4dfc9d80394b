/* The spent log in a dynamic UBI volume under Linux, /dev/ubiX_Y: UBI levels the wear and replaces blocks that go bad. A
 * sector is a logical block (LEB), which is written in whole pages, in order. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "flash-ubi.h"

#include <fcntl.h>
#include <mtd/ubi-user.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int volume = -1;
static struct { uint32_t sector_bytes, page_bytes; } shape;

static off_t place(uint32_t sector, uint32_t at) { return (off_t)sector * (off_t)shape.sector_bytes + (off_t)at; }

static int ubi_read(void *context, uint32_t sector, uint32_t at, uint8_t *bytes, uint32_t length) {
  int32_t block = (int32_t)sector;
  (void)context;
  if (ioctl(volume, UBI_IOCEBISMAP, &block) == 0) return DIALWARD_FLASH_BLANK; /* erased, and nothing written since */
  return pread(volume, bytes, length, place(sector, at)) == (ssize_t)length ? DIALWARD_FLASH_DATA : DIALWARD_FLASH_ERROR;
}

static int ubi_program(void *context, uint32_t sector, uint32_t at, const uint8_t *bytes) {
  (void)context;
  return pwrite(volume, bytes, shape.page_bytes, place(sector, at)) == (ssize_t)shape.page_bytes ? fsync(volume) : -1;
}

static int ubi_erase(void *context, uint32_t sector) {
  int32_t block = (int32_t)sector;
  (void)context;
  return ioctl(volume, UBI_IOCEBER, &block);
}

int dialward_ubi_open(const char *path, uint32_t sectors, uint32_t sector_bytes, uint32_t page_bytes, struct dialward_flash *flash) {
  struct ubi_set_vol_prop_req direct;
  memset(&direct, 0, sizeof direct);
  direct.property = UBI_VOL_PROP_DIRECT_WRITE;
  direct.value = 1;
  volume = open(path, O_RDWR | O_CLOEXEC);
  if (volume < 0 || flock(volume, LOCK_EX | LOCK_NB) != 0 || ioctl(volume, UBI_IOCSETVOLPROP, &direct) != 0) return -1;
  shape.sector_bytes = sector_bytes;
  shape.page_bytes = page_bytes;
  struct dialward_flash one = {sectors, sector_bytes, page_bytes, NULL, ubi_read, ubi_program, ubi_erase};
  *flash = one;
  return 0;
}
