// Makes one call on a file below FAIL_BELOW fail, as a disk does: the FAIL_AT-th write or sync, with errno FAIL_ERRNO;
// FAIL_COUNT names a file for the number of calls. To be preloaded (LD_PRELOAD).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static _Atomic int calls;

static int is_below(int fd) {
  const char *below = getenv("FAIL_BELOW");
  char link[64], path[4096];
  if (!below || fd < 3) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, below, strlen(below)) == 0;
}

/** Whether this call fails; errno says how. */
static int fails(int fd) {
  int before = errno;
  if (!is_below(fd)) {
    errno = before;
    return 0;
  }
  int number = ++calls;
  const char *at = getenv("FAIL_AT"), *how = getenv("FAIL_ERRNO");
  errno = before;
  if (!at || number != atoi(at)) return 0;
  errno = how ? atoi(how) : EIO;
  return 1;
}

__attribute__((destructor)) static void tell(void) {
  const char *name = getenv("FAIL_COUNT");
  FILE *file = name ? fopen(name, "w") : NULL;
  if (!file) return;
  fprintf(file, "%d\n", calls);
  fclose(file);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/** Of what a full disk is given it takes the first half, where there is more than a byte. */
#define PART(call, length) (errno == ENOSPC && (length) > 1 ? (call) : -1)

ssize_t write(int fd, const void *bytes, size_t length) {
  if (fails(fd)) return PART(REAL(write)(fd, bytes, length / 2), length);
  return REAL(write)(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  if (fails(fd)) return PART(REAL(pwrite64)(fd, bytes, length / 2, at), length);
  return REAL(pwrite64)(fd, bytes, length, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
  if (fails(fd)) return PART(REAL(pwrite)(fd, bytes, length / 2, at), length);
  return REAL(pwrite)(fd, bytes, length, at);
}

int fsync(int fd) {
  return fails(fd) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd) {
  return fails(fd) ? -1 : REAL(fdatasync)(fd);
}
