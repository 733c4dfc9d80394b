/* dialward-radiusd: a RADIUS server for a router. One process, one poll loop, no allocation: packets are the module's
 * (dialward-radius.h), verdicts the core's (host.h), what is spent lies in a file. Here it starts, listens and waits. */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "flash-file.h"
#include "host.h"
#include "radiusd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef DIALWARD_STATE_PATH
#define DIALWARD_STATE_PATH "/var/lib/dialward/state"
#endif
#define LISTENERS 4u

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

static struct radiusd_listener listeners[2 * LISTENERS];
static uint32_t listening;
static const char *service_name, *users_path = "/etc/dialward/users", *clients_path = "/etc/dialward/clients", *state_path = DIALWARD_STATE_PATH;

void radiusd_write(const char *const *texts) {
  char line[512];
  size_t length = 0;
  for (; *texts; texts++) {
    for (const char *text = *texts; *text && length < sizeof line - 1; text++)
      line[length++] = (char)((uint8_t)*text < 32 || *text == 127 ? '?' : *text);
  }
  line[length++] = '\n';
  ssize_t written = write(STDERR_FILENO, line, length);
  (void)written;
}

static void fatal(const char *what, const char *why) {
  radiusd_say("dialward-radiusd: ", what, " ", why);
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

/* From here on signals are read as if they were datagrams, and come never else. */
static int receive_signals(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* The same words as the service on a server uses (host/admission/pending-challenges.ts). */
static void name_service(const char *name) {
  char prompt[DIALWARD_PROMPT_BYTES + 1];
  int length = snprintf(prompt, sizeof prompt, "Enter the code of %s: ", name);
  if (length > (int)DIALWARD_PROMPT_BYTES) fatal(name, "is too long a name");
  dialward_radius_store(DIALWARD_EXTRA_AT, prompt, (uint32_t)length);
  if (radiusd_call(DIALWARD_RADIUS_CALL_PROMPT, (uint32_t)length, 0, 0, 0) != DIALWARD_RADIUS_OK) fatal(name, "is no name");
}

static uint16_t read_port(const char *text) {
  char *end;
  unsigned long port = strtoul(text, &end, 10);
  if (*end || port == 0 || port > 65535) fatal(text, "is no port");
  return (uint16_t)port;
}

static void open_all(void) {
  struct dialward_flash flash;
  if (!radiusd_modules_work()) fatal("the modules", "give wrong answers on this machine");
  if (service_name) name_service(service_name);
  if (dialward_file_open(state_path, 0, &flash) != 0)
    fatal(state_path, errno == ENOENT ? "is not there: `dialward-state new` makes it" : errno == EWOULDBLOCK ? "is in use" : "cannot be opened");
  enum dialward_error error = dialward_log_open(&flash);
  if (error != DIALWARD_DONE) fatal(state_path, "cannot be used: `dialward-state check` says why");
  if (dialward_log_found() & DIALWARD_LOG_ROT) radiusd_say(state_path, " was damaged: users who are concerned are refused, see `dialward-state`");
  if (!radiusd_read(&radiusd_clients, clients_path) || !radiusd_read(&radiusd_users, users_path) || dialward_restore() != DIALWARD_DONE) fatal("its files", "are not good");
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
  if (check) return radiusd_say("all files are good"), 0;
  for (uint32_t i = 0; i < (given ? given : 1); i++) listen_at(addresses[i], port, 0), listen_at(addresses[i], accounting_port, 1);
  struct pollfd waiting[2 * LISTENERS + 1] = {[0] = {receive_signals(), POLLIN, 0}};
  for (uint32_t i = 0; i < listening; i++) waiting[i + 1] = (struct pollfd){listeners[i].socket, POLLIN, 0};
  if (waiting[0].fd < 0) fatal("signals", strerror(errno));
  radiusd_say("ready");
  for (;;) {
    struct signalfd_siginfo signal;
    if (poll(waiting, listening + 1, -1) < 0) continue;
    if (waiting[0].revents && read(waiting[0].fd, &signal, sizeof signal) == (ssize_t)sizeof signal) {
      if (signal.ssi_signo != SIGHUP) break;
      int good = radiusd_read(&radiusd_clients, clients_path);
      good = radiusd_read(&radiusd_users, users_path) && good;
      if (dialward_restore() != DIALWARD_DONE) break;
      radiusd_say(good ? "read again" : "the old ones stay");
    }
    radiusd_serve(listeners, waiting + 1, listening);
  }
  dialward_wipe();
  radiusd_call(DIALWARD_RADIUS_CALL_WIPE, 0, 0, 0, 0);
  dialward_file_close();
  return 0;
}
