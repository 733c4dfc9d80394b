/* The two slots as two files (POSIX): a slot is cut to nothing, written, and synced before it counts. */
#define _XOPEN_SOURCE 700
#include "flash-file.h"
#include "host.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static int slots[2] = {-1, -1};

void dialward_flash_close(void) {
  for (int i = 0; i < 2; i++) {
    if (slots[i] >= 0) close(slots[i]);
    slots[i] = -1;
  }
}

int dialward_flash_open(const char *path) {
  char name[4096];
  for (int i = 0; i < 2; i++) {
    if (snprintf(name, sizeof name, "%s.%d", path, i) >= (int)sizeof name) return -1;
    slots[i] = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    /* The lock of slot 0 stands for both. */
    if (slots[i] < 0 || (i == 0 && flock(slots[i], LOCK_EX) != 0)) {
      dialward_flash_close();
      return -1;
    }
  }
  return 0;
}

int dialward_flash_read(uint32_t slot, uint32_t at, void *bytes, uint32_t length) {
  return pread(slots[slot], bytes, length, at) == (ssize_t)length ? 0 : -1;
}

int dialward_flash_erase(uint32_t slot) { return ftruncate(slots[slot], 0); }

int dialward_flash_write(uint32_t slot, uint32_t at, const void *bytes, uint32_t length) {
  return pwrite(slots[slot], bytes, length, at) == (ssize_t)length ? 0 : -1;
}

int dialward_flash_sync(uint32_t slot) { return fsync(slots[slot]); }
