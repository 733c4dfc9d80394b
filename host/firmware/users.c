/* Reads the file of users. Whatever is not understood is an error, and its line is named. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "users.h"
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Base32 (RFC 4648) or hexadecimal, in either case; returns the bytes, or -1. */
static int decode(const char *text, unsigned bits, uint8_t *out, unsigned most) {
  const char *digits = bits == 5 ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" : "0123456789ABCDEF";
  unsigned held = 0, have = 0, length = 0;
  for (; *text && *text != '='; text++) {
    int letter = *text >= 'a' && *text <= 'z' ? *text - 32 : *text;
    const char *found = strchr(digits, letter);
    if (!found) return -1;
    held = held << bits | (unsigned)(found - digits);
    have += bits;
    if (have < 8) continue;
    if (length == most) return -1;
    out[length++] = (uint8_t)(held >> (have -= 8));
    held &= (1u << have) - 1;
  }
  return text[strspn(text, "=")] == 0 ? (int)length : -1;
}

static int choose(const char *text, const char *const *names) {
  for (int i = 0; names[i]; i++) {
    if (strcmp(text, names[i]) == 0) return i + 1;
  }
  return 0;
}

static int set_types(struct dialward_profile *profile, char *value) {
  static const char *const types[] = {"xauth", "ikev2", "ssl", "openvpn", "l2tp", "pptp", NULL};
  char *rest = NULL;
  profile->types = 0;
  for (char *type = strtok_r(value, ",", &rest); type; type = strtok_r(NULL, ",", &rest)) {
    int bit = choose(type, types);
    if (bit == 0) return 0;
    profile->types |= (uint8_t)(1 << (bit - 1));
  }
  return profile->types != 0;
}

/* A number up to `most`; all of `text` and nothing else. */
static int number(const char *text, uint64_t most, uint64_t *value) {
  char *end;
  if (*text < '0' || *text > '9') return 0;
  errno = 0;
  unsigned long long x = strtoull(text, &end, 10);
  *value = x;
  return *end == 0 && errno == 0 && x <= most;
}

/* The beginning of a day as 2027-01-31, UTC, in seconds since 1970, up to 2100; 0 where it is none. */
static uint32_t midnight(const char *text) {
  static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  uint32_t parts[3] = {0}, days, part = 0, length = 0;
  for (; text[length]; length++) {
    if (length == 4 || length == 7) part++;
    if (length == 10 || (length == 4 || length == 7 ? text[length] != '-' : text[length] < '0' || text[length] > '9')) return 0;
    if (text[length] != '-') parts[part] = parts[part] * 10 + (uint32_t)(text[length] - '0');
  }
  uint32_t year = parts[0] - 1970, month = parts[1] - 1, leap = year % 4 == 2;
  if (length != 10 || year >= 130 || month >= 12 || parts[2] == 0 || parts[2] > lengths[month] + (month == 1 ? leap : 0u)) return 0;
  days = year * 365 + (year + 1) / 4 + parts[2] - 1 + (month > 1 ? leap : 0u);
  while (month-- > 0) days += lengths[month];
  return days * 86400;
}

