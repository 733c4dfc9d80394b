/* The clients of dialward-radiusd: their file, a line each, and which address is which of the packets' module's. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "dialward.h"
#include "radiusd.h"
#include "users.h"

#include <arpa/inet.h>
#include <string.h>

static struct { struct in6_addr address; uint8_t used, seen; } clients[CLIENTS];
static uint32_t count;
static const char *file;

static const struct { const char *word; uint16_t field; uint8_t value; } settings[] = {
    {"type=xauth", DIALWARD_FORM_TYPE, DIALWARD_TYPE_IPSEC_XAUTH},
    {"type=ikev2", DIALWARD_FORM_TYPE, DIALWARD_TYPE_IKEV2_EAP},
    {"type=ssl", DIALWARD_FORM_TYPE, DIALWARD_TYPE_SSL_VPN},
    {"type=openvpn", DIALWARD_FORM_TYPE, DIALWARD_TYPE_OPENVPN},
    {"type=l2tp", DIALWARD_FORM_TYPE, DIALWARD_TYPE_L2TP},
    {"type=pptp", DIALWARD_FORM_TYPE, DIALWARD_TYPE_PPTP},
    {"signed=may", DIALWARD_FORM_SIGNED, DIALWARD_SIGNED_MAY},
    {"signed=must", DIALWARD_FORM_SIGNED, DIALWARD_SIGNED_MUST},
    {"signed=auto", DIALWARD_FORM_SIGNED, DIALWARD_SIGNED_AUTO},
    {"challenge=yes", DIALWARD_FORM_CHALLENGE, DIALWARD_CHALLENGE_YES},
    {"challenge=no", DIALWARD_FORM_CHALLENGE, DIALWARD_CHALLENGE_NO},
    {"names=realm", DIALWARD_FORM_NAMES, DIALWARD_NAMES_WITHOUT_REALM},
    {"names=domain", DIALWARD_FORM_NAMES, DIALWARD_NAMES_WITHOUT_DOMAIN},
    {"names=both", DIALWARD_FORM_NAMES, DIALWARD_NAMES_WITHOUT_REALM | DIALWARD_NAMES_WITHOUT_DOMAIN},
    {"chap=unsigned", DIALWARD_FORM_CHAP, 1}};

static int read_address(const char *text, struct in6_addr *address) {
  static const uint8_t mapped[12] = {[10] = 255, [11] = 255};
  if (inet_pton(AF_INET6, text, address) == 1) return 1;
  memcpy(address->s6_addr, mapped, sizeof mapped);
  return inet_pton(AF_INET, text, address->s6_addr + 12) == 1;
}

static const char *enrol(const struct in6_addr *from, const uint8_t form[DIALWARD_FORM_BYTES]) {
  uint32_t at = radiusd_find_client(from), keep = at < CLIENTS;
  if (!keep) {
    for (at = 0; at < CLIENTS && clients[at].used;) at++;
  }
  dialward_radius_store(DIALWARD_FORM_AT, form, DIALWARD_FORM_BYTES);
  if (at == CLIENTS || radiusd_call(DIALWARD_RADIUS_CALL_CLIENT, at, keep, 0, 0) != DIALWARD_RADIUS_OK) return "is not taken";
  clients[at].address = *from;
  clients[at].used = clients[at].seen = 1;
  return NULL;
}

/* One line; `context` is not NULL where it is to be used. */
static int take_line(void *context, char *line, int number) {
  char *rest = NULL, *address = strtok_r(line, " \t\r", &rest), *secret = strtok_r(NULL, " \t\r", &rest);
  uint8_t form[DIALWARD_FORM_BYTES] = {[DIALWARD_FORM_SIGNED] = DIALWARD_SIGNED_AUTO};
  struct in6_addr from;
  const char *why = NULL;
  if (!address || *address == '#') return 0;
  size_t length = secret ? strlen(secret) : 0, i;
  if (!read_address(address, &from)) why = "has no address at its beginning";
  else if (length == 0 || length > DIALWARD_SECRET_BYTES) why = "has no secret, or one that is too long";
  for (char *word; !why && (word = strtok_r(NULL, " \t\r", &rest));) {
    for (i = 0; i < sizeof settings / sizeof *settings && strcmp(settings[i].word, word) != 0;) i++;
    if (i == sizeof settings / sizeof *settings) why = "has a word that is not known";
    else form[settings[i].field] = settings[i].value;
  }
  if (!why && !context && count++ == CLIENTS) why = "is one more than there is room for";
  if (!why && context) {
    memcpy(form + DIALWARD_FORM_SECRET, secret, length);
    form[DIALWARD_FORM_SECRET_LENGTH] = (uint8_t)length;
    form[DIALWARD_FORM_SECRET_LENGTH + 1] = (uint8_t)(length >> 8);
    why = enrol(&from, form);
  }
  explicit_bzero(form, sizeof form);
  if (why) radiusd_blame(file, number, why);
  return why != NULL;
}

int radiusd_read_clients(const char *path) {
  const char *why;
  file = path;
  count = 0;
  int result = dialward_lines_read(path, take_line, NULL, &why);
  if (result < 0) radiusd_say(path, " ", why);
  if (result != 0) return 0;
  for (uint32_t i = 0; i < CLIENTS; i++) clients[i].seen = 0;
  if (dialward_lines_read(path, take_line, &count, &why) != 0) return 0;
  for (uint32_t i = 0; i < CLIENTS; i++) {
    if (clients[i].used && !clients[i].seen) radiusd_call(DIALWARD_RADIUS_CALL_FORGET, i, 0, 0, 0), clients[i].used = 0;
  }
  return 1;
}

uint32_t radiusd_find_client(const struct in6_addr *address) {
  uint32_t i = 0;
  while (i < CLIENTS && !(clients[i].used && memcmp(&clients[i].address, address, sizeof *address) == 0)) i++;
  return i;
}
