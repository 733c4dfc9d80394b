/* The spent log's ring of sectors, read into a table: where the last entry of each user lies, what is torn, what has
 * rotted. (host/store/spent-log.md, "Reading" and "In flash") */
#include "spent-log-ring.h"

#include <string.h>

struct dialward_ring dialward_ring;
struct dialward_place dialward_places[DIALWARD_IDS];
uint8_t dialward_seen[DIALWARD_SEEN_BYTES];
static int seen_result;

enum kind dialward_ring_look(uint32_t sector, uint32_t slot, uint8_t *to) {
  uint32_t chunk = ring.flash.page_bytes > CHUNK_BYTES ? ring.flash.page_bytes : CHUNK_BYTES;
  uint32_t at = slot * DIALWARD_ENTRY_BYTES, from = at - at % chunk;
  if (ring.flash.sector_bytes - from < chunk) chunk = ring.flash.sector_bytes - from;
  if (ring.seen_sector != sector || ring.seen_at != from) {
    seen_result = ring.flash.read(ring.flash.context, sector, from, seen, chunk);
    if (seen_result == DIALWARD_FLASH_BLANK) memset(seen, 255, chunk);
    ring.seen_sector = sector;
    ring.seen_at = from;
  }
  int result = seen_result;
  if (result != DIALWARD_FLASH_ERROR) memcpy(to, seen + (at - from), DIALWARD_ENTRY_BYTES);
  /* Of what cannot be read as a whole, a part may be. */
  else if (ring.flash.page_bytes < chunk)
    result = ring.flash.read(ring.flash.context, sector, at, to, DIALWARD_ENTRY_BYTES);
  if (result == DIALWARD_FLASH_ERROR) return UNSOUND;
  if (result == DIALWARD_FLASH_BLANK) memset(to, 255, DIALWARD_ENTRY_BYTES);
  return dialward_entry_judge(to);
}

struct dialward_place *dialward_ring_find(uint64_t id, int make) {
  uint64_t room = (uint64_t)(ring.flash.sectors - 2) * (ring.slots - 2) * 3 / 4;
  for (uint32_t i = (uint32_t)(id * 0x9e3779b97f4a7c15ull >> 32);; i++) {
    struct dialward_place *one = &places[i % DIALWARD_IDS];
    if (one->id == id) return one;
    if (one->id != 0) continue;
    if (!make || ring.known >= DIALWARD_IDS * 3 / 4 || ring.known > room) return NULL;
    ring.known++;
    one->id = id;
    return one;
  }
}

/* Everybody without an entry from here on is damaged. */
static void rot(void) {
  ring.found |= DIALWARD_LOG_ROT;
  (void)dialward_ring_find(DIALWARD_ID_OWN, 1);
  for (uint32_t i = 0; i < DIALWARD_IDS; i++) places[i].lost = 2;
}

/* Whether an entry's state has one value in each byte. */
static int is_full(const uint8_t *entry, uint8_t value) {
  return dialward_entry_differs(entry + DIALWARD_ENTRY_STATE, STATE_BYTES, value) == 0;
}

int dialward_ring_note(const uint8_t *entry, uint32_t sector, uint32_t slot) {
  uint64_t id = get(entry + DIALWARD_ENTRY_ID, 8);
  struct dialward_place *one = id == 0 ? NULL : dialward_ring_find(id, 1);
  if (!one) return id == 0;
  one->sector = (uint16_t)sector;
  one->slot = (uint16_t)slot;
  /* That of the log itself says nothing new, unless it is an administrator's. */
  if (id != DIALWARD_ID_OWN || is_full(entry, OTHERS_ARE_NEW)) one->lost = 0;
  if (is_full(entry, LOST)) one->lost = 1;
  if (id == DIALWARD_ID_OWN && sector == ring.newest) ring.own = 1;
  return 1;
}

/* Reads the entries of a sector that another one follows; `count`: how many of them count. */
static int read_followed(uint32_t sector, uint32_t count) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  int room = 1;
  if (count != NONE && count > ring.slots - 1) rot();
  for (uint32_t slot = 1; slot < ring.slots && slot <= count; slot++) {
    if (dialward_ring_look(sector, slot, entry) == SOUND) room &= dialward_ring_note(entry, sector, slot);
    else if (count != NONE) rot();
  }
  return room;
}

/* The last entry of the newest sector that is not joined: it and all before it were synced. 0: there is none. */
static uint32_t find_synced(uint32_t slots) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  uint32_t slot = slots - 1;
  while (slot > 0 && (dialward_ring_look(ring.newest, slot, entry) != SOUND || (get(entry + DIALWARD_ENTRY_REVISION, 4) & JOINED))) slot--;
  return slot;
}

/* Reads the newest sector, of which so many slots may count, and where it goes on. `use`: 0 looks only for the log's own
 * entry. */
