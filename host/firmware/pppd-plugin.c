/* A plug-in for pppd 2.4.9: PAP, CHAP-MD5 and MS-CHAPv2 with MPPE are verified in the daemon itself.
 *
 * Options: `dialward-users FILE` (who may dial in, see README.md), `dialward-state PATH` (PATH.0 and PATH.1 hold the
 * states), `dialward-type NAME` (l2tp or pptp; none is unknown). Every pppd is a process of its own, so each verification
 * locks the states, reads them, judges, and has them on disk again before it answers. */
#include "flash-file.h"
#include "host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <pppd/pppd.h>
#include <pppd/chap-new.h>
#include <pppd/fsm.h>
#include <pppd/ipcp.h>
#include <pppd/mppe.h>

char pppd_version[] = VERSION;

extern u_char mppe_send_key[MPPE_MAX_KEY_LEN], mppe_recv_key[MPPE_MAX_KEY_LEN];
extern int mppe_keys_set;

#define MS_RESPONSE 49 /* peer challenge 16, reserved 8, NT-Response 24, flags 1 */

static char users_file[MAXPATHLEN] = "/etc/ppp/dialward-users";
static char state_path[MAXPATHLEN] = "/var/lib/dialward/state";
static char type_name[8];

static option_t options[] = {
    {.name = "dialward-users", o_string, users_file, "Who may dial in", OPT_PRIV | OPT_STATIC, NULL, MAXPATHLEN},
    {.name = "dialward-state", o_string, state_path, "Where states lie", OPT_PRIV | OPT_STATIC, NULL, MAXPATHLEN},
    {.name = "dialward-type", o_string, type_name, "Dial-in type", OPT_PRIV | OPT_STATIC, NULL, sizeof type_name},
    {.name = NULL}};

/* Base32 (RFC 4648) or hexadecimal; answers the bytes, or -1. */
static int decode(const char *text, unsigned bits, uint8_t *out, unsigned most) {
  const char *digits = bits == 5 ? "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" : "0123456789abcdef";
  unsigned held = 0, have = 0, length = 0;
  for (; *text && *text != '='; text++) {
    const char *found = strchr(digits, *text);
    if (!found) return -1;
    held = held << bits | (unsigned)(found - digits);
    have += bits;
    if (have < 8) continue;
    if (length == most) return -1;
    out[length++] = (uint8_t)(held >> (have -= 8));
    held &= (1u << have) - 1;
  }
  return (int)length;
}

static int choose(const char *text, const char *const *names) {
  for (int i = 0; names[i]; i++) {
    if (strcmp(text, names[i]) == 0) return i + 1;
  }
  return 0;
}

/* One `key=value` of a line; answers 0 if it makes no sense. The core checks the ranges. */
static int set(struct dialward_profile *profile, const char *name, char *value, const char **token) {
  static const char *const algorithms[] = {"sha1", "sha256", "sha512", NULL};
  static const char *const types[] = {"xauth", "ikev2", "ssl", "openvpn", "l2tp", "pptp", NULL};
  char *end, *rest = NULL;
  if (strcmp(name, "password") == 0) {
    size_t length = strlen(value);
    if (length > DIALWARD_PASSWORD_BYTES) return 0;
    memcpy(profile->password, value, length);
    profile->password_length = (uint8_t)length;
    profile->mode = DIALWARD_MODE_PASSWORD_CODE;
    return 1;
  }
  if (strcmp(name, "pin") == 0) {
    size_t length = strlen(value);
    if (profile->factor != DIALWARD_FACTOR_MOTP || length > 7) return 0;
    memcpy(profile->key + profile->key_length, value, length);
    profile->key_length += (uint8_t)length;
    return 1;
  }
  if (strcmp(name, "token") == 0) return *token = value, 1;
  if (strcmp(name, "algorithm") == 0) return (profile->algorithm = (uint8_t)choose(value, algorithms)) != 0;
  if (strcmp(name, "types") == 0) {
    profile->types = 0;
    for (char *type = strtok_r(value, ",", &rest); type; type = strtok_r(NULL, ",", &rest)) {
      int bit = choose(type, types);
      if (bit == 0) return 0;
      profile->types |= (uint8_t)(1 << (bit - 1));
    }
    return 1;
  }
  unsigned long long x = strtoull(value, &end, 10);
  if (end == value || *end) return 0;
  if (strcmp(name, "digits") == 0) return profile->digits = (uint8_t)(x > 255 ? 255 : x), 1;
  if (strcmp(name, "period") == 0) return profile->period = (uint32_t)(x > UINT32_MAX ? 0 : x), 1;
  if (strcmp(name, "counter") == 0) return profile->counter = x, 1;
  if (strcmp(name, "ahead") == 0) return profile->forward = (uint16_t)(x > 65535 ? 65535 : x), 1;
  return 0;
}

