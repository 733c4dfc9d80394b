/* dialward-radiusd: a RADIUS server for a router. One process, one poll loop, no allocation: packets are the module's
 * (dialward-radius.h), verdicts the core's (host.h), what is spent lies in a file. RFC 2865, 2866, 5997. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "dialward-radius.h"
#include "flash-file.h"
#include "host.h"
#include "users.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef DIALWARD_STATE_PATH
#define DIALWARD_STATE_PATH "/var/lib/dialward/state"
#endif
#define SLOTS 8u    /* of radius.router.wasm */
#define CLIENTS 16u
#define LISTENERS 4u
#define SLOT_AT(slot) (DIALWARD_SLOTS_AT + (slot) * DIALWARD_SLOT_BYTES)

static const char usage[] =
    "Usage: dialward-radiusd [OPTION]...\n"
    "Checks one-time passwords for RADIUS clients (RFC 2865). Stays in the foreground, logs to standard error.\n"
    "  --users FILE         who may log in; default /etc/dialward/users\n"
    "  --clients FILE       a line each: ADDRESS SECRET [type=ikev2|xauth|ssl|openvpn|l2tp|pptp] [signed=may|must|auto]\n"
    "                       [challenge=yes|no] [names=realm|domain|both] [chap=unsigned]; default /etc/dialward/clients\n"
    "  --service NAME       how this router is called where users are asked for a code, up to 32 letters\n"
    "  --state FILE         what is spent, made by `dialward-state new FILE`; default " DIALWARD_STATE_PATH "\n"
    "  --listen ADDRESS     up to four; default 127.0.0.1\n"
    "  --port N             default 1812; accounting is answered at --accounting-port, default 1813\n"
    "  --check              read the files, say what is wrong with them, and end\n"
    "SIGHUP reads users and clients again; where something is wrong with them the old ones stay.\n";

static struct { char name[DIALWARD_NAME_BYTES + 1]; uint64_t id, line; uint8_t seen; } users[DIALWARD_NOBODY];
static struct { struct in6_addr address; uint8_t used, seen; } clients[CLIENTS];
static struct { int socket; uint8_t accounting; } listeners[2 * LISTENERS];
static struct { struct sockaddr_storage from; socklen_t length; uint8_t listener; } ways[SLOTS];
static struct dialward_dialin dial_ins[SLOTS];
static struct dialward_verdict verdicts[SLOTS];
static uint8_t requests[SLOTS][DIALWARD_REQUEST_BYTES];
static uint32_t listening;
static const char *service_name, *users_path = "/etc/dialward/users", *clients_path = "/etc/dialward/clients", *state_path = DIALWARD_STATE_PATH;
static int signals[2];

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...) {
  char text[512];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(text, sizeof text - 1, format, values);
  va_end(values);
  if (length < 0) return;
  if ((size_t)length > sizeof text - 2) length = (int)sizeof text - 2;
  for (int i = 0; i < length; i++) {
    if ((uint8_t)text[i] < 32 || text[i] == 127) text[i] = '?';
  }
  text[length++] = '\n';
  ssize_t written = write(STDERR_FILENO, text, (size_t)length);
  (void)written;
}

static uint32_t call(enum dialward_radius_verb verb, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  uint32_t result = dialward_radius_call(verb, a, b, c, d);
  if (result == DIALWARD_TRAPPED) say("radius.wasm has stopped: this program ends"), exit(1);
  return result;
}

static uint32_t get(uint32_t at, uint32_t bytes) {
  uint8_t from[4];
  uint32_t number = 0;
  dialward_radius_load(at, from, bytes);
  while (bytes-- > 0) number = number << 8 | from[bytes];
  return number;
}
static void put(uint32_t at, uint32_t number, uint32_t bytes) {
  uint8_t to[4];
  for (uint32_t i = 0; i < bytes; i++) to[i] = (uint8_t)(number >> (8 * i));
  dialward_radius_store(at, to, bytes);
}

/* Seconds of a clock that never goes back. */
static uint32_t seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)now.tv_sec + 1;
}

