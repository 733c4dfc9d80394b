/* Prints the deepest stack that the reference host needs, in bytes: it starts, enrols, restores, and judges a batch by
 * every proof over a stack that was painted before. Flash is an array. */
#include "host.h"

#include <stdio.h>
#include <string.h>

#define DEPTH 32768u
#define PAINT 0xa5

static uint8_t bytes_of[4][4096];

static int flash_read(void *context, uint32_t sector, uint32_t at, uint8_t *bytes, uint32_t length) {
  (void)context;
  memcpy(bytes, bytes_of[sector] + at, length);
  return DIALWARD_FLASH_DATA;
}
static int flash_program(void *context, uint32_t sector, uint32_t at, const uint8_t *bytes) {
  (void)context;
  memcpy(bytes_of[sector] + at, bytes, 64);
  return 0;
}
static int flash_erase(void *context, uint32_t sector) {
  (void)context;
  memset(bytes_of[sector], 255, sizeof bytes_of[sector]);
  return 0;
}
static const struct dialward_flash flash = {4, 4096, 64, NULL, flash_read, flash_program, flash_erase};

/* What is left on the stack is read on purpose. */
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
static __attribute__((noinline)) void paint(void) {
  volatile uint8_t room[DEPTH];
  for (uint32_t i = 0; i < DEPTH; i++) room[i] = PAINT;
}

static __attribute__((noinline)) uint32_t depth(void) {
  volatile uint8_t room[DEPTH];
  uint32_t clean = 0;
  while (clean < DEPTH && room[clean] == PAINT) clean++;
  return DEPTH - clean;
}

static struct dialward_profile profile;
static struct dialward_dialin dial_ins[3];
static struct dialward_verdict verdicts[3];

static __attribute__((noinline)) int work(void) {
  static const uint8_t peer[64] = "000000";
  int failed = dialward_start(DIALWARD_FEATURE_CLEAR | DIALWARD_FEATURE_CHAP | DIALWARD_FEATURE_MSCHAPV2) != DIALWARD_DONE;
  for (uint8_t factor = DIALWARD_FACTOR_TOTP; factor <= DIALWARD_FACTOR_MOTP; factor++) {
    dialward_defaults(&profile, factor);
    profile.id = factor;
    profile.active = 1;
    profile.key_length = 20;
    memcpy(profile.key, "01234567890123456789", 20);
    failed |= dialward_put(factor, &profile) != DIALWARD_STATUS_OK;
  }
  failed |= dialward_log_format(&flash, 0) != DIALWARD_DONE || dialward_log_open(&flash) != DIALWARD_DONE;
  failed |= dialward_restore() != DIALWARD_DONE;
  for (uint8_t i = 0; i < 3; i++) {
    struct dialward_dialin dial_in = {.record = i + 1, .proof = i + 1, .text = peer, .response = peer, .length = 6};
    dial_in.challenge = dial_in.peer_challenge = dial_in.name = peer;
    dial_ins[i] = dial_in;
  }
  failed |= dialward_judge(dial_ins, 3, 1900000000, verdicts) != DIALWARD_DONE;
  for (int i = 0; i < 3; i++) failed |= verdicts[i].verdict != DIALWARD_VERDICT_WRONG;
  return failed || dialward_log_wear().programmed != 3;
}

int main(void) {
  paint();
  int failed = work();
  printf("%u\n", (unsigned)depth());
  return failed;
}
