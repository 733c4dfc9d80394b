/* The logins of dialward-radiusd: from a datagram to its reply, two at a time. RFC 2865, 2866, 5997. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "bytes.h"
#include "host.h"
#include "radiusd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 2u /* of radius.router.wasm */
#define SLOT_AT(slot) (DIALWARD_SLOTS_AT + (slot) * DIALWARD_SLOT_BYTES)

static struct { struct sockaddr_storage from; struct in6_addr address; socklen_t length; int socket; } ways[SLOTS];
static struct dialward_dialin dial_ins[SLOTS];
static struct dialward_verdict verdicts[SLOTS];
static uint8_t requests[SLOTS][DIALWARD_REQUEST_BYTES];

uint32_t radiusd_call(enum dialward_radius_verb verb, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  uint32_t result = dialward_radius_call(verb, a, b, c, d);
  if (result == DIALWARD_TRAPPED) radiusd_say("radius.wasm has stopped: this program ends"), exit(1);
  return result;
}

/* Numbers in the module's memory. */
static uint32_t read_number(uint32_t at, uint32_t bytes) {
  uint8_t from[4];
  dialward_radius_load(at, from, bytes);
  return (uint32_t)get(from, bytes);
}
static void write_number(uint32_t at, uint32_t number, uint32_t bytes) {
  uint8_t to[4];
  put(to, number, bytes);
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
  if (read_number(DIALWARD_ENTROPY_LEFT, 4) >= DIALWARD_ENTROPY_MOST) return;
  for (size_t at = 0; at < sizeof random; at += 256) {
    if (getentropy(random + at, 256) != 0) radiusd_say("no random bytes"), exit(1);
  }
  dialward_radius_store(DIALWARD_ENTROPY_AT, random, sizeof random);
  explicit_bzero(random, sizeof random);
  radiusd_call(DIALWARD_RADIUS_CALL_STIR, 0, 0, 0, 0);
}

/* A text of the packet, zero-terminated; its length. */
static uint32_t read_text(uint32_t slot, uint32_t place, uint32_t length_at, char text[256]) {
  uint32_t length = read_number(SLOT_AT(slot) + length_at, 1);
  dialward_radius_load(SLOT_AT(slot) + DIALWARD_SLOT_PACKET + read_number(SLOT_AT(slot) + place, 2), text, length);
  text[length] = 0;
  return length;
}

/* The user of a slot; DIALWARD_NOBODY where there is none, or a later step finds another profile. */
static uint32_t find_record(uint32_t slot, int later, char name[256]) {
  uint8_t note[DIALWARD_NOTE_BYTES];
  uint32_t length = read_text(slot, DIALWARD_SLOT_NAME, DIALWARD_SLOT_NAME_LENGTH, name);
  dialward_radius_load(SLOT_AT(slot) + DIALWARD_SLOT_NOTE, note, sizeof note);
  return radiusd_find_user(name, length, later ? note : NULL);
}

/* Writes into the log what became of a login. */
static void tell(uint32_t slot, const char *outcome, const char *reason) {
  char name[256];
  read_text(slot, DIALWARD_SLOT_NAME, DIALWARD_SLOT_NAME_LENGTH, name);
  radiusd_say(outcome, " user=", name, " reason=", reason);
}

/* A login, as host.h takes it. */
static void ask(uint32_t slot, uint64_t time, struct dialward_dialin *one, uint8_t *request) {
  char text[256];
  int second = (read_number(SLOT_AT(slot) + DIALWARD_SLOT_FLAGS, 1) & DIALWARD_ROW_SECOND) != 0;
  dialward_radius_load(SLOT_AT(slot) + DIALWARD_SLOT_REQUEST, request, DIALWARD_REQUEST_BYTES);
  memset(one, 0, sizeof *one);
  one->laid_out = request;
  one->record = (uint16_t)find_record(slot, second, text);
  one->flags = (uint8_t)(radiusd_validity(one->record, time) | (second ? DIALWARD_FLAG_SECOND : 0));
  if (read_text(slot, DIALWARD_SLOT_STATION, DIALWARD_SLOT_STATION_LENGTH, text) > 0)
    one->source = (uint32_t)dialward_id(text, "") + read_number(SLOT_AT(slot) + DIALWARD_SLOT_CLIENT, 2);
}

static void send_reply(uint32_t slot) {
  uint8_t reply[DIALWARD_DATAGRAM_BYTES];
  uint32_t length = read_number(SLOT_AT(slot) + DIALWARD_SLOT_REPLY_LENGTH, 2);
  if (length == 0 || length > sizeof reply) return;
  dialward_radius_load(SLOT_AT(slot) + DIALWARD_SLOT_REPLY, reply, length);
  if (sendto(ways[slot].socket, reply, length, 0, (const struct sockaddr *)&ways[slot].from, ways[slot].length) < 0)
    radiusd_say("a reply could not be sent: ", strerror(errno));
}

