/* The spent log in a file: a sector is 4 KiB of it, a page one entry, and each page is synced. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "flash-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECTOR_BYTES 4096u
#define PAGE_BYTES 64u

static int file = -1;

void dialward_file_close(void) {
  if (file >= 0) close(file);
  file = -1;
}

static off_t place(uint32_t sector, uint32_t at) { return (off_t)sector * (off_t)SECTOR_BYTES + (off_t)at; }

static int file_read(void *context, uint32_t sector, uint32_t at, uint8_t *bytes, uint32_t length) {
  (void)context;
  return pread(file, bytes, length, place(sector, at)) == (ssize_t)length ? DIALWARD_FLASH_DATA : DIALWARD_FLASH_ERROR;
}

static int file_program(void *context, uint32_t sector, uint32_t at, const uint8_t *bytes) {
  (void)context;
  return pwrite(file, bytes, PAGE_BYTES, place(sector, at)) == (ssize_t)PAGE_BYTES && fdatasync(file) == 0 ? 0 : -1;
}

static int file_erase(void *context, uint32_t sector) {
  uint8_t blank[SECTOR_BYTES];
  (void)context;
  memset(blank, 255, sizeof blank);
  return pwrite(file, blank, sizeof blank, place(sector, 0)) == (ssize_t)sizeof blank && fdatasync(file) == 0 ? 0 : -1;
}

/* Takes the lock; 0 or -1. */
static int lock(void) {
  const struct timespec pause = {0, 50000000};
  for (int i = 0; flock(file, LOCK_EX | LOCK_NB) != 0; i++) {
    if (errno != EWOULDBLOCK || i == 200) return -1;
    nanosleep(&pause, NULL);
  }
  return 0;
}

int dialward_file_open(const char *path, int make, struct dialward_flash *flash) {
  const off_t size = place(DIALWARD_FILE_SECTORS, 0);
  struct stat about;
  int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT | O_EXCL : 0), error = 0;
  dialward_file_close();
  file = open(path, flags, 0600);
  if (file < 0) return -1;
  if (lock() != 0 || (make && ftruncate(file, size) != 0) || fstat(file, &about) != 0) error = errno;
  else if (!S_ISREG(about.st_mode) || about.st_size != size) error = EINVAL;
  if (error != 0) {
    dialward_file_close();
    errno = error;
    return -1;
  }
  memset(flash, 0, sizeof *flash);
  flash->sectors = DIALWARD_FILE_SECTORS;
  flash->sector_bytes = SECTOR_BYTES;
  flash->page_bytes = PAGE_BYTES;
  flash->read = file_read;
  flash->program = file_program;
  flash->erase = file_erase;
  return 0;
}
