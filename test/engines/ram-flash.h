/* Flash in RAM, for tests: NOR or NAND, with power that fails at any byte, pages that cannot be read, and a check that
 * nothing is programmed twice between two erasures. */
#include "spent-log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAM_SECTORS 8u
#define RAM_SECTOR_BYTES 2048u

static struct {
  uint8_t bytes[RAM_SECTORS][RAM_SECTOR_BYTES];
  uint8_t bad[RAM_SECTORS][RAM_SECTOR_BYTES / 64]; /* what cannot be read */
} ram;
static struct dialward_flash flash;
static long power = -1; /* bytes until it fails; below 0: for ever */
static int ecc, backwards, off; /* a cut page cannot be read; erasing begins at the end; the power is off */

static int ram_read(void *context, uint32_t sector, uint32_t at, uint8_t *bytes, uint32_t length) {
  (void)context;
  if (off) return DIALWARD_FLASH_ERROR;
  for (uint32_t i = at / 64; i < (at + length) / 64; i++) {
    if (ram.bad[sector][i]) return DIALWARD_FLASH_ERROR;
  }
  memcpy(bytes, ram.bytes[sector] + at, length);
  return DIALWARD_FLASH_DATA;
}

/* How many of the bytes are done before the power fails. */
static uint32_t powered(uint32_t length) {
  if (off) return 0;
  if (power < 0) return length;
  uint32_t done = (long)length < power ? length : (uint32_t)power;
  power -= (long)done;
  off = done < length;
  return done;
}

static int ram_program(void *context, uint32_t sector, uint32_t at, const uint8_t *bytes) {
  (void)context;
  for (uint32_t i = 0; !off && i < flash.page_bytes; i++) {
    if (ram.bytes[sector][at + i] != 255) printf("programmed twice: sector %u at %u\n", (unsigned)sector, (unsigned)at), exit(1);
  }
  if (off) return -1;
  uint32_t done = powered(flash.page_bytes);
  memcpy(ram.bytes[sector] + at, bytes, done);
  if (off && done > 0 && ecc) memset(ram.bad[sector] + at / 64, 1, flash.page_bytes / 64);
  return off ? -1 : 0;
}

static int ram_erase(void *context, uint32_t sector) {
  (void)context;
  uint32_t done = powered(flash.sector_bytes), from = backwards ? flash.sector_bytes - done : 0;
  memset(ram.bytes[sector] + from, 255, done);
  for (uint32_t i = 0; i < flash.sector_bytes / 64; i++) {
    if (i * 64 >= from && i * 64 < from + done) ram.bad[sector][i] = 0;
  }
  return off ? -1 : 0;
}

static void make_flash(uint32_t sectors, uint32_t sector_bytes, uint32_t page_bytes) {
  struct dialward_flash one = {sectors, sector_bytes, page_bytes, NULL, ram_read, ram_program, ram_erase};
  flash = one;
  memset(&ram, 0, sizeof ram);
  memset(ram.bytes, 255, sizeof ram.bytes);
  power = -1;
  off = 0;
}
