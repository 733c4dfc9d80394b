// A code that is right at no moment: what it may be instead. Offline, on copies of the record.
import { DEFAULT_HOTP_AHEAD, DEFAULT_MOTP_STEPS, DEFAULT_TOTP_STEPS } from "../../assembly/abi.ts";
import { driftSteps } from "../core/state.ts";
import type { Core } from "../core/core.ts";
import { finding, type Finding } from "./findings.ts";
import { ALGORITHMS, toEnrolment, type Profile } from "./profile.ts";
import { pauseAtCode } from "../core/turn.ts";

/** For a code of no moment: nearly right, of an app that ignores settings, of another PIN, or of another secret. */
export async function strayFindings(
  core: Core,
  patient: { profile: Profile; state: Uint8Array },
  code: string,
  now: number,
): Promise<Finding[]> {
  const { profile } = patient;
  const current = codesOf(core, patient, profile, now);
  if (current.some((one) => isNear(one, code))) {
    return [finding("mistyped", "One digit is mistyped, or two are swapped. Type the next code with care.")];
  }
  if (profile.factor === "totp") {
    for (const algorithm of ALGORITHMS) {
      for (const period of [30, 60]) {
        if (algorithm === profile.algorithm && period === profile.period) continue;
        if (!codesOf(core, patient, { ...profile, algorithm, period }, now).includes(code)) continue;
        const says = `${profile.algorithm?.toUpperCase()} and ${profile.period} s`;
        return [
          finding(
            "other-settings",
            `The authenticator works with ${algorithm.toUpperCase()} and ${period} s, the profile with ${says}. Some apps know only SHA1 and 30 s: make a profile with these.`,
          ),
        ];
      }
    }
  }
  const compare = "Compare the secret: set it up anew in the device, or make a new one.";
  if (profile.factor !== "motp")
    return [
      finding(
        "wrong-secret",
        `No code within a day matches. The device has another secret, probably. ${compare}`,
      ),
    ];
  // All PINs of 4 digits; of longer ones those that are nearly right.
  const pin = profile.pin ?? "";
  for (let i = 0; i < 10_000; i++) {
    await pauseAtCode(i);
    const other = pin.slice(0, -4) + String(i).padStart(4, "0");
    if (other !== pin && codesOf(core, patient, { ...profile, pin: other }, now).includes(code)) {
      return [
        finding(
          "wrong-pin",
          "The PIN is wrong, probably: another PIN gives this code. A device shows a code for any PIN, and no error.",
        ),
      ];
    }
  }
  return [
    finding(
      "wrong-secret",
      `No code within a day matches. The device has another secret, probably. ${compare}`,
    ),
    finding(
      "wrong-pin",
      "Or the PIN was mistyped some time ago: a device shows a code for any PIN, and no error.",
    ),
  ];
}

/** The codes that `profile` gives within the window. */
function codesOf(core: Core, { state }: { state: Uint8Array }, profile: Profile, now: number): string[] {
  const record = core.enrol(toEnrolment(profile), state);
  const hotp = profile.factor === "hotp";
  const period = profile.period ?? 1;
  const drift = hotp ? 0 : driftSteps(state);
  const centre = hotp ? 0 : (Math.floor(now / period) + drift) * period;
  const reach = windowSteps(profile);
  const codes: string[] = [];
  for (let i = hotp ? 0 : -reach; i <= reach; i++) {
    const time = centre + i * period;
    if (time >= 0) codes.push(core.generate(record, time));
  }
  record.fill(0);
  return codes;
}

/** Steps that the core tries on each side where the administrator says nothing (assembly/abi.ts, DEFAULT_*). */
export function windowSteps({ factor }: Profile): number {
  return factor === "motp" ? DEFAULT_MOTP_STEPS : factor === "hotp" ? DEFAULT_HOTP_AHEAD : DEFAULT_TOTP_STEPS;
}

/** One digit differs, or two neighbours are swapped. */
function isNear(a: string, b: string): boolean {
  const differ = [...a].flatMap((digit, i) => (digit === b[i] ? [] : [i]));
  const [i = 0, j = 0] = differ;
  return differ.length === 1 || (differ.length === 2 && j === i + 1 && a[i] === b[j] && a[j] === b[i]);
}
