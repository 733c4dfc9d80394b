// When a user may be connected: from, until, and weekly hours in a time zone.
import * as z from "zod/mini";

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
type Day = (typeof DAYS)[number];

/** A rule; what is left out limits nothing. */
export interface Validity {
  /** Seconds since 1970: not before, and not from then on. */
  from?: number | undefined;
  until?: number | undefined;
  /** Weekdays on which the hours begin; all where it is left out. */
  days?: readonly Day[] | undefined;
  /** `08:00-18:00`; `22:00-06:00` ends on the next day. The whole day where it is left out. */
  hours?: string | undefined;
  /** An IANA time zone, as Europe/Berlin; UTC where it is left out. */
  zone?: string | undefined;
}

const HOURS = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;
const DAY_MINUTES = 1440;
const TIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/;

/** A time in whole seconds since 1970, before the year 10680: it can be shown as a date, in every zone. */
export const timeSchema = z.int().check(z.gte(0), z.lte(2 ** 38));

const ruleSchema = z.strictObject({
  from: z.optional(timeSchema),
  until: z.optional(timeSchema),
  days: z.optional(z.array(z.enum(DAYS)).check(z.minLength(1))),
  hours: z.optional(
    z.string().check(z.refine(isHours, "must be as 08:00-18:00, with a beginning and another end")),
  ),
  zone: z.optional(z.string().check(z.refine(isZone, "must be a time zone, as Europe/Berlin"))),
});
export const validitySchema = ruleSchema.check(
  z.refine(({ from = -1, until = Infinity }) => from < until, "must end after its beginning"),
);

/** Whether `rule` lets anybody in at `now` (seconds since 1970), and when that ends; undefined where it does not. */
export function validAt(rule: Validity, now: number): { valid: boolean; ends: number | undefined } {
  const refused = { valid: false, ends: undefined };
  if (now < (rule.from ?? 0) || now >= (rule.until ?? Infinity)) return refused;
  const weekly = weekEnd(rule, now);
  if (weekly === undefined) return refused;
  const ends = Math.min(weekly, rule.until ?? Infinity);
  return { valid: true, ends: Number.isFinite(ends) ? ends : undefined };
}

/** A rule in words, for pages, the doctor and the log. */
export function describeValidity({ from, until, days, hours, zone }: Validity): string {
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(/:00\.000Z$/, "Z");
  return [
    from !== undefined && `from ${time(from)}`,
    until !== undefined && `until ${time(until)}`,
    days?.join(", "),
    hours,
    (days || hours) && (zone ?? "UTC"),
  ]
    .filter(Boolean)
    .join(", ");
}

/** `Mon-Fri`, `Sat,Sun` or `Mon-Wed,Fri` as days in their order; undefined where it is none of these. */
export function parseDays(text: string): Day[] | undefined {
  const chosen = new Set<number>();
  for (const part of text.split(",")) {
    const [first, last = first, ...more] = part
      .trim()
      .split("-")
      .map((word) => DAYS.findIndex((day) => isDay(day, word)));
    if (first === undefined || last === undefined || first < 0 || last < 0 || more.length > 0)
      return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      chosen.add(day);
      if (day === last) break;
    }
  }
  return [...chosen].toSorted().map((day) => DAYS[day]!);
}

/**
 * `2027-01-31T08:00` on the zone's clock, `2027-01-31` as its midnight, or `2027-01-31T08:00Z` whatever the zone, as
 * seconds since 1970; undefined where it is no time, or of no day.
 */
export function parseLocal(text: string, zone = "UTC"): number | undefined {
  const [, day, clock = "00:00", offsetText] = TIME.exec(text) ?? [];
  const wall = Date.parse(`${day}T${clock}Z`) / 1000;
  // Date.parse() takes a 30th of February for a day of March.
  if (Number.isNaN(wall) || new Date(wall * 1000).toISOString().slice(0, 10) !== day) return undefined;
  if (offsetText !== undefined) {
    const exact = Date.parse(text) / 1000;
    return Number.isNaN(exact) ? undefined : exact;
  }
  // What the zone was ahead by an hour before may be another thing by then: the second look settles it.
  const near = wall - offset(wall, zone);
  return wall - offset(near, zone);
}

