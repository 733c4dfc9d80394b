// What the administrator is told about a verdict, in English; a user never is. The pages have it in other languages too.
import type { Reason } from "./dial-in.ts";

export const REASON_TEXTS: Record<Reason, string> = {
  ok: "the code is right.",
  recovered: "a recovery code is right, and is used up now.",
  "password-ok": "the password is right, and the code is missing.",
  "wrong-code": "this is no code of now. Check the device's clock, its secret and, for mOTP, the PIN.",
  "code-spent": "this code has been used already. Wait for the next one.",
  "must-wait":
    "too many wrong codes. Three right ones in a row let in, each typed as the device shows it; so does a recovery code.",
  "source-must-wait":
    "too many wrong logins from this address, over several users. Wait, or type each new code as the device shows it: three right ones in a row let in.",
  "profile-pending": "the profile's first code has not been verified.",
  "profile-disabled": "the profile is disabled.",
  "type-not-allowed": "the profile is not allowed on this dial-in type.",
  "not-valid-now": "the user or its group may not dial in at this time.",
  "too-many-logins": "so many logins of this user or its group as are allowed are connected already.",
  "group-missing": "a group of this user is gone or cannot be read.",
  "directory-unreachable": "the directory that has the password gave no answer. See the log.",
  "clear-proof-needed":
    "the password is in the directory, which CHAP and MS-CHAPv2 cannot be checked with: use PAP, EAP-GTC or OpenVPN.",
  "unknown-user": "there is no such user.",
  "state-damaged": "what was spent of this user's codes may have been lost.",
  "bad-record": "the profile cannot be used: it does not open, or is damaged.",
  "bad-request": "what was given is too long to be a code.",
  "clock-not-set": "this machine's clock is not set. Set it first.",
  "store-unavailable":
    "the store cannot be written. Check the disk's space and the owner of the data folder, or that Redis answers.",
  "profile-changed": "the user was changed while the login was under way. Log in again.",
  overloaded: "too many logins wait. Try again.",
  repeat: "the NAS has sent this login again, and this is the second copy.",
  "repeat-refused": "the NAS has sent this refused login again, and this is the second copy.",
};
