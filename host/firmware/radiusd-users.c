/* The users of dialward-radiusd: which line of their file (users.h) is enrolled at which record. */
#define _DEFAULT_SOURCE
#include "radiusd.h"
#include "users.h"

#include <string.h>

/* `name` and `line` are hashes, by dialward_id; an id of 0 is nobody. */
static struct enrolled { uint64_t name, id, line; uint32_t from, until; } users[DIALWARD_NOBODY];
static struct { uint64_t name, id; } seen[DIALWARD_NOBODY]; /* of the file that is looked at */

static const char *look(char *line, uint32_t before) {
  struct dialward_user user = {.name = ""};
  const char *why = NULL;
  int good = dialward_user_read(line, &user, &why);
  uint64_t name = dialward_id(user.name, ""), id = user.profile.id;
  explicit_bzero(&user, sizeof user);
  if (!good) return why;
  for (uint32_t i = 0; i < before; i++) {
    if (seen[i].name == name || seen[i].id == id) return "has a name that another line has";
  }
  if (before == DIALWARD_NOBODY) return "is one more than there is room for";
  seen[before].name = name;
  seen[before].id = id;
  return NULL;
}

static void remove_user(uint32_t record) {
  dialward_remove(record);
  memset(&users[record], 0, sizeof users[record]);
}

static void forget(uint32_t count) {
  for (uint32_t i = 0, kept; i < DIALWARD_NOBODY; i++) {
    for (kept = 0; kept < count && seen[kept].id != users[i].id;) kept++;
    if (users[i].id != 0 && kept == count) remove_user(i);
  }
}

static uint32_t find_id(uint64_t id) {
  uint32_t record = 0;
  while (record < DIALWARD_NOBODY && users[record].id != id) record++;
  return record;
}

static const char *enrol(char *line) {
  struct dialward_user user;
  const char *why;
  uint64_t hash = dialward_id(line, "");
  if (!dialward_user_read(line, &user, &why)) return why;
  uint32_t record = find_id(user.profile.id);
  if (record == DIALWARD_NOBODY) record = find_id(0);
  int good = record < DIALWARD_NOBODY && dialward_put(record, &user.profile) == DIALWARD_STATUS_OK;
  if (good) users[record] = (struct enrolled){dialward_id(user.name, ""), user.profile.id, hash, user.from, user.until};
  else if (record < DIALWARD_NOBODY) remove_user(record);
  explicit_bzero(&user, sizeof user);
  return good ? NULL : "has a value that is out of range: its user is refused";
}

const struct radiusd_file radiusd_users = {look, forget, enrol};

void radiusd_make_note(uint32_t record, uint8_t note[DIALWARD_NOTE_BYTES]) {
  memcpy(note, &users[record].id, 8);
  memcpy(note + 8, &users[record].line, 8);
}

uint32_t radiusd_find_user(const char *name, uint32_t length, const uint8_t *note) {
  uint8_t now[DIALWARD_NOTE_BYTES];
  uint64_t hash = dialward_id(name, "");
  const struct enrolled *user = users, *end = users + DIALWARD_NOBODY;
  while (user < end && user->name != hash) user++;
  if (user == end || user->id == 0 || strlen(name) != length) return DIALWARD_NOBODY;
  if (!note) return (uint32_t)(user - users);
  radiusd_make_note((uint32_t)(user - users), now);
  return memcmp(note, now, sizeof now) == 0 ? (uint32_t)(user - users) : DIALWARD_NOBODY;
}

uint8_t radiusd_validity(uint32_t record, uint64_t time) {
  return record == DIALWARD_NOBODY ? 0 : dialward_validity(users[record].from, users[record].until, time);
}
