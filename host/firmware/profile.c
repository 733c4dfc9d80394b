/* A user before they are enrolled: the usual policy, and the id by which their state is found. */
#include "host.h"

#include <string.h>

void dialward_defaults(struct dialward_profile *profile, uint8_t factor) {
  int motp = factor == DIALWARD_FACTOR_MOTP, hotp = factor == DIALWARD_FACTOR_HOTP;
  memset(profile, 0, sizeof *profile);
  profile->factor = factor;
  profile->algorithm = motp ? DIALWARD_ALGORITHM_MD5 : DIALWARD_ALGORITHM_SHA1;
  profile->digits = DIALWARD_DEFAULT_DIGITS;
  profile->mode = DIALWARD_MODE_CODE;
  profile->types = DIALWARD_TYPE_ANY;
  profile->standing = DIALWARD_STANDING_ENABLED;
  profile->period = motp ? DIALWARD_MOTP_PERIOD_SECONDS : hotp ? 1 : DIALWARD_DEFAULT_PERIOD_SECONDS;
  profile->back = hotp ? 0 : motp ? DIALWARD_DEFAULT_MOTP_STEPS : DIALWARD_DEFAULT_TOTP_STEPS;
  profile->forward = hotp ? DIALWARD_DEFAULT_HOTP_AHEAD : profile->back;
  profile->drift_bound = hotp ? 0 : motp ? DIALWARD_DEFAULT_MOTP_DRIFT_STEPS : DIALWARD_DEFAULT_TOTP_DRIFT_STEPS;
}

/* FNV-1a with 64 bits, over the name, and a blank and the token where there is one. */
uint64_t dialward_id(const char *name, const char *token) {
  uint64_t id = 0xcbf29ce484222325ull;
  for (; *name; name++) id = (id ^ (uint8_t)*name) * 0x100000001b3ull;
  if (*token) id = (id ^ ' ') * 0x100000001b3ull;
  for (; *token; token++) id = (id ^ (uint8_t)*token) * 0x100000001b3ull;
  return id;
}