/* One `key=value` of a line; returns 0 if it makes no sense. */
static int set(struct dialward_user *user, const char *name, char *value) {
  static const char *const algorithms[] = {"sha1", "sha256", "sha512", NULL};
  struct dialward_profile *profile = &user->profile;
  size_t length = strlen(value);
  int hotp = profile->factor == DIALWARD_FACTOR_HOTP, motp = profile->factor == DIALWARD_FACTOR_MOTP, good = 0;
  uint64_t x = 0;
  if (strcmp(name, "password") == 0) {
    if (length == 0 || length > DIALWARD_PASSWORD_BYTES) return 0;
    memcpy(profile->password, value, length);
    profile->password_length = (uint8_t)length;
    if (profile->mode == DIALWARD_MODE_CODE) profile->mode = DIALWARD_MODE_PASSWORD_CODE;
    return 1;
  }
  if (strcmp(name, "mode") == 0) return profile->mode = DIALWARD_MODE_PASSWORD_THEN_CODE, strcmp(value, "two-steps") == 0;
  if (strcmp(name, "pin") == 0) {
    if (!motp || length == 0 || length > 7 || profile->key_length > DIALWARD_KEY_BYTES - length) return 0;
    memcpy(profile->key + profile->key_length, value, length);
    profile->key_length = (uint8_t)(profile->key_length + length);
    return 1;
  }
  if (strcmp(name, "token") == 0) return user->token = value, 1;
  if (strcmp(name, "disabled") == 0) return profile->standing = DIALWARD_STANDING_DISABLED, strcmp(value, "yes") == 0;
  if (strcmp(name, "algorithm") == 0) return !motp && (profile->algorithm = (uint8_t)choose(value, algorithms)) != 0;
  if (strcmp(name, "from") == 0) return (user->from = midnight(value)) != 0;
  if (strcmp(name, "until") == 0) return (user->until = midnight(value)) != 0;
  if (strcmp(name, "types") == 0) return set_types(profile, value);
  if (strcmp(name, "digits") == 0) good = number(value, 255, &x), profile->digits = (uint8_t)x;
  if (strcmp(name, "recovery") == 0) good = number(value, 255, &x) && x > 0, profile->recovery = (uint8_t)x;
  if (strcmp(name, "period") == 0) good = !hotp && !motp && number(value, UINT32_MAX, &x), profile->period = (uint32_t)x;
  if (strcmp(name, "counter") == 0) good = hotp && number(value, UINT64_MAX, &x), profile->counter = x;
  if (strcmp(name, "ahead") == 0) good = hotp && number(value, UINT16_MAX, &x), profile->forward = (uint16_t)x;
  return good;
}

int dialward_user_read(char *line, struct dialward_user *user, const char **why) {
  static const char *const factors[] = {"totp", "hotp", "motp", NULL};
  const char *name = dialward_word(&line), *factor = dialward_word(&line), *secret = dialward_word(&line);
  int kind = factor ? choose(factor, factors) : 0;
  struct dialward_profile *profile = &user->profile;
  user->name = name;
  user->token = "";
  user->from = user->until = 0;
  *why = "has no factor totp, hotp or motp and a secret behind it";
  if (kind == 0 || !secret) return 0;
  dialward_defaults(profile, (uint8_t)kind);
  profile->active = 1;
  *why = "has a secret that is not Base32 or, for motp, hexadecimal, or of a length that no secret has";
  int length = decode(secret, kind == DIALWARD_FACTOR_MOTP ? 4 : 5, profile->key, sizeof profile->key);
  if (length <= 0) return 0;
  if (kind == DIALWARD_FACTOR_MOTP) {
    /* The core wants it as it is hashed: as hexadecimal text in small letters, with the PIN behind it. */
    length = (int)strlen(secret);
    if (length > 32) return 0;
    for (int i = 0; i < length; i++) profile->key[i] = (uint8_t)(secret[i] >= 'A' && secret[i] <= 'F' ? secret[i] + 32 : secret[i]);
  }
  profile->key_length = (uint8_t)length;
  *why = "has a word that is not known, or a value that it cannot have";
  for (char *word; (word = dialward_word(&line));) {
    char *value = strchr(word, '=');
    if (!value) return 0;
    *value++ = 0;
    if (!set(user, word, value)) return 0;
  }
  *why = "lacks the PIN that motp needs";
  if (kind == DIALWARD_FACTOR_MOTP && profile->key_length == length) return 0;
  *why = "lacks the password that two-steps needs";
  if (profile->mode != DIALWARD_MODE_CODE && profile->password_length == 0) return 0;
  profile->id = dialward_id(name, user->token);
  return 1;
}

struct wanted {
  const char *name, *why;
  size_t length;
  struct dialward_user *user;
  int number;
};

static int take_line(void *context, char *line, int number) {
  struct wanted *wanted = context;
  if (strncmp(line, wanted->name, wanted->length) != 0 || !dialward_parts(line[wanted->length])) return 0;
  int again = wanted->number != 0;
  wanted->number = number;
  if (again) return wanted->why = "has a name that another line has", 1;
  int found = dialward_user_read(line, wanted->user, &wanted->why);
  wanted->user->name = wanted->name;
  wanted->user->token = "";
  return !found;
}

int dialward_user_find(const char *path, const char *name, struct dialward_user *user, int *number, const char **why) {
  struct wanted wanted = {name, "", strlen(name), user, 0};
  int result = strpbrk(name, " \t\r") ? 0 : dialward_lines_read(path, take_line, &wanted, why); /* no name has a blank */
  *number = result < 0 ? 0 : wanted.number;
  if (result > 0) *why = wanted.why;
  return result != 0 ? -1 : wanted.number != 0;
}