static int read_newest(uint32_t slots, uint32_t synced, int use) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  uint32_t end = 0;
  int room = 1;
  for (uint32_t slot = 1; slot < slots; slot++) {
    enum kind what = dialward_ring_look(ring.newest, slot, entry);
    if (slot <= synced || (end == slot - 1 && what == SOUND)) {
      end = slot;
      if (!use) ring.own |= what == SOUND && get(entry + DIALWARD_ENTRY_ID, 8) == DIALWARD_ID_OWN;
      else if (what == SOUND) room &= dialward_ring_note(entry, ring.newest, slot);
      else rot(), ring.dirty = ring.rotten = 1;
    } else if (what != ERASED) {
      ring.dirty = 1;
      if (what != BLANK) ring.found |= DIALWARD_LOG_TORN;
    }
  }
  ring.slot = end + 1;
  if (ring.slot % ring.page_slots != 0) ring.dirty = 1;
  return room;
}

/* Whether a sector without a sound header is the one of this number: its own entry tells. */
static int is_numbered(uint32_t sector, uint32_t sequence) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  for (uint32_t slot = 1; slot < ring.slots; slot++) {
    if (dialward_ring_look(sector, slot, entry) == SOUND && get(entry + DIALWARD_ENTRY_ID, 8) == DIALWARD_ID_OWN)
      return ((get(entry + DIALWARD_ENTRY_REVISION, 4) ^ sequence) & ~JOINED) == 0;
  }
  return 0;
}

enum dialward_error dialward_ring_read(void) {
  static uint32_t sequence[DIALWARD_FLASH_SECTORS_MOST], before[DIALWARD_FLASH_SECTORS_MOST];
  static uint8_t kind[DIALWARD_FLASH_SECTORS_MOST];
  uint8_t header[DIALWARD_ENTRY_BYTES];
  uint32_t sectors = ring.flash.sectors, used = 0, unsound = 0, blank = 0, oldest = 0;
  int room = 1;
  memset(places, 0, sizeof places);
  ring.known = ring.found = ring.dirty = ring.ready = ring.beginning = ring.own = ring.rotten = 0;
  ring.seen_sector = NONE;
  for (uint32_t i = 0; i < sectors; i++) {
    kind[i] = (uint8_t)dialward_ring_look(i, 0, header);
    if (kind[i] == ERASED) kind[i] = BLANK;
    if (kind[i] == SOUND && (get(header + 8, 8) != 0 || memcmp(header + 16, "dialward", 8) != 0)) kind[i] = UNSOUND;
    if (kind[i] == SOUND && get(header + 24, 2) != 1) return DIALWARD_NEWER;
    if (kind[i] == SOUND && header[26] != 1) kind[i] = UNSOUND;
    if (kind[i] != SOUND) continue;
    sequence[i] = (uint32_t)get(header + 4, 4);
    before[i] = (uint32_t)get(header + 32, 4);
    if (used++ == 0 || sequence[i] - sequence[ring.newest] < 0x80000000u) ring.newest = i;
  }
  for (uint32_t i = 0; i < sectors; i++) unsound += kind[i] == UNSOUND;
  if (used == 0) return unsound > 0 ? DIALWARD_LOST : DIALWARD_NO_LOG;
  uint32_t next = (ring.newest + 1) % sectors;
  ring.sequence = sequence[ring.newest];
  if (kind[next] != SOUND && is_numbered(next, ring.sequence + 1)) {
    kind[next] = SOUND;
    sequence[next] = ++ring.sequence;
    before[next] = ring.slots - 1; /* not known: the sector before was full, or something has rotted */
    ring.newest = next;
    next = (next + 1) % sectors;
  }
  uint32_t slots = ring.slots;
  if (ring.limit != 0 && ring.limited == ring.sequence) slots = ring.limit, ring.dirty = 1;
  uint32_t synced = find_synced(slots);
  read_newest(slots, synced, 0);
  /* With the log's own entry in the newest, nothing of the next counts any more: it may be half erased. */
  if (ring.own && next != ring.newest) kind[next] = BLANK;
  unsound = 0;
  for (uint32_t i = 0; i < sectors; i++) {
    unsound += kind[i] == UNSOUND;
    blank += kind[i] == BLANK && i != next;
    if (kind[i] == SOUND && ring.sequence - sequence[i] > oldest) oldest = ring.sequence - sequence[i];
  }
  /* A ring that has turned has no unused sector but the next. */
  if (unsound > 0 || (blank > 0 && ring.sequence - oldest != 1)) rot();
  for (uint32_t last = oldest + 1;;) {
    uint32_t nearest = NONE, sector = 0, follower = NONE;
    for (uint32_t i = 0; i < sectors; i++) {
      uint32_t age = ring.sequence - sequence[i];
      if (kind[i] == SOUND && age < last && (nearest == NONE || age > nearest)) nearest = age, sector = i;
    }
    if (nearest != last - 1) rot();
    if (nearest == 0) break;
    for (uint32_t i = 0; i < sectors; i++) {
      if (kind[i] == SOUND && sequence[i] == sequence[sector] + 1) follower = before[i];
    }
    room &= read_followed(sector, follower);
    last = nearest;
  }
  ring.own = 0;
  room &= read_newest(slots, synced, 1);
  return room ? DIALWARD_DONE : DIALWARD_FULL;
}