/* Enrols one line at a record; answers the name's match: 1 it is `wanted`, 0 it is not, -1 the line is wrong. */
static int enrol(char *line, uint32_t record, const char *wanted) {
  static const char *const factors[] = {"totp", "hotp", "motp", NULL};
  struct dialward_profile profile;
  uint8_t secret[DIALWARD_KEY_BYTES];
  const char *token = "";
  char *rest, *name = strtok_r(line, " \t\r\n", &rest), *factor = strtok_r(NULL, " \t\r\n", &rest);
  char *text = strtok_r(NULL, " \t\r\n", &rest);
  int kind = factor && text ? choose(factor, factors) : 0, length, good;
  if (kind == 0) return -1;
  dialward_defaults(&profile, (uint8_t)kind);
  profile.active = 1;
  length = decode(text, kind == DIALWARD_FACTOR_MOTP ? 4 : 5, secret, sizeof secret);
  good = length > 0;
  if (good && kind == DIALWARD_FACTOR_MOTP) {
    /* The core wants it as it is hashed: as hexadecimal text, with the PIN behind it. */
    good = strlen(text) <= 32;
    if (good) memcpy(profile.key, text, strlen(text));
    profile.key_length = (uint8_t)strlen(text);
  } else if (good) {
    memcpy(profile.key, secret, (size_t)length);
    profile.key_length = (uint8_t)length;
  }
  for (char *word; good && (word = strtok_r(NULL, " \t\r\n", &rest));) {
    char *value = strchr(word, '=');
    if (!value) good = 0;
    else *value++ = 0, good = set(&profile, word, value, &token);
  }
  if (good) profile.id = dialward_id(name, token);
  good = good && dialward_put(record, &profile) == DIALWARD_STATUS_OK;
  explicit_bzero(&profile, sizeof profile);
  explicit_bzero(secret, sizeof secret);
  return !good ? -1 : strcmp(name, wanted) == 0;
}

/* Enrols all users; answers the record of a name, DIALWARD_NOBODY if there is none, -1 if the file is not to be used. */
static int read_users(const char *wanted) {
  char line[512];
  struct stat about;
  int record = 0, found = DIALWARD_NOBODY, number = 0;
  FILE *file = fopen(users_file, "re");
  if (!file || fstat(fileno(file), &about) != 0) {
    error("Dialward: cannot read %s: %m", users_file);
    if (file) fclose(file);
    return -1;
  }
  if (about.st_uid != 0 || (about.st_mode & 077) != 0) {
    error("Dialward: %s must belong to root, with mode 0600", users_file);
    fclose(file);
    return -1;
  }
  while (found >= 0 && fgets(line, sizeof line, file)) {
    number++;
    if (line[strspn(line, " \t\r\n")] == 0 || line[strspn(line, " \t")] == '#') continue;
    int match = record < (int)DIALWARD_NOBODY && (strchr(line, '\n') || feof(file)) ? enrol(line, (uint32_t)record, wanted) : -1;
    if (match > 0) found = record;
    if (match < 0) error("Dialward: %s, line %d is not valid", users_file, number), found = -1;
    record++;
  }
  explicit_bzero(line, sizeof line);
  fclose(file);
  return found;
}