/* The module takes what it needs of random bytes; before it runs out there are new ones. */
static void refill(void) {
  uint8_t random[DIALWARD_ENTROPY_BYTES];
  if (get(DIALWARD_ENTROPY_LEFT, 4) >= DIALWARD_ENTROPY_MOST) return;
  for (size_t at = 0; at < sizeof random; at += 256) {
    if (getentropy(random + at, 256) != 0) say("no random bytes"), exit(1);
  }
  dialward_radius_store(DIALWARD_ENTROPY_AT, random, sizeof random);
  explicit_bzero(random, sizeof random);
  call(DIALWARD_RADIUS_CALL_STIR, 0, 0, 0, 0);
}

/* -- users -------------------------------------------------------------------------------------------------------- */

static uint64_t seen_names[DIALWARD_NOBODY], seen_ids[DIALWARD_NOBODY];
static uint32_t seen_count;

/* First all lines are looked at: nothing is changed by a file that is wrong somewhere. */
static int look_at_user(void *context, char *line, int number) {
  struct dialward_user user;
  const char *why;
  int found = dialward_user_read(line, &user, &why);
  uint64_t name = found > 0 ? dialward_id(user.name, "") : 0;
  (void)context;
  for (uint32_t i = 0; found > 0 && i < seen_count; i++) {
    if (seen_names[i] == name || seen_ids[i] == user.profile.id) found = -1, why = "has a name that another line has";
  }
  if (found > 0 && seen_count == DIALWARD_NOBODY) found = -1, why = "is one more than there is room for";
  if (found > 0 && strlen(user.name) > DIALWARD_NAME_BYTES) found = -1, why = "has a name that is too long";
  if (found > 0) seen_names[seen_count] = name, seen_ids[seen_count++] = user.profile.id;
  explicit_bzero(&user, sizeof user);
  if (found < 0) say("%s: line %d %s", users_path, number, why);
  return found < 0;
}

static uint32_t find_user(uint64_t id) {
  uint32_t record = 0;
  while (record < DIALWARD_NOBODY && users[record].id != id) record++;
  return record;
}

static int take_user(void *context, char *line, int number) {
  struct dialward_user user;
  const char *why;
  uint64_t hash = dialward_id(line, "");
  (void)context;
  if (dialward_user_read(line, &user, &why) <= 0) return 0;
  uint32_t record = find_user(user.profile.id);
  if (record == DIALWARD_NOBODY) record = find_user(0);
  uint32_t status = record == DIALWARD_NOBODY ? DIALWARD_STATUS_INDEX : dialward_put(record, &user.profile);
  if (status == DIALWARD_STATUS_OK) {
    snprintf(users[record].name, sizeof users[record].name, "%s", user.name);
    users[record].id = user.profile.id;
    users[record].line = hash;
    users[record].seen = 1;
  }
  explicit_bzero(&user, sizeof user);
  if (status != DIALWARD_STATUS_OK) say("%s: line %d has a value that is out of range (%u): its user is refused", users_path, number, (unsigned)status);
  return 0;
}

/* Returns whether the file was good. */
static int read_users(void) {
  const char *why;
  seen_count = 0;
  int result = dialward_lines_read(users_path, look_at_user, NULL, &why);
  if (result < 0) say("%s %s", users_path, why);
  if (result != 0) return 0;
  for (uint32_t i = 0; i < DIALWARD_NOBODY; i++) users[i].seen = 0;
  /* Who is gone makes room first. */
  for (uint32_t i = 0; i < DIALWARD_NOBODY; i++) {
    uint32_t kept = 0;
    while (kept < seen_count && seen_ids[kept] != users[i].id) kept++;
    if (users[i].id != 0 && kept == seen_count) dialward_remove(i), memset(&users[i], 0, sizeof users[i]);
  }
  if (dialward_lines_read(users_path, take_user, NULL, &why) != 0) return say("%s %s", users_path, why), 0;
  for (uint32_t i = 0; i < DIALWARD_NOBODY; i++) {
    if (users[i].id != 0 && !users[i].seen) dialward_remove(i), memset(&users[i], 0, sizeof users[i]);
  }
  return 1;
}

/* -- clients ------------------------------------------------------------------------------------------------------ */

