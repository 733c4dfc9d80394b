/* The clients of dialward-radiusd: their file, a line each, and which address is which of the packets' module's. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "dialward.h"
#include "lines.h"
#include "radiusd.h"

#include <arpa/inet.h>
#include <string.h>

static struct { struct in6_addr address; uint8_t used; } clients[CLIENTS];
static struct in6_addr seen[CLIENTS]; /* of the file that is looked at */

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

/* Reads a line into the form that the packets' module takes. */
static const char *read_line(char *line, struct in6_addr *address, uint8_t form[DIALWARD_FORM_BYTES]) {
  const char *first = dialward_word(&line), *secret = dialward_word(&line), *word;
  size_t length = secret ? strlen(secret) : 0, i;
  memset(form, 0, DIALWARD_FORM_BYTES);
  if (!first || !read_address(first, address)) return "has no address at its beginning";
  if (length == 0 || length > DIALWARD_SECRET_BYTES) return "has no secret, or one that is too long";
  memcpy(form + DIALWARD_FORM_SECRET, secret, length);
  form[DIALWARD_FORM_SECRET_LENGTH] = (uint8_t)length;
  form[DIALWARD_FORM_SECRET_LENGTH + 1] = (uint8_t)(length >> 8);
  form[DIALWARD_FORM_SIGNED] = DIALWARD_SIGNED_AUTO;
  while ((word = dialward_word(&line))) {
    for (i = 0; i < sizeof settings / sizeof *settings && strcmp(settings[i].word, word) != 0;) i++;
    if (i == sizeof settings / sizeof *settings) return "has a word that is not known";
    form[settings[i].field] = settings[i].value;
  }
  return NULL;
}

static const char *look(char *line, uint32_t before) {
  uint8_t form[DIALWARD_FORM_BYTES];
  struct in6_addr address;
  const char *why = read_line(line, &address, form);
  explicit_bzero(form, sizeof form);
  if (why) return why;
  for (uint32_t i = 0; i < before; i++) {
    if (memcmp(&seen[i], &address, sizeof address) == 0) return "has an address that another line has";
  }
  if (before == CLIENTS) return "is one more than there is room for";
  seen[before] = address;
  return NULL;
}

static void forget(uint32_t count) {
  for (uint32_t i = 0, kept; i < CLIENTS; i++) {
    for (kept = 0; kept < count && memcmp(&seen[kept], &clients[i].address, sizeof *seen) != 0;) kept++;
    if (!clients[i].used || kept < count) continue;
    radiusd_call(DIALWARD_RADIUS_CALL_FORGET, i, 0, 0, 0);
    clients[i].used = 0;
  }
}

static const char *enrol(char *line) {
  uint8_t form[DIALWARD_FORM_BYTES];
  struct in6_addr address;
  const char *why = read_line(line, &address, form);
  if (!why) dialward_radius_store(DIALWARD_FORM_AT, form, sizeof form);
  explicit_bzero(form, sizeof form);
  if (why) return why;
  uint32_t at = radiusd_find_client(&address), known = at < CLIENTS;
  for (at = known ? at : 0; at < CLIENTS && !known && clients[at].used;) at++;
  if (at == CLIENTS || radiusd_call(DIALWARD_RADIUS_CALL_CLIENT, at, known, 0, 0) != DIALWARD_RADIUS_OK) return "is not taken";
  clients[at].address = address;
  clients[at].used = 1;
  return NULL;
}

const struct radiusd_file radiusd_clients = {look, forget, enrol};

uint32_t radiusd_find_client(const struct in6_addr *address) {
  uint32_t i = 0;
  while (i < CLIENTS && !(clients[i].used && memcmp(&clients[i].address, address, sizeof *address) == 0)) i++;
  return i;
}