/* Judges a dial-in of a name: 1 accepted, 0 refused. */
static int judge(const char *name, struct dialward_dialin *dial_in, struct dialward_verdict *verdict) {
  static const char *const types[] = {"l2tp", "pptp", NULL};
  const char *whence = remote_number[0] ? remote_number : ipparam ? ipparam : "";
  int record, accepted = 0, type = choose(type_name, types);
  enum dialward_error failed = DIALWARD_BAD_ENGINE;
  memset(verdict, 0, sizeof *verdict);
  if (dialward_flash_open(state_path) != 0) {
    error("Dialward: cannot open %s.0 and .1: %m", state_path);
    return 0;
  }
  failed = dialward_start(DIALWARD_FEATURE_CLEAR | DIALWARD_FEATURE_CHAP | DIALWARD_FEATURE_MSCHAPV2);
  if (failed == DIALWARD_DONE && (record = read_users(name)) >= 0) {
    failed = dialward_restore();
    dial_in->record = (uint16_t)record;
    dial_in->type = type == 0 ? 0 : type == 1 ? DIALWARD_TYPE_L2TP : DIALWARD_TYPE_PPTP;
    dial_in->source = whence[0] ? (uint32_t)dialward_id(whence, "") : 0;
    if (failed == DIALWARD_DONE) failed = dialward_judge(dial_in, 1, (uint64_t)time(NULL), verdict);
    accepted = failed == DIALWARD_DONE && verdict->verdict == DIALWARD_VERDICT_ACCEPT;
    if (accepted) info("Dialward: %s accepted, write %u of the states", name, dialward_writes());
    else if (failed == DIALWARD_DONE) warn("Dialward: %s refused, verdict %d", name, verdict->verdict);
  }
  if (failed == DIALWARD_NO_CLOCK) error("Dialward: the clock is not set: nobody can log in");
  else if (failed == DIALWARD_NO_FLASH) error("Dialward: %s cannot be written: nobody can log in", state_path);
  else if (failed == DIALWARD_LOST) error("Dialward: both of %s.0 and .1 are damaged: see README.md", state_path);
  else if (failed != DIALWARD_DONE) error("Dialward: the core gives wrong answers on this machine");
  dialward_wipe();
  dialward_flash_close();
  return accepted;
}

static int pap(char *user, char *password, char **message, struct wordlist **addresses, struct wordlist **extra) {
  struct dialward_verdict verdict;
  struct dialward_dialin dial_in = {.proof = DIALWARD_PROOF_CLEAR, .text = (const uint8_t *)password};
  (void)addresses, (void)extra;
  dial_in.length = (uint32_t)strlen(password);
  int accepted = judge(user, &dial_in, &verdict);
  *message = accepted ? "Login ok" : "Login incorrect";
  return accepted;
}

static void hexadecimal(char *to, const uint8_t *bytes, int length) {
  for (int i = 0; i < length; i++) sprintf(to + 2 * i, "%02X", bytes[i]);
}

/* Challenge and response come with a byte of length before them. */
static int chap(char *name, char *our_name, int id, struct chap_digest_type *digest, unsigned char *challenge,
                unsigned char *response, char *message, int space) {
  const uint8_t *given = response + 1;
  char text[41] = "";
  const char *user = name;
  struct dialward_verdict verdict = {0};
  struct dialward_dialin dial_in = {.challenge = challenge + 1, .chap_id = (uint8_t)id};
  int accepted = 0, version2 = digest->code == CHAP_MICROSOFT_V2;
  (void)our_name;
  if (digest->code == CHAP_MD5 && response[0] == 16) {
    dial_in.proof = DIALWARD_PROOF_CHAP;
    dial_in.response = given;
    dial_in.length = challenge[0];
    accepted = judge(user, &dial_in, &verdict);
  } else if (version2 && response[0] == MS_RESPONSE && challenge[0] == 16) {
    /* The peer hashes its name without a domain (RFC 2759 section 4). */
    if (strrchr(name, '\\')) user = strrchr(name, '\\') + 1;
    dial_in.proof = DIALWARD_PROOF_MSCHAPV2;
    dial_in.peer_challenge = given;
    dial_in.response = given + 24;
    dial_in.name = (const uint8_t *)user;
    dial_in.name_length = (uint32_t)strlen(user);
    accepted = judge(user, &dial_in, &verdict);
  }
  if (accepted && version2) {
    memcpy(mppe_send_key, verdict.send_key, MPPE_MAX_KEY_LEN);
    memcpy(mppe_recv_key, verdict.receive_key, MPPE_MAX_KEY_LEN);
    mppe_keys_set = 1;
    hexadecimal(text, verdict.authenticator_response, 20);
    slprintf(message, space, "S=%s M=Access granted", text);
  } else if (version2) {
    hexadecimal(text, challenge + 1, challenge[0] == 16 ? 16 : 0);
    slprintf(message, space, "E=691 R=0 C=%s V=3 M=Access denied", text);
  } else {
    slprintf(message, space, accepted ? "Access granted" : "Access denied");
  }
  explicit_bzero(&verdict, sizeof verdict);
  return accepted;
}

/* The peer gets the address that this side has chosen, and no other. */
static int address(u_int32_t asked) { return asked == ipcp_wantoptions[0].hisaddr; }

static int yes(void) { return 1; }

void plugin_init(void) {
  add_options(options);
  pap_check_hook = yes;
  pap_auth_hook = pap;
  chap_check_hook = yes;
  allowed_address_hook = address;
  chap_verify_hook = chap;
}