static void answer(uint32_t slot, uint32_t outcome, uint32_t now) {
  refill();
  radiusd_call(DIALWARD_RADIUS_CALL_ANSWER, slot, outcome, 0, now);
  send_reply(slot);
}

/* The verdict becomes a reply. */
static void answer_verdict(uint32_t slot, const struct dialward_verdict *verdict, uint32_t record, uint32_t now) {
  static const char *const reasons[] = {"store-unavailable", "ok", "password-ok", "wrong-code", "code-spent", "must-wait",
                                        "profile-pending", "profile-disabled", "type-not-allowed", "unknown-user",
                                        "bad-record", "bad-request", "recovered", "not-valid-now"};
  const char *reason = verdict->verdict < sizeof reasons / sizeof *reasons ? reasons[verdict->verdict] : "state-damaged";
  uint32_t outcome = DIALWARD_OUTCOME_REFUSE, at = SLOT_AT(slot) + DIALWARD_SLOT_RESULT;
  uint8_t note[DIALWARD_NOTE_BYTES];
  if (dialward_lets_in(verdict->verdict)) outcome = DIALWARD_OUTCOME_ACCEPT;
  if (verdict->verdict == DIALWARD_VERDICT_CONTINUE) outcome = DIALWARD_OUTCOME_CONTINUE;
  tell(slot, outcome == DIALWARD_OUTCOME_REFUSE ? "refuse" : outcome == DIALWARD_OUTCOME_ACCEPT ? "accept" : "challenge", reason);
  if (outcome != DIALWARD_OUTCOME_REFUSE && record < DIALWARD_NOBODY) {
    radiusd_make_note(record, note);
    dialward_radius_store(SLOT_AT(slot) + DIALWARD_SLOT_NOTE, note, sizeof note);
    dialward_radius_store(at + DIALWARD_RESULT_AUTHENTICATOR_RESPONSE, verdict->authenticator_response, 20);
    dialward_radius_store(at + DIALWARD_RESULT_SEND_KEY, verdict->send_key, 16);
    dialward_radius_store(at + DIALWARD_RESULT_RECEIVE_KEY, verdict->receive_key, 16);
  }
  answer(slot, outcome, now);
  if (outcome == DIALWARD_OUTCOME_CONTINUE && read_number(SLOT_AT(slot) + DIALWARD_SLOT_REPLY, 1) == DIALWARD_ACCESS_REJECT)
    tell(slot, "refuse", "challenge-not-supported");
}

/* Says, once a second, why a datagram gets no reply. */
static void drop(uint32_t slot, const char *why) {
  static uint32_t told;
  char text[INET6_ADDRSTRLEN];
  if (told == seconds()) return;
  told = seconds();
  inet_ntop(AF_INET6, &ways[slot].address, text, sizeof text);
  radiusd_say("drop nas=", text, ": ", why);
}

/* Takes one datagram into a slot: 1 where it has to be read, 0 where not, -1 where there is none. */
static int receive(uint32_t slot, const struct radiusd_listener *listener) {
  uint8_t datagram[DIALWARD_DATAGRAM_BYTES];
  struct in6_addr *address = &ways[slot].address;
  const struct sockaddr_in6 *six = (const void *)&ways[slot].from;
  const struct sockaddr_in *four = (const void *)&ways[slot].from;
  ways[slot].length = sizeof ways[slot].from;
  ways[slot].socket = listener->socket;
  ssize_t length = recvfrom(listener->socket, datagram, sizeof datagram, 0, (struct sockaddr *)&ways[slot].from, &ways[slot].length);
  if (length < 0) return -1;
  *address = (struct in6_addr){.s6_addr = {[10] = 255, [11] = 255}};
  if (ways[slot].from.ss_family == AF_INET6) *address = six->sin6_addr;
  else memcpy(address->s6_addr + 12, &four->sin_addr, 4);
  uint32_t client = radiusd_find_client(address);
  if (client == CLIENTS) return drop(slot, "its address is not one of the clients"), 0;
  if (four->sin_port == 0) return drop(slot, "it came from port 0, where no reply can go"), 0; /* IPv6 has it there, too */
  dialward_radius_store(SLOT_AT(slot) + DIALWARD_SLOT_PACKET, datagram, (uint32_t)length);
  write_number(SLOT_AT(slot) + DIALWARD_SLOT_LENGTH, (uint32_t)length, 2);
  write_number(SLOT_AT(slot) + DIALWARD_SLOT_CLIENT, client, 2);
  write_number(SLOT_AT(slot) + DIALWARD_SLOT_ACCOUNTING, listener->accounting, 1);
  refill();
  return 1;
}

