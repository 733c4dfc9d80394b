/* The spent log in flash, as a host calls it: opens, appends, finds its way on after a failure. */
#include "spent-log-ring.h"

#include <string.h>

/* After a failure the log is read again. In a sector where a page failed nothing counts from that page on, and nothing
 * is programmed; one that could not be begun is erased: it has copies alone, of what the next has still. */
static enum dialward_error fail(void) {
  ring.open = 0;
  if (ring.beginning) ring.redo = 1, ring.unmade = ring.sequence;
  else ring.limited = ring.sequence, ring.limit = ring.slot - 1 - (ring.slot - 1) % ring.page_slots;
  return DIALWARD_NO_FLASH;
}

/* Reads the log, and ends what was begun: copies that were being made. */
static enum dialward_error settle(void) {
  enum dialward_error error = dialward_ring_read();
  uint32_t next = (ring.newest + 1) % ring.flash.sectors;
  int carried = 1;
  if (error != DIALWARD_DONE) return error;
  for (uint32_t i = 0; i < DIALWARD_IDS; i++) carried &= places[i].id == 0 || places[i].sector != next;
  if ((ring.redo && ring.unmade == ring.sequence) || (ring.dirty && !ring.rotten && !ring.own && !carried)) {
    if (dialward_ring_erase(ring.newest) != 0) return DIALWARD_NO_FLASH;
    error = dialward_ring_read();
  } else if (!ring.dirty && !ring.own && ring.slot < ring.slots) {
    if (dialward_ring_carry_next() != 0 || dialward_ring_flush() != 0) return fail();
  } else if (!ring.rotten && !ring.own && !carried) {
    return DIALWARD_FULL; /* not written by this program: what the next has would be lost */
  }
  ring.redo = ring.beginning = 0;
  ring.open = error == DIALWARD_DONE;
  return error;
}

/* Appends entries that are programmed as one. */
static enum dialward_error append(const uint8_t *entries, uint32_t count) {
  uint32_t turns = 0;
  enum dialward_error error = ring.open ? DIALWARD_DONE : settle();
  if (error != DIALWARD_DONE) return error;
  for (uint32_t i = 0; i < count; i++) {
    if (!dialward_ring_find(get(entries + i * DIALWARD_ENTRY_BYTES + DIALWARD_ENTRY_ID, 8), 1)) return ring.open = 0, DIALWARD_FULL;
  }
  /* Each turn makes room, unless all of the ring is taken by states that are carried along. */
  while (ring.dirty || ring.slot + count > ring.slots) {
    if (turns++ > ring.flash.sectors) return ring.open = 0, DIALWARD_FULL;
    if (!ring.dirty && dialward_ring_flush() != 0) return fail();
    int begun = dialward_ring_begin();
    if (begun != 0) return begun < 0 ? fail() : DIALWARD_NO_FLASH;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (dialward_ring_add(entries + i * DIALWARD_ENTRY_BYTES) != 0) return fail();
  }
  if (dialward_ring_flush() != 0) return fail();
  ring.beginning = 0;
  return DIALWARD_DONE;
}

enum dialward_error dialward_log_append(uint8_t *entries, uint32_t count) {
  uint32_t at_once = ring.page_slots < ring.slots - 2 ? ring.page_slots : 1;
  enum dialward_error error = ring.slots == 0 ? DIALWARD_BAD_CALL : DIALWARD_DONE;
  for (uint32_t i = 0, some; error == DIALWARD_DONE && i < count; i += some) {
    some = count - i < at_once ? count - i : at_once;
    error = append(entries + i * DIALWARD_ENTRY_BYTES, some);
  }
  return error;
}

