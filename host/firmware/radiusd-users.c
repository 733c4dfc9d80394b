/* The users of dialward-radiusd: which line of their file (users.h) is enrolled at which record. */
#define _DEFAULT_SOURCE
#include "radiusd.h"
#include "users.h"

#include <string.h>

/* `name` and `line` are hashes, by dialward_id; an id of 0 is nobody. */
static struct enrolled { uint64_t name, id, line; uint32_t from, until; uint8_t seen; } users[DIALWARD_NOBODY];
static uint64_t names[DIALWARD_NOBODY], ids[DIALWARD_NOBODY]; /* of the file that is being looked at */
static uint32_t count;
static const char *file;

static const char *look(uint64_t name, uint64_t id) {
  for (uint32_t i = 0; i < count; i++) {
    if (names[i] == name || ids[i] == id) return "has a name that another line has";
  }
  if (count == DIALWARD_NOBODY) return "is one more than there is room for";
  names[count] = name;
  ids[count++] = id;
  return NULL;
}

static uint32_t find_id(uint64_t id) {
  uint32_t record = 0;
  while (record < DIALWARD_NOBODY && users[record].id != id) record++;
  return record;
}

static const char *enrol(const struct dialward_user *user, uint64_t name, uint64_t line) {
  uint32_t record = find_id(user->profile.id);
  if (record == DIALWARD_NOBODY) record = find_id(0);
  if (dialward_put(record, &user->profile) != DIALWARD_STATUS_OK) return "has a value that is out of range: its user is refused";
  users[record] = (struct enrolled){name, user->profile.id, line, user->from, user->until, 1};
  return NULL;
}

/* One line; `context` is not NULL where it is to be used. */
static int take_line(void *context, char *line, int number) {
  struct dialward_user user;
  const char *why = NULL;
  uint64_t hash = dialward_id(line, "");
  int found = dialward_user_read(line, &user, &why);
  if (found > 0) why = context ? enrol(&user, dialward_id(user.name, ""), hash) : look(dialward_id(user.name, ""), user.profile.id);
  explicit_bzero(&user, sizeof user);
  if (found != 0 && why) radiusd_blame(file, number, why);
  return found != 0 && why && !context;
}

static void remove_unseen(void) {
  for (uint32_t i = 0; i < DIALWARD_NOBODY; i++) {
    if (users[i].id != 0 && !users[i].seen) dialward_remove(i), memset(&users[i], 0, sizeof users[i]);
  }
}

int radiusd_read_users(const char *path) {
  const char *why;
  file = path;
  count = 0;
  int result = dialward_lines_read(path, take_line, NULL, &why);
  if (result < 0) radiusd_say(path, " ", why);
  if (result != 0) return 0;
  /* Who is gone makes room first. */
  for (uint32_t i = 0; i < DIALWARD_NOBODY; i++) {
    users[i].seen = 0;
    for (uint32_t kept = 0; kept < count; kept++) users[i].seen |= ids[kept] == users[i].id;
  }
  remove_unseen();
  for (uint32_t i = 0; i < DIALWARD_NOBODY; i++) users[i].seen = 0;
  if (dialward_lines_read(path, take_line, &count, &why) != 0) return radiusd_say(path, " ", why), 0;
  remove_unseen();
  return 1;
}

void radiusd_make_note(uint32_t record, uint8_t note[DIALWARD_NOTE_BYTES]) {
  memcpy(note, &users[record].id, 8);
  memcpy(note + 8, &users[record].line, 8);
}

uint32_t radiusd_find_user(const char *name, uint32_t length, const uint8_t *note) {
  uint8_t now[DIALWARD_NOTE_BYTES];
  uint64_t hash = dialward_id(name, "");
  uint32_t record = 0;
  if (strlen(name) != length) return DIALWARD_NOBODY;
  while (record < DIALWARD_NOBODY && (users[record].name != hash || users[record].id == 0)) record++;
  if (record == DIALWARD_NOBODY || !note) return record;
  radiusd_make_note(record, now);
  return memcmp(note, now, sizeof now) == 0 ? record : DIALWARD_NOBODY;
}

uint8_t radiusd_validity(uint32_t record, uint64_t time) {
  return record == DIALWARD_NOBODY ? 0 : dialward_validity(users[record].from, users[record].until, time);
}
