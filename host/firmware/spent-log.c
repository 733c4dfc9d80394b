/* The spent log in flash: reads the ring of sectors, tells torn from rotten, appends, and carries states along.
 * (host/store/spent-log.md) */
#include "spent-log.h"

#include <string.h>

#define STATE_BYTES (DIALWARD_ENTRY_BYTES - DIALWARD_ENTRY_STATE)
#define JOINED 0x80000000u
#define POLYNOMIAL 0xedb88320u
#define CHUNK_BYTES 1024u /* what is read at once where pages are smaller */
#define NONE 0xffffffffu
/* What a state is full of: it is lost; of the log's own entry: that nothing is new; an administrator's word. */
#define LOST 255
#define UNCHANGED 0
#define OTHERS_ARE_NEW 1

enum kind { SOUND, BLANK, UNSOUND };

/* Where the last entry of an id lies. */
struct place {
  uint64_t id; /* 0: free */
  uint16_t sector, slot;
  uint8_t lost; /* 1: the entry says so; 2: rot says so, and no entry yet */
};

static struct {
  struct dialward_flash flash;
  uint32_t slots, page_slots;       /* entries of a sector, the header among them; of a page */
  uint32_t newest, sequence, slot;  /* the sector that is written, its number, the slot that comes next */
  uint32_t known, found;            /* ids in the table; DIALWARD_LOG_* */
  uint32_t limited, limit;          /* in the sector of this number a write has failed at this slot; 0: in none */
  uint32_t unmade;                  /* the sector of this number could not be begun */
  uint8_t open, dirty, ready;       /* usable; no more may be appended to `newest`; the next sector is erased */
  uint8_t beginning, own, redo;     /* `newest` is being begun; it has the log's own entry; `unmade` is set */
  uint8_t rotten;                   /* something in `newest` has rotted */
  struct dialward_wear wear;
} ring;
static struct place places[DIALWARD_IDS];
static uint8_t page[DIALWARD_FLASH_PAGE_MOST]; /* what is programmed next */
static uint8_t seen[DIALWARD_FLASH_PAGE_MOST < CHUNK_BYTES ? CHUNK_BYTES : DIALWARD_FLASH_PAGE_MOST];
static uint32_t seen_sector, seen_at, table[256];
static int seen_result;

static void put(uint8_t *to, uint64_t number, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) to[i] = (uint8_t)(number >> (8 * i));
}
static uint64_t get(const uint8_t *from, uint32_t bytes) {
  uint64_t number = 0;
  while (bytes-- > 0) number = number << 8 | from[bytes];
  return number;
}
static int all(const uint8_t *bytes, uint32_t length, uint8_t value) {
  return bytes[0] == value && memcmp(bytes, bytes + 1, length - 1) == 0;
}

static uint32_t step(uint32_t crc) { return crc >> 1 ^ (POLYNOMIAL & (0u - (crc & 1u))); }

/* CRC-32 of ISO 3309, of an entry's bytes 4 to 63. */
static uint32_t checksum(const uint8_t *entry) {
  uint32_t crc = NONE;
  for (uint32_t i = 4; i < DIALWARD_ENTRY_BYTES; i++) crc = crc >> 8 ^ table[(crc ^ entry[i]) & 255u];
  return ~crc;
}

/* Whether an entry is of one value but for at most one bit. */
static int nearly(const uint8_t *entry, uint8_t value) {
  uint32_t other = 0;
  if (all(entry, DIALWARD_ENTRY_BYTES, value)) return 1;
  for (uint32_t i = 0; i < DIALWARD_ENTRY_BYTES && other < 2; i++) {
    for (uint32_t bits = (uint32_t)(entry[i] ^ value); bits != 0; bits &= bits - 1) other++;
  }
  return other < 2;
}

/* What an entry is; one turned bit is turned back. */
static enum kind judge(uint8_t *entry) {
  if (nearly(entry, 255) || nearly(entry, 0)) return BLANK;
  uint32_t syndrome = checksum(entry) ^ (uint32_t)get(entry, 4), effect = POLYNOMIAL;
  if (syndrome == 0) return SOUND;
  if ((syndrome & (syndrome - 1)) == 0) return put(entry, get(entry, 4) ^ syndrome, 4), SOUND;
  for (uint32_t bit = 8 * DIALWARD_ENTRY_BYTES - 1; bit >= 32; bit--, effect = step(effect)) {
    if (effect == syndrome) return entry[bit / 8] ^= (uint8_t)(1u << bit % 8), SOUND;
  }
  return UNSOUND;
}