/* An address as IPv6, IPv4 in ::ffff:0:0/96. */
static int read_address(const char *text, struct in6_addr *address) {
  static const uint8_t mapped[12] = {[10] = 255, [11] = 255};
  if (inet_pton(AF_INET6, text, address) == 1) return 1;
  memcpy(address->s6_addr, mapped, sizeof mapped);
  return inet_pton(AF_INET, text, address->s6_addr + 12) == 1;
}

static const struct { const char *word; uint32_t field; uint8_t value; } settings[] = {
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

static uint32_t find_client(const struct in6_addr *address) {
  uint32_t i = 0;
  while (i < CLIENTS && !(clients[i].used && memcmp(&clients[i].address, address, sizeof *address) == 0)) i++;
  return i;
}

/* One line; `context` is not NULL where it is to be used. */
static int take_client(void *context, char *line, int number) {
  char *rest = NULL, *address = strtok_r(line, " \t\r", &rest), *secret = strtok_r(NULL, " \t\r", &rest);
  uint8_t form[DIALWARD_FORM_BYTES] = {[DIALWARD_FORM_SIGNED] = DIALWARD_SIGNED_AUTO};
  struct in6_addr from;
  const char *why = NULL;
  if (!address || *address == '#') return 0;
  size_t length = secret ? strlen(secret) : 0;
  if (!read_address(address, &from)) why = "has no address at its beginning";
  else if (length == 0 || length > DIALWARD_SECRET_BYTES) why = "has no secret, or one that is too long";
  for (char *word; !why && (word = strtok_r(NULL, " \t\r", &rest));) {
    size_t i = 0;
    while (i < sizeof settings / sizeof *settings && strcmp(settings[i].word, word) != 0) i++;
    if (i == sizeof settings / sizeof *settings) why = "has a word that is not known";
    else form[settings[i].field] = settings[i].value;
  }
  if (!why && !context && seen_count++ == CLIENTS) why = "is one more than there is room for";
  if (!why && context) {
    uint32_t at = find_client(&from), keep = at < CLIENTS;
    for (uint32_t i = 0; at == CLIENTS && i < CLIENTS; i++) {
      if (!clients[i].used) at = i;
    }
    memcpy(form + DIALWARD_FORM_SECRET, secret, length);
    form[DIALWARD_FORM_SECRET_LENGTH] = (uint8_t)length;
    form[DIALWARD_FORM_SECRET_LENGTH + 1] = (uint8_t)(length >> 8);
    dialward_radius_store(DIALWARD_FORM_AT, form, sizeof form);
    if (at == CLIENTS || call(DIALWARD_RADIUS_CALL_CLIENT, at, keep, 0, 0) != DIALWARD_RADIUS_OK) why = "is not taken";
    else clients[at].address = from, clients[at].used = clients[at].seen = 1;
  }
  explicit_bzero(form, sizeof form);
  if (why) say("%s: line %d %s", clients_path, number, why);
  return why != NULL;
}

static int read_clients(void) {
  const char *why;
  int use = 1;
  seen_count = 0;
  int result = dialward_lines_read(clients_path, take_client, NULL, &why);
  if (result < 0) say("%s %s", clients_path, why);
  if (result != 0) return 0;
  for (uint32_t i = 0; i < CLIENTS; i++) clients[i].seen = 0;
  if (dialward_lines_read(clients_path, take_client, &use, &why) != 0) return 0;
  for (uint32_t i = 0; i < CLIENTS; i++) {
    if (clients[i].used && !clients[i].seen) call(DIALWARD_RADIUS_CALL_FORGET, i, 0, 0, 0), clients[i].used = 0;
  }
  return 1;
}

/* -- logins ------------------------------------------------------------------------------------------------------- */

static void read_text(uint32_t slot, uint32_t place, uint32_t length, char *text) {
  dialward_radius_load(SLOT_AT(slot) + DIALWARD_SLOT_PACKET + place, text, length);
  text[length] = 0;
}

static void read_name(uint32_t slot, char text[256]) {
  read_text(slot, get(SLOT_AT(slot) + DIALWARD_SLOT_NAME, 2), get(SLOT_AT(slot) + DIALWARD_SLOT_NAME_LENGTH, 1), text);
}

/* What is left with a login for its next step: which profile it was, as the file had it. */
static void make_note(uint32_t record, uint8_t note[DIALWARD_NOTE_BYTES]) {
  for (uint32_t i = 0; i < 8; i++) {
    note[i] = (uint8_t)(users[record].id >> (8 * i));
    note[8 + i] = (uint8_t)(users[record].line >> (8 * i));
  }
}

/* The user of a slot; DIALWARD_NOBODY where there is none, or a later step finds another profile. */
static uint32_t find_record(uint32_t slot, int later) {
  char name[256];
  uint8_t note[DIALWARD_NOTE_BYTES], now[DIALWARD_NOTE_BYTES];
  uint32_t record = 0;
  read_name(slot, name);
  if (strlen(name) != get(SLOT_AT(slot) + DIALWARD_SLOT_NAME_LENGTH, 1)) return DIALWARD_NOBODY;
  while (record < DIALWARD_NOBODY && (users[record].id == 0 || strcmp(users[record].name, name) != 0)) record++;
  if (record == DIALWARD_NOBODY || !later) return record;
  dialward_radius_load(SLOT_AT(slot) + DIALWARD_SLOT_NOTE, note, sizeof note);
  make_note(record, now);
  return memcmp(note, now, sizeof note) == 0 ? record : DIALWARD_NOBODY;
}

/* A login, as host.h takes it. */
static void ask(uint32_t slot, struct dialward_dialin *one, uint8_t *request) {
  char station[256];
  dialward_radius_load(SLOT_AT(slot) + DIALWARD_SLOT_REQUEST, request, DIALWARD_REQUEST_BYTES);
  int second = (get(SLOT_AT(slot) + DIALWARD_SLOT_FLAGS, 1) & DIALWARD_ROW_SECOND) != 0;
  memset(one, 0, sizeof *one);
  one->record = (uint16_t)find_record(slot, second);
  one->proof = request[DIALWARD_REQUEST_PROOF];
  one->flags = (uint8_t)(request[DIALWARD_REQUEST_FLAGS] | (second ? DIALWARD_FLAG_SECOND : 0));
  one->type = request[DIALWARD_REQUEST_TYPE];
  one->chap_id = request[DIALWARD_REQUEST_CHAP_ID];
  one->length = request[DIALWARD_REQUEST_LENGTH];
  one->name_length = request[DIALWARD_REQUEST_NAME_LENGTH];
  one->text = request + DIALWARD_REQUEST_TEXT;
  one->response = request + DIALWARD_REQUEST_RESPONSE;
  one->challenge = request + DIALWARD_REQUEST_CHALLENGE;
  if (one->proof == DIALWARD_PROOF_CHAP) one->challenge = request + DIALWARD_REQUEST_CHAP_CHALLENGE;
  one->peer_challenge = request + DIALWARD_REQUEST_PEER_CHALLENGE;
  one->name = request + DIALWARD_REQUEST_NAME;
  read_text(slot, get(SLOT_AT(slot) + DIALWARD_SLOT_STATION, 2), get(SLOT_AT(slot) + DIALWARD_SLOT_STATION_LENGTH, 1), station);
  if (station[0]) one->source = (uint32_t)dialward_id(station, "") + get(SLOT_AT(slot) + DIALWARD_SLOT_CLIENT, 2);
}

/* The verdict becomes a reply. */
static void answer(uint32_t slot, const struct dialward_verdict *verdict, uint32_t record, uint32_t now) {
  static const char *const says[] = {"",         "accept",   "password right", "wrong code",   "code spent", "too many failures",
                                     "pending",  "disabled", "dial-in type",   "unknown user", "bad record", "bad request",
                                     "recovery code", "not valid now"};
  uint32_t outcome = DIALWARD_OUTCOME_REFUSE, at = SLOT_AT(slot) + DIALWARD_SLOT_RESULT;
  uint8_t note[DIALWARD_NOTE_BYTES];
  char name[256];
  if (dialward_lets_in(verdict->verdict)) outcome = DIALWARD_OUTCOME_ACCEPT;
  if (verdict->verdict == DIALWARD_VERDICT_CONTINUE) outcome = DIALWARD_OUTCOME_CONTINUE;
  read_name(slot, name);
  say("%s user=%s reason=%s", outcome == DIALWARD_OUTCOME_REFUSE ? "refuse" : outcome == DIALWARD_OUTCOME_ACCEPT ? "accept" : "challenge",
      name, verdict->verdict < sizeof says / sizeof *says ? says[verdict->verdict] : verdict->verdict == DIALWARD_VERDICT_DAMAGED ? "state damaged" : "other");
  if (outcome != DIALWARD_OUTCOME_REFUSE && record < DIALWARD_NOBODY) {
    make_note(record, note);
    dialward_radius_store(SLOT_AT(slot) + DIALWARD_SLOT_NOTE, note, sizeof note);
    dialward_radius_store(at + DIALWARD_RESULT_AUTHENTICATOR_RESPONSE, verdict->authenticator_response, 20);
    dialward_radius_store(at + DIALWARD_RESULT_SEND_KEY, verdict->send_key, 16);
    dialward_radius_store(at + DIALWARD_RESULT_RECEIVE_KEY, verdict->receive_key, 16);
  }
  refill();
  call(DIALWARD_RADIUS_CALL_ANSWER, slot, outcome, 0, now);
}

static void send_reply(uint32_t slot) {
  uint8_t reply[DIALWARD_DATAGRAM_BYTES];
  uint32_t length = get(SLOT_AT(slot) + DIALWARD_SLOT_REPLY_LENGTH, 2);
  if (length == 0 || length > sizeof reply) return;
  dialward_radius_load(SLOT_AT(slot) + DIALWARD_SLOT_REPLY, reply, length);
  if (sendto(listeners[ways[slot].listener].socket, reply, length, 0, (const struct sockaddr *)&ways[slot].from, ways[slot].length) < 0)
    say("a reply could not be sent: %s", strerror(errno));
}

/* Takes one datagram into a slot; returns whether there was one that has to be read. */
static int receive(uint32_t slot, uint32_t listener) {
  uint8_t datagram[DIALWARD_DATAGRAM_BYTES];
  struct in6_addr address;
  struct sockaddr_storage *from = &ways[slot].from;
  char text[INET6_ADDRSTRLEN];
  ways[slot].length = sizeof *from;
  ways[slot].listener = (uint8_t)listener;
  ssize_t length = recvfrom(listeners[listener].socket, datagram, sizeof datagram, 0, (struct sockaddr *)from, &ways[slot].length);
  if (length < 0) return -1;
  const struct sockaddr_in6 *six = (const void *)from;
  const struct sockaddr_in *four = (const void *)from;
  if (from->ss_family == AF_INET6) address = six->sin6_addr;
  else inet_ntop(AF_INET, &four->sin_addr, text, sizeof text), read_address(text, &address);
  uint32_t client = find_client(&address);
  static uint32_t told;
  if (client == CLIENTS && told != seconds()) {
    told = seconds();
    inet_ntop(AF_INET6, &address, text, sizeof text);
    say("drop nas=%s reason=unknown client", text);
  }
  if (client == CLIENTS || (from->ss_family == AF_INET && four->sin_port == 0)) return 0;
  dialward_radius_store(SLOT_AT(slot) + DIALWARD_SLOT_PACKET, datagram, (uint32_t)length);
  put(SLOT_AT(slot) + DIALWARD_SLOT_LENGTH, (uint32_t)length, 2);
  put(SLOT_AT(slot) + DIALWARD_SLOT_CLIENT, client, 2);
  put(SLOT_AT(slot) + DIALWARD_SLOT_ACCOUNTING, listeners[listener].accounting, 1);
  return 1;
}

/* Judges all logins of a batch at once: one sync for all. */
static void judge(const uint32_t *slots, uint32_t count, uint32_t now) {
  for (uint32_t i = 0; i < count; i++) ask(slots[i], &dial_ins[i], requests[i]);
  enum dialward_error error = dialward_judge(dial_ins, count, (uint64_t)time(NULL), verdicts);
  if (error == DIALWARD_NO_CLOCK) say("the clock is not set: nobody can log in");
  else if (error == DIALWARD_BAD_ENGINE) say("the core gives wrong answers on this machine: this program ends"), exit(1);
  else if (error != DIALWARD_DONE) say("%s cannot be written (%d): nobody can log in", state_path, (int)error);
  for (uint32_t i = 0; i < count; i++) answer(slots[i], &verdicts[i], dial_ins[i].record, now), send_reply(slots[i]);
  explicit_bzero(requests, sizeof requests);
  explicit_bzero(verdicts, sizeof verdicts);
}

static void serve(const struct pollfd *waiting) {
  uint32_t logins[SLOTS], copies[SLOTS], count = 0, repeated = 0, slot = 0, now = seconds();
  for (uint32_t i = 0; i < listening; i++) {
    while (slot < SLOTS && (waiting[i].revents & POLLIN)) {
      int got = receive(slot, i);
      if (got < 0) break;
      if (got == 0) continue;
      refill();
      uint32_t read = call(DIALWARD_RADIUS_CALL_READ, slot, now, 0, 0);
      if (read >= DIALWARD_READ_DUPLICATE && read <= DIALWARD_READ_NOT_OFFERED) send_reply(slot);
      refill();
      if (read == DIALWARD_READ_ACCOUNTING) call(DIALWARD_RADIUS_CALL_ANSWER, slot, DIALWARD_OUTCOME_ACCEPT, 0, now), send_reply(slot);
      /* The user may have been disabled since. */
      if (read == DIALWARD_READ_ACKNOWLEDGED) {
        uint32_t known = find_record(slot, 1) < DIALWARD_NOBODY;
        call(DIALWARD_RADIUS_CALL_ANSWER, slot, known ? DIALWARD_OUTCOME_ACCEPT : DIALWARD_OUTCOME_REFUSE, 0, now);
        send_reply(slot);
      }
      if (read == DIALWARD_READ_LOGIN) logins[count++] = slot++;
      else if (read == DIALWARD_READ_REPEATED) copies[repeated++] = slot++;
    }
  }
  if (count > 0) judge(logins, count, now);
  for (uint32_t i = 0; i < repeated; i++) {
    if (call(DIALWARD_RADIUS_CALL_READ, copies[i], now, 0, 0) == DIALWARD_READ_DUPLICATE) send_reply(copies[i]);
  }
  if (count > 0) dialward_log_tidy();
}

/* -- start -------------------------------------------------------------------------------------------------------- */

static void fatal(const char *what, const char *why) {
  say("dialward-radiusd: %s %s", what, why);
  exit(1);
}

static void listen_at(const char *text, uint16_t port, uint8_t accounting) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  int is_four = inet_pton(AF_INET, text, &four.sin_addr) == 1;
  if (!is_four && inet_pton(AF_INET6, text, &six.sin6_addr) != 1) fatal(text, "is no address");
  int one = socket(is_four ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const struct sockaddr *address = is_four ? (const void *)&four : (const void *)&six;
  if (one < 0 || bind(one, address, is_four ? sizeof four : sizeof six) != 0) fatal(text, strerror(errno));
  listeners[listening].socket = one;
  listeners[listening++].accounting = accounting;
}

static void on_signal(int number) {
  int error = errno;
  uint8_t one = (uint8_t)number;
  ssize_t written = write(signals[1], &one, 1);
  (void)written;
  errno = error;
}

/* The same words as the service on a server uses (host/admission/pending-challenges.ts). */
static void name_service(const char *name) {
  char prompt[DIALWARD_PROMPT_BYTES + 1];
  int length = snprintf(prompt, sizeof prompt, "Enter the code of %s: ", name);
  if (length > (int)DIALWARD_PROMPT_BYTES) fatal(name, "is too long a name");
  dialward_radius_store(DIALWARD_EXTRA_AT, prompt, (uint32_t)length);
  if (call(DIALWARD_RADIUS_CALL_PROMPT, (uint32_t)length, 0, 0, 0) != DIALWARD_RADIUS_OK) fatal(name, "is no name");
}

static uint16_t read_port(const char *text) {
  char *end;
  unsigned long port = strtoul(text, &end, 10);
  if (*end || port == 0 || port > 65535) fatal(text, "is no port");
  return (uint16_t)port;
}

static void open_all(void) {
  struct dialward_flash flash;
  if (dialward_start(DIALWARD_FEATURE_CLEAR | DIALWARD_FEATURE_CHAP | DIALWARD_FEATURE_MSCHAPV2) != DIALWARD_DONE ||
      call(DIALWARD_RADIUS_CALL_VERSION, 0, 0, 0, 0) != DIALWARD_RADIUS_VERSION ||
      call(DIALWARD_RADIUS_CALL_SLOTS, 0, 0, 0, 0) < SLOTS || call(DIALWARD_RADIUS_CALL_CLIENTS, 0, 0, 0, 0) < CLIENTS ||
      call(DIALWARD_RADIUS_CALL_SELF_TEST, 0, 0, 0, 0) != DIALWARD_RADIUS_OK)
    fatal("the modules", "give wrong answers on this machine");
  if (service_name) name_service(service_name);
  refill();
  if (dialward_file_open(state_path, 0, &flash) != 0)
    fatal(state_path, errno == ENOENT ? "is not there: `dialward-state new` makes it" : errno == EWOULDBLOCK ? "is in use" : "cannot be opened");
  enum dialward_error error = dialward_log_open(&flash);
  if (error != DIALWARD_DONE) fatal(state_path, "cannot be used: `dialward-state check` says why");
  if (dialward_log_found() & DIALWARD_LOG_ROT) say("%s was damaged: users who are concerned are refused, see `dialward-state`", state_path);
  if (!read_clients() || !read_users() || dialward_restore() != DIALWARD_DONE) fatal("its files", "are not good");
}

int main(int argc, char **argv) {
  const char *addresses[LISTENERS] = {"127.0.0.1"};
  uint16_t port = 1812, accounting_port = 1813;
  uint32_t given = 0;
  int check = 0;
  for (int i = 1; i < argc; i++) {
    const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(name, "--help") == 0) return fputs(usage, stdout), 0;
    if (strcmp(name, "--check") == 0) { check = 1; continue; }
    if (strcmp(name, "--users") == 0) users_path = value;
    else if (strcmp(name, "--clients") == 0) clients_path = value;
    else if (strcmp(name, "--state") == 0) state_path = value;
    else if (strcmp(name, "--service") == 0) service_name = value;
    else if (strcmp(name, "--port") == 0) port = read_port(value);
    else if (strcmp(name, "--accounting-port") == 0) accounting_port = read_port(value);
    else if (strcmp(name, "--listen") == 0 && given < LISTENERS) addresses[given++] = value;
    else return fputs(usage, stderr), 2;
    if (!*value) return fputs(usage, stderr), 2;
    i++;
  }
  open_all();
  if (check) return say("all files are good"), 0;
  for (uint32_t i = 0; i < (given ? given : 1); i++) listen_at(addresses[i], port, 0), listen_at(addresses[i], accounting_port, 1);
  struct sigaction action = {.sa_handler = on_signal};
  if (pipe(signals) != 0 || fcntl(signals[1], F_SETFL, O_NONBLOCK) != 0) fatal("pipe", strerror(errno));
  sigaction(SIGHUP, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  say("ready");
  for (;;) {
    struct pollfd waiting[2 * LISTENERS + 1];
    uint8_t number = 0;
    for (uint32_t i = 0; i < listening; i++) waiting[i] = (struct pollfd){listeners[i].socket, POLLIN, 0};
    waiting[listening] = (struct pollfd){signals[0], POLLIN, 0};
    if (poll(waiting, listening + 1, -1) < 0) continue;
    if (waiting[listening].revents && read(signals[0], &number, 1) == 1) {
      if (number != SIGHUP) break;
      int good = read_clients();
      good = read_users() && good;
      if (dialward_restore() != DIALWARD_DONE) break;
      say(good ? "read again" : "the old ones stay");
    }
    serve(waiting);
  }
  dialward_wipe();
  call(DIALWARD_RADIUS_CALL_WIPE, 0, 0, 0, 0);
  dialward_file_close();
  return 0;
}
