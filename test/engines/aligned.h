/* Included before the module's C: every access must be at an address that its size divides. wasm-rt.h tells compilers
 * so, and the big-endian layout needs it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *aligned(void *to, const void *from, size_t n) {
  if (((uintptr_t)to | (uintptr_t)from) % n) {
    fprintf(stderr, "an access of %u bytes is not aligned\n", (unsigned)n);
    abort();
  }
  return memcpy(to, from, n);
}
#define wasm_rt_memcpy(to, from, n) aligned(to, from, n)