/* Reads an entry into `to`; returns what it is. `strict`, where given: whether it is 0xff in every bit. */
static enum kind look(uint32_t sector, uint32_t slot, uint8_t *to, int *strict) {
  uint32_t chunk = ring.flash.page_bytes > CHUNK_BYTES ? ring.flash.page_bytes : CHUNK_BYTES;
  uint32_t at = slot * DIALWARD_ENTRY_BYTES, from = at - at % chunk;
  if (ring.flash.sector_bytes - from < chunk) chunk = ring.flash.sector_bytes - from;
  if (seen_sector != sector || seen_at != from) {
    seen_result = ring.flash.read(ring.flash.context, sector, from, seen, chunk);
    if (seen_result == DIALWARD_FLASH_BLANK) memset(seen, 255, chunk);
    seen_sector = sector;
    seen_at = from;
  }
  int result = seen_result;
  if (result != DIALWARD_FLASH_ERROR) memcpy(to, seen + (at - from), DIALWARD_ENTRY_BYTES);
  /* Of what cannot be read as a whole, a part may be. */
  else if (ring.flash.page_bytes < chunk)
    result = ring.flash.read(ring.flash.context, sector, at, to, DIALWARD_ENTRY_BYTES);
  if (strict) *strict = 0;
  if (result == DIALWARD_FLASH_ERROR) return UNSOUND;
  if (result == DIALWARD_FLASH_BLANK) memset(to, 255, DIALWARD_ENTRY_BYTES);
  if (strict) *strict = all(to, DIALWARD_ENTRY_BYTES, 255);
  return judge(to);
}

/* The place of an id; NULL where it has none. With `make` it gets one, unless there is no room. */
static struct place *find(uint64_t id, int make) {
  uint64_t room = (uint64_t)(ring.flash.sectors - 2) * (ring.slots - 2) * 3 / 4;
  for (uint32_t i = (uint32_t)(id * 0x9e3779b97f4a7c15ull >> 32);; i++) {
    struct place *one = &places[i % DIALWARD_IDS];
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
  (void)find(DIALWARD_ID_OWN, 1);
  for (uint32_t i = 0; i < DIALWARD_IDS; i++) places[i].lost = 2;
}

/* Notes that the last entry of its user lies here. Returns 0 where there is no room for the id. */
static int note(const uint8_t *entry, uint32_t sector, uint32_t slot) {
  uint64_t id = get(entry + DIALWARD_ENTRY_ID, 8);
  struct place *one = id == 0 ? NULL : find(id, 1);
  if (!one) return id == 0;
  one->sector = (uint16_t)sector;
  one->slot = (uint16_t)slot;
  /* That of the log itself says nothing new, unless it is an administrator's. */
  if (id != DIALWARD_ID_OWN || all(entry + DIALWARD_ENTRY_STATE, STATE_BYTES, OTHERS_ARE_NEW)) one->lost = 0;
  if (all(entry + DIALWARD_ENTRY_STATE, STATE_BYTES, LOST)) one->lost = 1;
  if (id == DIALWARD_ID_OWN && sector == ring.newest) ring.own = 1;
  return 1;
}

/* Reads the entries of a sector that another one follows; `count`: how many of them count. */
static int read_followed(uint32_t sector, uint32_t count) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  int room = 1;
  if (count != NONE && count > ring.slots - 1) rot();
  for (uint32_t slot = 1; slot < ring.slots && slot <= count; slot++) {
    if (look(sector, slot, entry, NULL) == SOUND) room &= note(entry, sector, slot);
    else if (count != NONE) rot();
  }
  return room;
}

/* Reads the newest sector, and where it goes on. `use`: 0 looks only for the log's own entry. */
static int read_newest(int use) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  uint32_t synced = 0, end = 0, slots = ring.slots;
  int room = 1, strict;
  if (ring.limit != 0 && ring.limited == ring.sequence) slots = ring.limit, ring.dirty = 1;
  for (uint32_t slot = 1; slot < slots; slot++) {
    if (look(ring.newest, slot, entry, NULL) == SOUND && !(get(entry + DIALWARD_ENTRY_REVISION, 4) & JOINED)) synced = slot;
  }
  for (uint32_t slot = 1; slot < slots; slot++) {
    int sound = look(ring.newest, slot, entry, &strict) == SOUND;
    if (slot <= synced || (end == slot - 1 && sound)) {
      end = slot;
      if (!use) ring.own |= sound && get(entry + DIALWARD_ENTRY_ID, 8) == DIALWARD_ID_OWN;
      else if (sound) room &= note(entry, ring.newest, slot);
      else rot(), ring.dirty = ring.rotten = 1;
    } else if (!strict) {
      ring.dirty = 1;
      if (sound || !(nearly(entry, 255) || nearly(entry, 0))) ring.found |= DIALWARD_LOG_TORN;
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
    if (look(sector, slot, entry, NULL) == SOUND && get(entry + DIALWARD_ENTRY_ID, 8) == DIALWARD_ID_OWN)
      return ((get(entry + DIALWARD_ENTRY_REVISION, 4) ^ sequence) & ~JOINED) == 0;
  }
  return 0;
}