/* Judges all logins of a batch at once. */
static void judge(const uint32_t *slots, uint32_t count, uint32_t now) {
  uint64_t clock = (uint64_t)time(NULL);
  for (uint32_t i = 0; i < count; i++) ask(slots[i], clock, &dial_ins[i], requests[i]);
  enum dialward_error error = dialward_judge(dial_ins, count, clock, verdicts);
  if (error == DIALWARD_NO_CLOCK) radiusd_say("the clock is not set: nobody can log in");
  else if (error == DIALWARD_BAD_ENGINE) radiusd_say("the core gives wrong answers on this machine: this program ends"), exit(1);
  else if (error != DIALWARD_DONE) radiusd_say(error == DIALWARD_FULL ? "the state has too many users: nobody can log in" : "the state cannot be written: nobody can log in");
  for (uint32_t i = 0; i < count; i++) answer_verdict(slots[i], &verdicts[i], dial_ins[i].record, now);
  explicit_bzero(requests, sizeof requests);
  explicit_bzero(verdicts, sizeof verdicts);
}

/* What is said of a datagram that was read, by what read() returned; an acknowledged refusal is not told twice. */
static void tell_read(uint32_t slot, uint32_t read) {
  static const char *const reasons[] = {"", "no-name", "no-proof", "bad-proof", "mschapv1-not-offered", "unsigned-chap",
                                        "challenge-expired", "bad-eap", "no-eap-method", "", "server-distrusted"};
  uint32_t why = read_number(SLOT_AT(slot) + DIALWARD_SLOT_REASON, 1);
  if (read == DIALWARD_READ_MALFORMED) drop(slot, "it is not RADIUS, or not for this port");
  if (read == DIALWARD_READ_AUTHENTICATOR) drop(slot, "its authenticator is wrong; compare the shared secret on both sides");
  if (read == DIALWARD_READ_UNSIGNED) drop(slot, "it lacks the Message-Authenticator that it must have");
  if (read == DIALWARD_READ_REFUSED && why < sizeof reasons / sizeof *reasons && *reasons[why]) tell(slot, "refuse", reasons[why]);
}

int radiusd_modules_work(void) {
  return dialward_start(DIALWARD_FEATURE_CLEAR | DIALWARD_FEATURE_CHAP | DIALWARD_FEATURE_MSCHAPV2) == DIALWARD_DONE &&
         radiusd_call(DIALWARD_RADIUS_CALL_VERSION, 0, 0, 0, 0) == DIALWARD_RADIUS_VERSION &&
         radiusd_call(DIALWARD_RADIUS_CALL_SLOTS, 0, 0, 0, 0) >= SLOTS && radiusd_call(DIALWARD_RADIUS_CALL_CLIENTS, 0, 0, 0, 0) >= CLIENTS &&
         radiusd_call(DIALWARD_RADIUS_CALL_SELF_TEST, 0, 0, 0, 0) == DIALWARD_RADIUS_OK && (refill(), 1);
}

void radiusd_serve(const struct radiusd_listener *listeners, const struct pollfd *waiting, uint32_t listening) {
  uint32_t logins[SLOTS], copies[SLOTS], count = 0, repeated = 0, slot = 0, now = seconds();
  char name[256];
  for (uint32_t i = 0; i < listening; i++) {
    int got = waiting[i].revents & POLLIN ? 0 : -1;
    while (slot < SLOTS && got >= 0 && (got = receive(slot, &listeners[i])) >= 0) {
      if (got == 0) continue;
      uint32_t read = radiusd_call(DIALWARD_RADIUS_CALL_READ, slot, now, 0, 0);
      tell_read(slot, read);
      if (read >= DIALWARD_READ_DUPLICATE && read <= DIALWARD_READ_NOT_OFFERED) send_reply(slot);
      else if (read == DIALWARD_READ_ACCOUNTING) answer(slot, DIALWARD_OUTCOME_ACCEPT, now);
      else if (read == DIALWARD_READ_LOGIN) logins[count++] = slot++;
      else if (read == DIALWARD_READ_REPEATED) copies[repeated++] = slot++;
      else if (read == DIALWARD_READ_ACKNOWLEDGED) {
        /* The file may have changed since. */
        uint32_t record = find_record(slot, 1, name);
        int good = record < DIALWARD_NOBODY && radiusd_validity(record, (uint64_t)time(NULL)) == 0;
        if (!good) tell(slot, "refuse", "profile-changed");
        answer(slot, good ? DIALWARD_OUTCOME_ACCEPT : DIALWARD_OUTCOME_REFUSE, now);
      }
    }
  }
  if (count > 0) judge(logins, count, now);
  for (uint32_t i = 0; i < repeated; i++) {
    if (radiusd_call(DIALWARD_RADIUS_CALL_READ, copies[i], now, 0, 0) == DIALWARD_READ_DUPLICATE) send_reply(copies[i]);
  }
  if (count > 0) dialward_log_tidy();
}
