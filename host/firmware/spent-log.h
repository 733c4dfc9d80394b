/* The spent log in flash: which codes are spent, in a ring of sectors (host/store/spent-log.md has the format). C99, no
 * allocation, one log in a program. A firmware fills in `struct dialward_flash`; host.c calls the rest. */
#ifndef DIALWARD_SPENT_LOG_H
#define DIALWARD_SPENT_LOG_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of an entry, and of the state in it. */
#define DIALWARD_ENTRY_BYTES 64u
#define DIALWARD_ENTRY_REVISION 4u
#define DIALWARD_ENTRY_ID 8u
#define DIALWARD_ENTRY_STATE 16u
/* The id of the log's own entry; no user has it, nor 0. */
#define DIALWARD_ID_OWN 0xffffffffffffffffull

/* Bounds, for static tables; larger ones may be given when compiling. IDS: a power of 2; three quarters are used. */
#ifndef DIALWARD_FLASH_PAGE_MOST
#define DIALWARD_FLASH_PAGE_MOST 4096u
#endif
#ifndef DIALWARD_FLASH_SECTORS_MOST
#define DIALWARD_FLASH_SECTORS_MOST 64u
#endif
#ifndef DIALWARD_IDS
#define DIALWARD_IDS 512u
#endif

enum dialward_error {
  DIALWARD_DONE,
  DIALWARD_BAD_ENGINE,   /* another version, no such proof, a failed self-test or a trap: use this program no more */
  DIALWARD_BAD_CALL,     /* an argument is out of range, or a call came too early: nothing was done */
  DIALWARD_NO_CLOCK,     /* the time is before DIALWARD_NOT_BEFORE: refuse all */
  DIALWARD_NO_FLASH,     /* reading, erasing or programming failed: refuse; the next call tries again */
  DIALWARD_NO_LOG,       /* there is no log: dialward_log_format makes one, when an administrator says so */
  DIALWARD_LOST,         /* something is there and none of it can be read: see dialward_log_format */
  DIALWARD_NEWER,        /* a newer version of Dialward has written it; nothing was changed */
  DIALWARD_FULL          /* more users, those of former times among them, than flash or tables hold */
};

/* What read() found. */
#define DIALWARD_FLASH_DATA 0
#define DIALWARD_FLASH_BLANK 1
#define DIALWARD_FLASH_ERROR (-1)

/* The flash: `sectors` (3 to DIALWARD_FLASH_SECTORS_MOST) of `sector_bytes`, each erased at once, in a ring. A sector is
 * a whole number of pages. `page_bytes`: what is programmed at once; 64 where single bytes can be (NOR, files), and else a
 * multiple of 64 up to DIALWARD_FLASH_PAGE_MOST. `at` is a multiple of 64, for program() of page_bytes. */
struct dialward_flash {
  uint32_t sectors, sector_bytes, page_bytes;
  void *context; /* given to each function */
  /* Fills `bytes` and returns DATA; BLANK where the device knows that nothing was programmed since the last erasure
   * (optional: bytes of 0xff are found blank too); ERROR where it cannot be read or corrected. */
  int (*read)(void *context, uint32_t sector, uint32_t at, uint8_t *bytes, uint32_t length);
  /* Programs one page, of page_bytes. Returns 0 when it lies safely, else -1. Never called twice for a page between two
   * erasures. */
  int (*program)(void *context, uint32_t sector, uint32_t at, const uint8_t *bytes);
  /* Makes a sector 0xff. Returns 0 when that is so, else -1. */
  int (*erase)(void *context, uint32_t sector);
};

/* Makes a new, empty log, whatever is there. lost = 0: nobody has logged in ever. lost = 1: after damage: every user is
 * refused until dialward_mend. Returns DONE, BAD_CALL (geometry) or NO_FLASH. The log is not open afterwards. */
enum dialward_error dialward_log_format(const struct dialward_flash *flash, int lost);

/* Reads the log; `flash` is copied. What is torn at its end is dropped. Where something has rotted, the users concerned
 * are damaged, and an entry that says so is written for each. Returns DONE, BAD_CALL (geometry), NO_LOG, LOST, NEWER, FULL
 * or NO_FLASH. */
enum dialward_error dialward_log_open(const struct dialward_flash *flash);

/* What dialward_log_open found, as bits: a torn end that was dropped; rot. */
#define DIALWARD_LOG_TORN 1u
#define DIALWARD_LOG_ROT 2u
uint32_t dialward_log_found(void);

/* The state of an id, DIALWARD_ENTRY_BYTES - DIALWARD_ENTRY_STATE bytes. */
enum dialward_log_state { DIALWARD_LOG_NONE, DIALWARD_LOG_KNOWN, DIALWARD_LOG_DAMAGED };
enum dialward_log_state dialward_log_look(uint64_t id, uint8_t *state);

/* Appends `count` entries of DIALWARD_ENTRY_BYTES, in which id, revision and state are filled in; the rest is done here.
 * Returns DONE when all of them lie safely; NO_FLASH or FULL where that is not known: then none counts. */
enum dialward_error dialward_log_append(uint8_t *entries, uint32_t count);

/* Says that users without an entry are new ones, after rot has put that in doubt. */
enum dialward_error dialward_log_mend_others(void);

/* Erases the next sector while nobody waits. Optional: where it is not called an append does it. */
void dialward_log_tidy(void);

/* How many pages were programmed and sectors erased by this program. */
struct dialward_wear { uint32_t programmed, erased; };
struct dialward_wear dialward_log_wear(void);

#ifdef __cplusplus
}
#endif
#endif