/* Reads the whole ring into the table. */
static enum dialward_error read_ring(void) {
  static uint32_t sequence[DIALWARD_FLASH_SECTORS_MOST], before[DIALWARD_FLASH_SECTORS_MOST];
  static uint8_t kind[DIALWARD_FLASH_SECTORS_MOST];
  uint8_t header[DIALWARD_ENTRY_BYTES];
  uint32_t sectors = ring.flash.sectors, used = 0, unsound = 0, blank = 0, oldest = 0;
  int room = 1;
  memset(places, 0, sizeof places);
  ring.known = ring.found = ring.dirty = ring.ready = ring.beginning = ring.own = ring.rotten = 0;
  seen_sector = NONE;
  for (uint32_t i = 0; i < sectors; i++) {
    kind[i] = (uint8_t)look(i, 0, header, NULL);
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
  read_newest(0);
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
  room &= read_newest(1);
  return room ? DIALWARD_DONE : DIALWARD_FULL;
}

/* Programs the page that is filled, reads it back, and notes what lies in it. */
static int program(void) {
  uint32_t first = ring.slot - ring.page_slots, bytes = ring.flash.page_bytes;
  seen_sector = NONE;
  ring.wear.programmed++;
  int failed = ring.flash.program(ring.flash.context, ring.newest, first * DIALWARD_ENTRY_BYTES, page) != 0 ||
               ring.flash.read(ring.flash.context, ring.newest, first * DIALWARD_ENTRY_BYTES, seen, bytes) != DIALWARD_FLASH_DATA ||
               memcmp(seen, page, bytes) != 0;
  if (failed) return -1;
  for (uint32_t i = 0; i < ring.page_slots; i++) note(page + i * DIALWARD_ENTRY_BYTES, ring.newest, first + i);
  return 0;
}

/* Puts an entry into the page, and programs it when it is full. */
static int add(const uint8_t *entry) {
  uint32_t in_page = ring.slot % ring.page_slots;
  uint8_t *to = page + in_page * DIALWARD_ENTRY_BYTES;
  memmove(to, entry, DIALWARD_ENTRY_BYTES);
  if (ring.slot > 0) { /* no header */
    int joined = in_page > 1 || (in_page == 1 && ring.slot > 1);
    int own = get(to + DIALWARD_ENTRY_ID, 8) == DIALWARD_ID_OWN;
    uint32_t revision = (own ? ring.sequence : (uint32_t)get(to + DIALWARD_ENTRY_REVISION, 4)) & ~JOINED;
    put(to + DIALWARD_ENTRY_REVISION, revision | (joined ? JOINED : 0u), 4);
  }
  put(to, checksum(to), 4);
  ring.slot++;
  return ring.slot % ring.page_slots == 0 ? program() : 0;
}

static int add_state(uint64_t id, uint8_t fill) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  memset(entry, 0, DIALWARD_ENTRY_STATE);
  put(entry + DIALWARD_ENTRY_ID, id, 8);
  memset(entry + DIALWARD_ENTRY_STATE, fill, STATE_BYTES);
  return add(entry);
}

/* Copies the last entry of a place to the end of the log. What cannot be read any more is lost. */
static int carry(const struct place *one) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  int sound = look(one->sector, one->slot, entry, NULL) == SOUND && get(entry + DIALWARD_ENTRY_ID, 8) == one->id;
  return sound && !one->lost ? add(entry) : add_state(one->id, LOST);
}

/* Fills the last page up: with states that must be written soon, else with its last entry again. */
static int flush(void) {
  uint32_t soon = (ring.newest + 2) % ring.flash.sectors;
  for (uint32_t i = 0; ring.slot % ring.page_slots != 0; i++) {
    const struct place *one = i < DIALWARD_IDS ? &places[i] : NULL;
    if (one && (one->id == 0 || one->id == DIALWARD_ID_OWN || (one->sector != soon && one->lost != 2))) continue;
    uint8_t *last = page + (ring.slot - 1) % ring.page_slots * DIALWARD_ENTRY_BYTES;
    if ((one ? carry(one) : add(last)) != 0) return -1;
  }
  return 0;
}

