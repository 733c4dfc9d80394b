/* What the parts of dialward-radiusd share: radiusd.c, radiusd-files.c, -logins.c, -users.c, -clients.c. */
#ifndef DIALWARD_RADIUSD_H
#define DIALWARD_RADIUSD_H
#include "dialward-radius.h"

#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>

#define CLIENTS 16u /* of radius.router.wasm */

/* Writes a line to the log, of texts in their order; what is not printable becomes `?`. */
void radiusd_write(const char *const *texts);
#define radiusd_say(...) radiusd_write((const char *const[]){__VA_ARGS__, NULL})

/* Calls a verb of the packets' module. The program ends where that has stopped. */
uint32_t radiusd_call(enum dialward_radius_verb verb, uint32_t a, uint32_t b, uint32_t c, uint32_t d);

/* Whether both modules are what this program needs, and their self-tests pass. First of all. */
int radiusd_modules_work(void);

/* A socket that does not block, of the port for logins or of that for accounting. */
struct radiusd_listener { int socket; uint8_t accounting; };

/* Answers what has come to those of `count` listeners that poll() has found ready. */
void radiusd_serve(const struct radiusd_listener *listeners, const struct pollfd *waiting, uint32_t count);

/* A file of lines.h, and the table that is made of it. look() and enrol() return NULL, or what is wrong with a line as a
 * sentence's end. */
struct radiusd_file {
  const char *(*look)(char *line, uint32_t before); /* nothing changes; so many lines were before it */
  void (*forget)(uint32_t count);                   /* drops what none of the lines has that were looked at */
  const char *(*enrol)(char *line);
};
extern const struct radiusd_file radiusd_users, radiusd_clients;

/* Reads a file. First all of it is looked at: where something is wrong with it the log says what, nothing changes, and 0 is
 * returned; else 1. dialward_restore comes after users were read. */
int radiusd_read(const struct radiusd_file *file, const char *path);

/* The record of a name of `length` bytes; DIALWARD_NOBODY where there is none. With `note`, of
 * DIALWARD_NOTE_BYTES, only if the line of the file is the one that the note was made of. */
uint32_t radiusd_find_user(const char *name, uint32_t length, const uint8_t *note);

/* Notes which profile a record below DIALWARD_NOBODY has, as the file had it. */
void radiusd_make_note(uint32_t record, uint8_t note[DIALWARD_NOTE_BYTES]);

/* DIALWARD_FLAG_NOT_VALID where the file says so of a record's user at `time`, seconds since 1970; else 0. */
uint8_t radiusd_validity(uint32_t record, uint64_t time);

/* The index of the client with an address, IPv4 in ::ffff:0:0/96; CLIENTS where there is none. */
uint32_t radiusd_find_client(const struct in6_addr *address);
#endif
