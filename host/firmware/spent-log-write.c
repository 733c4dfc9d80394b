/* Writes the spent log's ring: fills pages, programs each once, and carries states along before their sector is erased.
 * (host/store/spent-log.md, "Writing" and "In flash") */
#include "spent-log-ring.h"

#include <string.h>

static uint8_t page[DIALWARD_FLASH_PAGE_MOST]; /* what is programmed next */

/* Programs the page that is filled, reads it back, and notes what lies in it. */
static int program(void) {
  uint32_t first = ring.slot - ring.page_slots, bytes = ring.flash.page_bytes;
  ring.seen_sector = NONE;
  ring.wear.programmed++;
  int failed = ring.flash.program(ring.flash.context, ring.newest, first * DIALWARD_ENTRY_BYTES, page) != 0 ||
               ring.flash.read(ring.flash.context, ring.newest, first * DIALWARD_ENTRY_BYTES, seen, bytes) != DIALWARD_FLASH_DATA ||
               memcmp(seen, page, bytes) != 0;
  if (failed) return -1;
  for (uint32_t i = 0; i < ring.page_slots; i++) dialward_ring_note(page + i * DIALWARD_ENTRY_BYTES, ring.newest, first + i);
  return 0;
}

int dialward_ring_add(const uint8_t *entry) {
  uint32_t in_page = ring.slot % ring.page_slots;
  uint8_t *to = page + in_page * DIALWARD_ENTRY_BYTES;
  memmove(to, entry, DIALWARD_ENTRY_BYTES);
  if (ring.slot > 0) { /* no header */
    int joined = in_page > 1 || (in_page == 1 && ring.slot > 1);
    int own = get(to + DIALWARD_ENTRY_ID, 8) == DIALWARD_ID_OWN;
    uint32_t revision = (own ? ring.sequence : (uint32_t)get(to + DIALWARD_ENTRY_REVISION, 4)) & ~JOINED;
    put(to + DIALWARD_ENTRY_REVISION, revision | (joined ? JOINED : 0u), 4);
  }
  dialward_entry_seal(to);
  ring.slot++;
  return ring.slot % ring.page_slots == 0 ? program() : 0;
}

int dialward_ring_add_state(uint64_t id, uint8_t fill) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  memset(entry, 0, DIALWARD_ENTRY_STATE);
  put(entry + DIALWARD_ENTRY_ID, id, 8);
  memset(entry + DIALWARD_ENTRY_STATE, fill, STATE_BYTES);
  return dialward_ring_add(entry);
}

/* Copies the last entry of a place to the end of the log. What cannot be read any more is lost. */
static int carry(const struct dialward_place *one) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  int sound = dialward_ring_look(one->sector, one->slot, entry) == SOUND && get(entry + DIALWARD_ENTRY_ID, 8) == one->id;
  return sound && !one->lost ? dialward_ring_add(entry) : dialward_ring_add_state(one->id, LOST);
}

int dialward_ring_flush(void) {
  uint32_t soon = (ring.newest + 2) % ring.flash.sectors;
  for (uint32_t i = 0; ring.slot % ring.page_slots != 0; i++) {
    const struct dialward_place *one = i < DIALWARD_IDS ? &places[i] : NULL;
    if (one && (one->id == 0 || one->id == DIALWARD_ID_OWN || (one->sector != soon && one->lost != 2))) continue;
    uint8_t *last = page + (ring.slot - 1) % ring.page_slots * DIALWARD_ENTRY_BYTES;
    if ((one ? carry(one) : dialward_ring_add(last)) != 0) return -1;
  }
  return 0;
}

int dialward_ring_carry_next(void) {
  const struct dialward_place *own = dialward_ring_find(DIALWARD_ID_OWN, 0);
  uint32_t next = (ring.newest + 1) % ring.flash.sectors;
  int lost = own && own->lost;
  ring.beginning = 1;
  for (uint32_t i = 0; i < DIALWARD_IDS; i++) {
    if (places[i].id == 0 || places[i].id == DIALWARD_ID_OWN || places[i].sector != next) continue;
    if (ring.slot + 1 >= ring.slots || carry(&places[i]) != 0) return -1;
  }
  return ring.slot >= ring.slots ? -1 : dialward_ring_add_state(DIALWARD_ID_OWN, lost ? LOST : UNCHANGED);
}

int dialward_ring_erase(uint32_t sector) {
  ring.seen_sector = NONE;
  ring.wear.erased++;
  return ring.flash.erase(ring.flash.context, sector);
}

int dialward_ring_add_header(uint32_t sequence, uint32_t before) {
  uint8_t header[DIALWARD_ENTRY_BYTES] = {0};
  put(header + 4, sequence, 4);
  memcpy(header + 16, "dialward", 8);
  header[24] = header[26] = 1;
  put(header + 32, before, 4);
  return dialward_ring_add(header);
}

int dialward_ring_begin(void) {
  uint32_t before = ring.slot - 1, next = (ring.newest + 1) % ring.flash.sectors;
  if (!ring.ready && dialward_ring_erase(next) != 0) return 1;
  ring.ready = ring.dirty = ring.own = 0;
  ring.beginning = 1;
  ring.newest = next;
  ring.sequence++;
  ring.slot = 0;
  return dialward_ring_add_header(ring.sequence, before) != 0 ? -1 : dialward_ring_carry_next();
}
