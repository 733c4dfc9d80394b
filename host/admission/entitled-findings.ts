// What the doctor says of a user beside the code: a group that is gone, hours, limits of logins, a directory, and NAS at
// which no limit holds. Asked as a login asks, so that both say the same.
import type { Directory } from "../directory/directory.ts";
import { effective } from "../groups/group.ts";
import type { Groups } from "../groups/groups.ts";
import { describeValidity, validAt } from "../groups/validity.ts";
import type { Session } from "../store/store.ts";
import type { Finding } from "../users/findings.ts";
import type { Profile } from "../users/profile.ts";
import type { Entitlements, Limit } from "./entitlement.ts";

export interface FindingsOptions {
  groups: Groups;
  entitlements: Entitlements;
  directory: Directory | undefined;
  /** NAS that have let users in, and have sent no accounting since the service began. */
  silent(): Promise<readonly string[]>;
}

/** What bars the user of `profile` at `now` (seconds since 1970), and what there is to say besides. */
export async function entitledFindings(
  { groups, entitlements, directory, silent }: FindingsOptions,
  profile: Profile,
  now: number,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const all = await groups.all();
  const names = profile.groups ?? [];
  const missing = names.find((name) => !all.has(name));
  if (missing !== undefined)
    findings.push({
      cause: "group-missing",
      about: missing,
      text: `There is no group "${missing}", which the profile names: what it forbade is not known. Make it again, or take the user out of it.`,
    });
  const its = names.flatMap((name) => all.get(name) ?? []);
  const rules = effective(profile, its);
  if (rules.valid && !validAt(rules.valid, now).valid) {
    const hours = `${describeValidity(rules.valid)}${rules.sources.valid === undefined ? "" : ` (group "${rules.sources.valid}")`}`;
    findings.push({
      cause: "not-valid-now",
      ...(rules.sources.valid !== undefined && { about: rules.sources.valid }),
      valid: rules.valid,
      text: `The user may not dial in at this time, but: ${hours}. A right code is refused, and is not spent.`,
    });
  }
  const limits = await entitlements.limits(profile.name, rules, now);
  if (rules.onLimit === "refuse-newest")
    for (const limit of limits) if (limit.connected.length >= limit.logins) findings.push(full(limit));
  const quiet = limits.length > 0 ? await silent() : [];
  if (quiet.length > 0)
    findings.push({
      cause: "no-accounting",
      about: quiet.join(", "),
      text: `The limit of logins does not hold at ${quiet.join(", ")}: no accounting has come from there since the service began. Switch it on at that NAS.`,
    });
  if (profile.passwordFrom === "directory") findings.push(ofDirectory(directory));
  return findings;
}

function full({ group, logins, connected }: Limit): Finding {
  const list = connected.map(describe).join("; ");
  const who = group === undefined ? "The user is" : `Users of the group "${group}" are`;
  return {
    cause: "too-many-logins",
    about: `${connected.length}/${logins}: ${list}`,
    text: `${who} connected ${connected.length} times, and ${logins} are allowed: ${list}. Disconnect one, or raise the limit.`,
  };
}

function describe({ user, nas, since, callingStation }: Session): string {
  const from = callingStation === undefined ? "" : ` from ${callingStation}`;
  return `${user} through ${nas}${from} since ${new Date(since * 1000).toISOString().slice(0, 16)}Z`;
}

function ofDirectory(directory: Directory | undefined): Finding {
  if (directory === undefined)
    return {
      cause: "no-directory",
      text: "The profile's password is in a directory, and the configuration has none. Set [directory], or give the profile a password.",
    };
  const trouble = directory.trouble?.();
  if (trouble)
    return {
      cause: "directory-unreachable",
      about: trouble.why,
      text: `The directory, which has the password, gave no answer when it was asked last: ${trouble.why}. Nobody whose password is there gets in until it does; it costs them nothing.`,
    };
  return {
    cause: "directory-password",
    text: "The password is in the directory, which the doctor does not ask: only the code is examined. CHAP and MS-CHAPv2 cannot be checked by it: use PAP, EAP-GTC or OpenVPN.",
  };
}
