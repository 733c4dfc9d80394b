/* An administrator's way back for a user whose state is damaged; needs no engine. */
#include "bytes.h"
#include "host.h"

enum dialward_error dialward_mend(const struct dialward_profile *profile, uint64_t time) {
  uint8_t entry[DIALWARD_ENTRY_BYTES] = {0}, *state = entry + DIALWARD_ENTRY_STATE;
  uint64_t next = profile->counter;
  if (time < DIALWARD_NOT_BEFORE) return DIALWARD_NO_CLOCK;
  if (profile->id == 0 || profile->id == DIALWARD_ID_OWN || profile->period == 0) return DIALWARD_BAD_CALL;
  if (profile->factor != DIALWARD_FACTOR_HOTP)
    next = (time - profile->t0) / profile->period + profile->forward + profile->drift_bound + 1;
  put(entry + DIALWARD_ENTRY_REVISION, 1, 4);
  put(entry + DIALWARD_ENTRY_ID, profile->id, 8);
  state[DIALWARD_STATE_ACTIVE] = 1;
  put(state + DIALWARD_STATE_NEXT, next, 8);
  dialward_unsettle(profile->id);
  return dialward_log_append(entry, 1);
}
