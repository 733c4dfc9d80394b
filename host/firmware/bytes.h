/* Numbers in little-endian bytes, on every processor. For the parts of the host, not for what uses them. */
#ifndef DIALWARD_BYTES_H
#define DIALWARD_BYTES_H
#include <stdint.h>

static inline void put(uint8_t *to, uint64_t number, uint32_t bytes) {
  for (; bytes > 0; bytes--, number >>= 8) *to++ = (uint8_t)number;
}

static inline uint64_t get(const uint8_t *from, uint32_t bytes) {
  uint64_t number = 0;
  while (bytes-- > 0) number = number << 8 | from[bytes];
  return number;
}
#endif
