/* What the parts of the spent log share: spent-log.c (what a host calls), -entry.c (the format), -read.c (what lies in
 * flash) and -write.c (what is programmed). Not for hosts. */
#ifndef DIALWARD_SPENT_LOG_RING_H
#define DIALWARD_SPENT_LOG_RING_H
#include "bytes.h"
#include "spent-log.h"

#define STATE_BYTES (DIALWARD_ENTRY_BYTES - DIALWARD_ENTRY_STATE)
#define JOINED 0x80000000u
#define CHUNK_BYTES 1024u /* what is read at once where pages are smaller */
#define NONE 0xffffffffu
#define DIALWARD_SEEN_BYTES (DIALWARD_FLASH_PAGE_MOST < CHUNK_BYTES ? CHUNK_BYTES : DIALWARD_FLASH_PAGE_MOST)
/* What a state is full of: it is lost; of the log's own entry: that nothing is new; an administrator's word. */
#define LOST 255
#define UNCHANGED 0
#define OTHERS_ARE_NEW 1

/* An entry; of those that are blank ERASED is 0xff in every bit. */
enum kind { SOUND, ERASED, BLANK, UNSOUND };

/* Where the last entry of an id lies. */
struct dialward_place {
  uint64_t id; /* 0: free */
  uint16_t sector, slot;
  uint8_t lost; /* 1: the entry says so; 2: rot says so, and no entry yet */
};

struct dialward_ring {
  struct dialward_flash flash;
  uint32_t slots, page_slots;       /* entries of a sector, the header among them; of a page */
  uint32_t newest, sequence, slot;  /* the sector that is written, its number, the slot that comes next */
  uint32_t known, found;            /* ids in the table; DIALWARD_LOG_* */
  uint32_t limited, limit;          /* in the sector of this number a write has failed at this slot; 0: in none */
  uint32_t unmade;                  /* the sector of this number could not be begun */
  uint32_t seen_sector, seen_at;    /* what `seen` holds; NONE: nothing */
  uint8_t open, dirty, ready;       /* usable; no more may be appended to `newest`; the next sector is erased */
  uint8_t beginning, own, redo;     /* `newest` is being begun; it has the log's own entry; `unmade` is set */
  uint8_t rotten;                   /* something in `newest` has rotted */
  struct dialward_wear wear;
};
extern struct dialward_ring dialward_ring;
extern struct dialward_place dialward_places[DIALWARD_IDS];
extern uint8_t dialward_seen[DIALWARD_SEEN_BYTES]; /* read from the flash */
/* Short words for what nearly every line names. */
#define ring dialward_ring
#define places dialward_places
#define seen dialward_seen

/* spent-log-entry.c */

/* Before all else. */
void dialward_entry_start(void);
/* How many bits of `length` bytes, a multiple of 4, are not those of a value; 2 stands for more, too. */
uint32_t dialward_entry_differs(const uint8_t *bytes, uint32_t length, uint8_t value);
/* Writes an entry's check sum. */
void dialward_entry_seal(uint8_t *entry);
/* What an entry is; one turned bit is turned back. */
enum kind dialward_entry_judge(uint8_t *entry);

/* spent-log-read.c */

/* Reads an entry into `to`; returns what it is. */
enum kind dialward_ring_look(uint32_t sector, uint32_t slot, uint8_t *to);
/* The place of an id; NULL where it has none. With `make` it gets one, unless there is no room. */
struct dialward_place *dialward_ring_find(uint64_t id, int make);
/* Notes that the last entry of its user lies here. Returns 0 where there is no room for the id. */
int dialward_ring_note(const uint8_t *entry, uint32_t sector, uint32_t slot);
/* Reads the whole ring into the table. */
enum dialward_error dialward_ring_read(void);

/* spent-log-write.c. Each returns 0, or -1 where the flash fails. */

/* Puts an entry into the page, and programs it when it is full. */
int dialward_ring_add(const uint8_t *entry);
/* The same of a sector's header; `before`: how many entries of the sector before count. */
int dialward_ring_add_header(uint32_t sequence, uint32_t before);
/* The same of an entry whose state is full of one value. */
int dialward_ring_add_state(uint64_t id, uint8_t fill);
/* Fills the last page up: with states that must be written soon, else with its last entry again. */
int dialward_ring_flush(void);
/* Carries all that the next sector alone has into the newest, and says that by the log's own entry. */
int dialward_ring_carry_next(void);
int dialward_ring_erase(uint32_t sector);
/* Goes on in the next sector of the ring. Returns 1 where that cannot be erased: nothing has changed then. */
int dialward_ring_begin(void);
#endif