/* Takes the flash over. */
static int take(const struct dialward_flash *flash) {
  const uint32_t bytes = flash->page_bytes;
  memset(&ring, 0, sizeof ring);
  dialward_entry_start();
  if (flash->sectors < 3 || flash->sectors > DIALWARD_FLASH_SECTORS_MOST) return -1;
  if (bytes == 0 || bytes % DIALWARD_ENTRY_BYTES != 0 || bytes > DIALWARD_FLASH_PAGE_MOST) return -1;
  if (flash->sector_bytes % bytes != 0 || flash->sector_bytes / DIALWARD_ENTRY_BYTES < 4) return -1;
  if (flash->sector_bytes / DIALWARD_ENTRY_BYTES > 65535) return -1;
  ring.flash = *flash;
  ring.slots = flash->sector_bytes / DIALWARD_ENTRY_BYTES;
  ring.page_slots = bytes / DIALWARD_ENTRY_BYTES;
  return 0;
}

enum dialward_error dialward_log_open(const struct dialward_flash *flash) {
  uint8_t entry[DIALWARD_ENTRY_BYTES] = {0};
  if (take(flash) != 0) return DIALWARD_BAD_CALL;
  enum dialward_error error = settle();
  uint32_t found = ring.found;
  memset(entry + DIALWARD_ENTRY_STATE, LOST, STATE_BYTES);
  for (uint32_t i = 0; error == DIALWARD_DONE && i < DIALWARD_IDS; i++) {
    if (places[i].id == 0 || places[i].lost != 2) continue;
    put(entry + DIALWARD_ENTRY_ID, places[i].id, 8);
    error = append(entry, 1);
  }
  ring.found = found;
  return error;
}

/* Erases from the oldest sector on, so that what is left of an old log, if this is cut short, is never taken for whole. */
enum dialward_error dialward_log_format(const struct dialward_flash *flash, int lost) {
  if (take(flash) != 0) return DIALWARD_BAD_CALL;
  (void)dialward_ring_read();
  uint32_t newest = ring.newest;
  for (uint32_t i = 1; i <= flash->sectors; i++) {
    if (dialward_ring_erase((newest + i) % flash->sectors) != 0) return DIALWARD_NO_FLASH;
  }
  memset(places, 0, sizeof places);
  ring.newest = ring.slot = ring.known = 0;
  ring.sequence = 1;
  int failed = dialward_ring_add_header(1, 0) != 0 || dialward_ring_add_state(DIALWARD_ID_OWN, lost ? LOST : UNCHANGED) != 0 || dialward_ring_flush() != 0;
  ring.open = 0;
  return failed ? DIALWARD_NO_FLASH : DIALWARD_DONE;
}

uint32_t dialward_log_found(void) { return ring.found; }

enum dialward_log_state dialward_log_look(uint64_t id, uint8_t *state) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  if (!ring.open && (ring.slots == 0 || settle() != DIALWARD_DONE)) return DIALWARD_LOG_DAMAGED;
  const struct dialward_place *one = dialward_ring_find(id, 0), *own = dialward_ring_find(DIALWARD_ID_OWN, 0);
  if (!one) return own && own->lost ? DIALWARD_LOG_DAMAGED : DIALWARD_LOG_NONE;
  if (one->lost || dialward_ring_look(one->sector, one->slot, entry) != SOUND || get(entry + DIALWARD_ENTRY_ID, 8) != id)
    return DIALWARD_LOG_DAMAGED;
  memcpy(state, entry + DIALWARD_ENTRY_STATE, STATE_BYTES);
  return DIALWARD_LOG_KNOWN;
}

enum dialward_error dialward_log_mend_others(void) {
  uint8_t entry[DIALWARD_ENTRY_BYTES] = {0};
  put(entry + DIALWARD_ENTRY_ID, DIALWARD_ID_OWN, 8);
  memset(entry + DIALWARD_ENTRY_STATE, OTHERS_ARE_NEW, STATE_BYTES);
  return dialward_log_append(entry, 1);
}

void dialward_log_tidy(void) {
  if (ring.open && ring.own && !ring.ready) ring.ready = dialward_ring_erase((ring.newest + 1) % ring.flash.sectors) == 0;
}

struct dialward_wear dialward_log_wear(void) { return ring.wear; }
