// The options of a user's and a group's rules, and how they are shown: reply attributes, hours, logins at one time.
import { InvalidArgumentError, Option, type Command } from "commander";
import { DialwardError } from "../errors.ts";
import { printable } from "./output.ts";
import { ON_LIMIT, type Rules } from "../groups/group.ts";
import { describeValidity, isZone, parseDays, parseLocal, type Validity } from "../groups/validity.ts";

/** What rulesOf() reads; "none" takes a rule away. */
export interface RuleOptions {
  attribute?: string[];
  from?: string;
  until?: string;
  days?: string;
  hours?: string;
  zone?: string;
  logins?: number;
  onLimit?: NonNullable<Rules["onLimit"]>;
}

/** Adds the options to a command. */
export function addRuleOptions(command: Command): Command {
  return command
    .option(
      "--attribute <line...>",
      'what an Accept brings, as "Framed-IP-Address = 10.0.0.7"; "[office] …" for the RADIUS client office only; none for nothing',
    )
    .option("--from <time>", "not before this time on the clock of --zone, as 2027-01-01T08:00; none for any")
    .option("--until <time>", "not from this time on; none for any")
    .option("--days <days>", "weekdays, as Mon-Fri or Sat,Sun; none for all")
    .option("--hours <hours>", "hours of the day, as 08:00-18:00; none for all")
    .option("--zone <zone>", "time zone of days, hours and times, as Europe/Berlin (default: UTC)")
    .addOption(new Option("--logins <n>", "logins at one time; 0 for any number").argParser(wholeNumber))
    .addOption(new Option("--on-limit <what>", "what happens to one too many").choices(ON_LIMIT));
}

/** The rules that the options ask for, on top of `old`; what they do not name stays. */
export function rulesOf(options: RuleOptions, old: Rules = {}): Rules {
  const { attribute, from, until, days, hours, zone, logins, onLimit } = options;
  const rules: Rules = {};
  if (attribute) rules.attributes = attribute.join() === "none" ? [] : attribute;
  const validity: Validity = { ...old.valid };
  const set = <Key extends keyof Validity>(
    key: Key,
    text: string | undefined,
    value: () => Validity[Key],
  ): void => {
    if (text === "none") delete validity[key];
    else if (text !== undefined) validity[key] = value();
  };
  set("zone", zone, () => zone!);
  set("from", from, () => readTime("--from", from!, validity.zone));
  set("until", until, () => readTime("--until", until!, validity.zone));
  set("days", days, () => {
    const read = parseDays(days!);
    if (!read) throw new DialwardError("usage", "--days must be as Mon-Fri or Sat,Sun.");
    return read;
  });
  set("hours", hours, () => hours!);
  if ([from, until, days, hours, zone].some((one) => one !== undefined)) rules.valid = validity;
  if (logins !== undefined) rules.logins = logins;
  if (onLimit) rules.onLimit = onLimit;
  return rules;
}

/** Rules in words, a line each. */
export function describeRules({ attributes = [], valid, logins, onLimit }: Rules): string[] {
  const lines = attributes.map(printable);
  if (valid && Object.keys(valid).length > 0) lines.push(`valid ${describeValidity(valid)}`);
  if (logins) lines.push(`at most ${logins} logins at one time${onLimit ? `, ${onLimit}` : ""}`);
  return lines;
}

function readTime(option: string, text: string, zone = "UTC"): number {
  if (!isZone(zone)) throw new DialwardError("usage", "--zone must be a time zone, as Europe/Berlin.");
  const time = parseLocal(text, zone);
  if (time !== undefined) return time;
  throw new DialwardError(
    "usage",
    `${option} must be a time, as 2027-01-01, 2027-01-01T08:00 or 2027-01-01T08:00Z.`,
  );
}

/** An option's number, as commander asks for it. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