/** Seconds since 1970 as parseLocal reads them. */
export function printLocal(time: number, zone = "UTC"): string {
  return new Date((time + offset(time, zone)) * 1000).toISOString().slice(0, 16);
}

/** Hours as people type them, `8:00 – 18:00`, as a rule has them; what is none stays as it is. */
export function tidyHours(text: string): string {
  return text
    .trim()
    .replace(/\s*[-–—]\s*/, "-")
    .replace(/(^|-)(\d)(?=[:-]|$)/g, "$10$2")
    .replace(/(^|-)(\d\d)(?=-|$)/g, "$1$2:00");
}

function isDay(day: string, word: string): boolean {
  return day.toLowerCase() === word.trim().slice(0, 3).toLowerCase();
}

/** When the weekly hours around `now` end: Infinity where they never do, undefined where none are. */
function weekEnd({ days, hours, zone = "UTC" }: Validity, now: number): number | undefined {
  if (days === undefined && hours === undefined) return Infinity;
  const [begin, end] = readHours(hours);
  const length = end > begin ? end - begin : end + DAY_MINUTES - begin;
  const local = localTime(now, zone);
  const mine = (day: number): boolean => days === undefined || days.includes(DAYS[(day + 7) % 7]!);
  let ends: number | undefined;
  // Hours that began today, or yesterday and last into today.
  for (const back of [0, 1]) {
    const passed = local.minutes + back * DAY_MINUTES - begin;
    if (passed >= 0 && passed < length && mine(local.day - back))
      ends = untilLocal(now, zone, length - passed, local.seconds);
  }
  if (ends === undefined) return undefined;
  // Hours that follow without a gap go on, a week at most: every day, all day is without an end.
  for (let more = 0; more < 8; more++) {
    const after = localTime(ends, zone);
    const first = after.minutes === begin && mine(after.day);
    if (!first) return ends;
    ends = untilLocal(ends, zone, length, after.seconds);
  }
  return Infinity;
}

/** The time at which the clock on the wall has gone on by so many minutes, summer time or not. */
function untilLocal(now: number, zone: string, minutes: number, seconds: number): number {
  const naive = now + minutes * 60 - seconds;
  const then = offset(naive, zone);
  const end = naive - (then - offset(now, zone));
  if (end >= naive || offset(end, zone) === then) return end;
  // The clock is put forward over that minute: it is past when that is done.
  let [before, after] = [Math.floor(end), Math.ceil(naive)];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offset(middle, zone) === then) after = middle;
    else before = middle;
  }
  return after;
}

/** Seconds that the zone's clock is ahead of UTC. */
function offset(time: number, zone: string): number {
  const parts = partsOf(time, zone);
  const read = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(
    read("year"),
    read("month") - 1,
    read("day"),
    read("hour"),
    read("minute"),
    read("second"),
  );
  return wall / 1000 - Math.floor(time);
}

/** Day of the week (0 is Monday), minutes of the day, and seconds of the minute, on the zone's clock. */
function localTime(time: number, zone: string): { day: number; minutes: number; seconds: number } {
  const wall = Math.floor(time) + offset(time, zone);
  const day = (Math.floor(wall / 86_400) + 3) % 7; // 1970-01-01 was a Thursday
  const second = wall - Math.floor(wall / 86_400) * 86_400;
  return { day, minutes: Math.floor(second / 60), seconds: second % 60 };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(time: number, zone: string): Intl.DateTimeFormatPart[] {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      ...{
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      },
    });
    formats.set(zone, format);
  }
  return format.formatToParts(Math.floor(time) * 1000);
}

function readHours(hours = "00:00-24:00"): [begin: number, end: number] {
  const [, h1, m1, h2, m2] = HOURS.exec(hours) ?? [];
  return [Number(h1) * 60 + Number(m1), Number(h2) * 60 + Number(m2)];
}

export function isHours(text: string): boolean {
  if (!HOURS.test(text)) return false;
  const [begin, end] = readHours(text);
  return begin !== end && end <= DAY_MINUTES;
}

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
