/* A plug-in for pppd 2.4.9 and 2.5: PAP, CHAP-MD5 and MS-CHAPv2 with MPPE are verified in the daemon itself.
 *
 * Options: `dialward-users FILE` (who may dial in, see README.md), `dialward-state FILE` (the spent log), `dialward-type
 * NAME` (l2tp or pptp; without it the type is unknown). Every pppd is a process of its own, so each verification locks the
 * log, reads it, enrols the one user, judges, and has the new state on disk before it answers. */
#include "flash-file.h"
#include "host.h"
#include "users.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <time.h>
#include <unistd.h>

#include <pppd/pppd.h>
#include <pppd/fsm.h>
#include <pppd/ipcp.h>
#ifdef PPPD_VERSION /* 2.5 */
#include <pppd/chap.h>
#include <pppd/mppe.h>
#include <pppd/options.h>
#include <pppd/upap.h>
typedef struct option option_t;
#define add_options ppp_add_options
#define option_error ppp_option_error
char pppd_version[] = PPPD_VERSION;
#else
#include <pppd/chap-new.h>
#include <pppd/mppe.h>
extern u_char mppe_send_key[MPPE_MAX_KEY_LEN], mppe_recv_key[MPPE_MAX_KEY_LEN];
extern int mppe_keys_set;
char pppd_version[] = VERSION;
#endif

#ifndef DIALWARD_STATE_PATH
#define DIALWARD_STATE_PATH "/var/lib/dialward/state"
#endif
#define MS_RESPONSE 49 /* peer challenge 16, reserved 8, NT-Response 24, flags 1 */

void plugin_init(void);

static char users_file[MAXPATHLEN] = "/etc/ppp/dialward-users";
static char state_path[MAXPATHLEN] = DIALWARD_STATE_PATH;
static uint8_t dial_in_type;

static int set_type(char **arguments) {
  if (strcmp(arguments[0], "l2tp") == 0) return dial_in_type = DIALWARD_TYPE_L2TP, 1;
  if (strcmp(arguments[0], "pptp") == 0) return dial_in_type = DIALWARD_TYPE_PPTP, 1;
  option_error("dialward-type is l2tp or pptp, not %s", arguments[0]);
  return 0;
}

static option_t options[] = {
    {.name = "dialward-users", o_string, users_file, "Who may dial in", OPT_PRIV | OPT_STATIC, NULL, MAXPATHLEN},
    {.name = "dialward-state", o_string, state_path, "Where the spent log lies", OPT_PRIV | OPT_STATIC, NULL, MAXPATHLEN},
    {.name = "dialward-type", o_special, (void *)set_type, "Dial-in type", OPT_PRIV},
    {.name = NULL}};

/* Enrols the user of a name; returns the record, DIALWARD_NOBODY if there is none, -1 if their line is not to be used. */
static int read_users(const char *name, uint64_t now, uint8_t *flags) {
  struct dialward_user user;
  const char *why;
  int number, found = dialward_user_find(users_file, name, &user, &number, &why);
  if (found > 0) {
    *flags = dialward_validity(user.from, user.until, now);
    why = "has a value that is out of range";
    if (dialward_put(0, &user.profile) != DIALWARD_STATUS_OK) found = -1;
  }
  explicit_bzero(&user, sizeof user);
  if (found < 0 && number == 0) error("Dialward: %s %s", users_file, why);
  else if (found < 0) error("Dialward: %s: line %d %s", users_file, number, why);
  return found < 0 ? -1 : found > 0 ? 0 : (int)DIALWARD_NOBODY;
}

/* What an administrator can do about a call that has failed. */
static void complain(enum dialward_error failed) {
  if (failed == DIALWARD_NO_CLOCK) error("Dialward: the clock is not set: nobody can log in");
  else if (failed == DIALWARD_NO_FLASH) error("Dialward: %s cannot be written: nobody can log in", state_path);
  else if (failed == DIALWARD_NEWER) error("Dialward: a newer version of Dialward has written %s", state_path);
  else if (failed == DIALWARD_FULL) error("Dialward: %s has too many users", state_path);
  else if (failed == DIALWARD_BAD_ENGINE) error("Dialward: the core gives wrong answers on this machine");
  else error("Dialward: %s is damaged: see `dialward-state check`", state_path);
}

/* Judges a dial-in of a name: 1 accepted, 0 refused. */
static int judge(const char *name, struct dialward_dialin *dial_in, struct dialward_verdict *verdict) {
  struct dialward_flash flash;
  uint64_t now = (uint64_t)time(NULL);
  int record, accepted = 0;
#ifdef PPPD_VERSION
  const char *whence = ppp_get_remote_number();
  if (!whence || !whence[0]) whence = ppp_ipparam() ? ppp_ipparam() : "";
#else
  const char *whence = remote_number[0] ? remote_number : ipparam ? ipparam : "";
#endif
  memset(verdict, 0, sizeof *verdict);
  if (dialward_file_open(state_path, 0, &flash) != 0) {
    if (errno == ENOENT) error("Dialward: there is no %s: make it by `dialward-state new`", state_path);
    else if (errno == EWOULDBLOCK) error("Dialward: another program keeps %s", state_path);
    else error("Dialward: cannot open %s: %m", state_path);
    return 0;
  }
  enum dialward_error failed = dialward_start(DIALWARD_FEATURE_CLEAR | DIALWARD_FEATURE_CHAP | DIALWARD_FEATURE_MSCHAPV2);
  if (failed == DIALWARD_DONE) failed = dialward_log_open(&flash);
  if (failed == DIALWARD_DONE && (record = read_users(name, now, &dial_in->flags)) >= 0) {
    failed = dialward_restore();
    dial_in->record = (uint16_t)record;
    dial_in->type = dial_in_type;
    dial_in->source = whence[0] ? (uint32_t)dialward_id(whence, "") : 0;
    if (failed == DIALWARD_DONE) failed = dialward_judge(dial_in, 1, now, verdict);
    accepted = failed == DIALWARD_DONE && dialward_lets_in(verdict->verdict);
    if (accepted) info("Dialward: %s accepted%s", name, verdict->verdict == DIALWARD_VERDICT_RECOVERED ? " by a recovery code" : "");
    else if (failed == DIALWARD_DONE && verdict->verdict == DIALWARD_VERDICT_DAMAGED)
      error("Dialward: %s refused: what it has spent is damaged, see `dialward-state`", name);
    else if (failed == DIALWARD_DONE) warn("Dialward: %s refused, verdict %d", name, verdict->verdict);
  }
  if (failed != DIALWARD_DONE) complain(failed);
  dialward_wipe();
  dialward_file_close();
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
#ifdef PPPD_VERSION
    mppe_set_keys(verdict.send_key, verdict.receive_key, MPPE_MAX_KEY_LEN);
#else
    memcpy(mppe_send_key, verdict.send_key, MPPE_MAX_KEY_LEN);
    memcpy(mppe_recv_key, verdict.receive_key, MPPE_MAX_KEY_LEN);
    mppe_keys_set = 1;
#endif
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
static int address(uint32_t asked) { return asked == ipcp_wantoptions[0].hisaddr; }

static int yes(void) { return 1; }

void plugin_init(void) {
  add_options(options);
  pap_check_hook = yes;
  pap_auth_hook = pap;
  chap_check_hook = yes;
  allowed_address_hook = address;
  chap_verify_hook = chap;
}
