/* The spent log's entries: their check sum, and what is sound, blank or unsound. (host/store/spent-log.md, "Entries") */
#include "spent-log-ring.h"

#include <string.h>

#define POLYNOMIAL 0xedb88320u

static uint32_t table[256];

static uint32_t step(uint32_t crc) { return crc >> 1 ^ (POLYNOMIAL & (0u - (crc & 1u))); }

void dialward_entry_start(void) {
  uint32_t crc = 1; /* of one bit, from the highest down; of several it is the sum of theirs */
  for (uint32_t bit = 128; bit > 0; bit /= 2) {
    crc = step(crc);
    for (uint32_t i = 0; i < 256; i += 2 * bit) table[bit + i] = crc ^ table[i];
  }
}

/* CRC-32 of ISO 3309, of an entry's bytes 4 to 63. */
static uint32_t checksum(const uint8_t *entry) {
  uint32_t crc = NONE;
  for (uint32_t i = 4; i < DIALWARD_ENTRY_BYTES; i++) crc = crc >> 8 ^ table[(crc ^ entry[i]) & 255u];
  return ~crc;
}

void dialward_entry_seal(uint8_t *entry) { put(entry, checksum(entry), 4); }

uint32_t dialward_entry_differs(const uint8_t *bytes, uint32_t length, uint8_t value) {
  uint32_t other = 0;
  for (uint32_t word; length > 0 && other < 2; bytes += sizeof word, length -= (uint32_t)sizeof word) {
    memcpy(&word, bytes, sizeof word);
    for (word ^= value * 0x01010101u; word != 0 && other < 2; word &= word - 1) other++;
  }
  return other;
}

enum kind dialward_entry_judge(uint8_t *entry) {
  uint32_t other = dialward_entry_differs(entry, DIALWARD_ENTRY_BYTES, 255);
  if (other == 0) return ERASED;
  if (other == 1 || dialward_entry_differs(entry, DIALWARD_ENTRY_BYTES, 0) < 2) return BLANK;
  uint32_t syndrome = checksum(entry) ^ (uint32_t)get(entry, 4), effect = POLYNOMIAL;
  if (syndrome == 0) return SOUND;
  if ((syndrome & (syndrome - 1)) == 0) return put(entry, get(entry, 4) ^ syndrome, 4), SOUND;
  for (uint32_t bit = 8 * DIALWARD_ENTRY_BYTES - 1; bit >= 32; bit--, effect = step(effect)) {
    if (effect == syndrome) return entry[bit / 8] ^= (uint8_t)(1u << bit % 8), SOUND;
  }
  return UNSOUND;
}