/* Carries all that the next sector alone has into the newest, and says that by the log's own entry. */
static int carry_next(void) {
  const struct place *own = find(DIALWARD_ID_OWN, 0);
  uint32_t next = (ring.newest + 1) % ring.flash.sectors;
  int lost = own && own->lost;
  ring.beginning = 1;
  for (uint32_t i = 0; i < DIALWARD_IDS; i++) {
    if (places[i].id == 0 || places[i].id == DIALWARD_ID_OWN || places[i].sector != next) continue;
    if (ring.slot + 1 >= ring.slots || carry(&places[i]) != 0) return -1;
  }
  return ring.slot >= ring.slots ? -1 : add_state(DIALWARD_ID_OWN, lost ? LOST : UNCHANGED);
}

static int erase(uint32_t sector) {
  seen_sector = NONE;
  ring.wear.erased++;
  return ring.flash.erase(ring.flash.context, sector);
}

static int add_header(uint32_t sequence, uint32_t before) {
  uint8_t header[DIALWARD_ENTRY_BYTES] = {0};
  put(header + 4, sequence, 4);
  memcpy(header + 16, "dialward", 8);
  header[24] = header[26] = 1;
  put(header + 32, before, 4);
  return add(header);
}

/* Goes on in the next sector of the ring. Returns 1 where that cannot be erased: nothing has changed then. */
static int begin(void) {
  uint32_t before = ring.slot - 1, next = (ring.newest + 1) % ring.flash.sectors;
  if (!ring.ready && erase(next) != 0) return 1;
  ring.ready = ring.dirty = ring.own = 0;
  ring.beginning = 1;
  ring.newest = next;
  ring.sequence++;
  ring.slot = 0;
  return add_header(ring.sequence, before) != 0 ? -1 : carry_next();
}

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
  enum dialward_error error = read_ring();
  uint32_t next = (ring.newest + 1) % ring.flash.sectors;
  int carried = 1;
  if (error != DIALWARD_DONE) return error;
  for (uint32_t i = 0; i < DIALWARD_IDS; i++) carried &= places[i].id == 0 || places[i].sector != next;
  if ((ring.redo && ring.unmade == ring.sequence) || (ring.dirty && !ring.rotten && !ring.own && !carried)) {
    if (erase(ring.newest) != 0) return DIALWARD_NO_FLASH;
    error = read_ring();
  } else if (!ring.dirty && !ring.own && ring.slot < ring.slots) {
    if (carry_next() != 0 || flush() != 0) return fail();
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
    if (!find(get(entries + i * DIALWARD_ENTRY_BYTES + DIALWARD_ENTRY_ID, 8), 1)) return ring.open = 0, DIALWARD_FULL;
  }
  /* Each turn makes room, unless all of the ring is taken by states that are carried along. */
  while (ring.dirty || ring.slot + count > ring.slots) {
    if (turns++ > ring.flash.sectors) return ring.open = 0, DIALWARD_FULL;
    if (!ring.dirty && flush() != 0) return fail();
    int begun = begin();
    if (begun != 0) return begun < 0 ? fail() : DIALWARD_NO_FLASH;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (add(entries + i * DIALWARD_ENTRY_BYTES) != 0) return fail();
  }
  if (flush() != 0) return fail();
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
  for (uint32_t i = 0; i < 256; i++) {
    table[i] = i;
    for (int bit = 0; bit < 8; bit++) table[i] = step(table[i]);
  }
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
  (void)read_ring();
  uint32_t newest = ring.newest;
  for (uint32_t i = 1; i <= flash->sectors; i++) {
    if (erase((newest + i) % flash->sectors) != 0) return DIALWARD_NO_FLASH;
  }
  memset(places, 0, sizeof places);
  ring.newest = ring.slot = ring.known = 0;
  ring.sequence = 1;
  int failed = add_header(1, 0) != 0 || add_state(DIALWARD_ID_OWN, lost ? LOST : UNCHANGED) != 0 || flush() != 0;
  ring.open = 0;
  return failed ? DIALWARD_NO_FLASH : DIALWARD_DONE;
}

uint32_t dialward_log_found(void) { return ring.found; }

enum dialward_log_state dialward_log_look(uint64_t id, uint8_t *state) {
  uint8_t entry[DIALWARD_ENTRY_BYTES];
  if (!ring.open && (ring.slots == 0 || settle() != DIALWARD_DONE)) return DIALWARD_LOG_DAMAGED;
  const struct place *one = find(id, 0), *own = find(DIALWARD_ID_OWN, 0);
  if (!one) return own && own->lost ? DIALWARD_LOG_DAMAGED : DIALWARD_LOG_NONE;
  if (one->lost || look(one->sector, one->slot, entry, NULL) != SOUND || get(entry + DIALWARD_ENTRY_ID, 8) != id)
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
  if (ring.open && ring.own && !ring.ready) ring.ready = erase((ring.newest + 1) % ring.flash.sectors) == 0;
}

struct dialward_wear dialward_log_wear(void) { return ring.wear; }
