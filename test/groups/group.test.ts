// Groups: who decides what, what goes to which client, and hours that end a session.
import fc from "fast-check";
import { expect, test } from "vitest";
import { printAttribute } from "../../host/groups/attribute.ts";
import { effective, groupSchema, replyAttributes, type Group, type Rules } from "../../host/groups/group.ts";
import {
  describeValidity,
  parseDays,
  parseLocal,
  printLocal,
  validAt,
  validitySchema,
  type Validity,
} from "../../host/groups/validity.ts";
import { runs } from "../runs.ts";

const seconds = (text: string): number => Date.parse(text) / 1000;

function reply(own: Rules, groups: readonly Group[], client = "nas", now = 0): string[] {
  return replyAttributes(effective(own, groups), client, now).map(printAttribute);
}

const sales: Group = { name: "Sales", attributes: ['Filter-Id = "sales"', "Framed-Pool = sales"], logins: 2 };
const all: Group = {
  name: "all",
  attributes: ['Filter-Id = "all"', "Idle-Timeout = 600"],
  logins: 5,
  groupLogins: 9,
};

test("what a user has wins, then its groups in their order", () => {
  expect(reply({ attributes: ["Framed-Pool = mine"] }, [sales, all])).toEqual([
    'Framed-Pool = "mine"',
    'Filter-Id = "sales"',
    "Idle-Timeout = 600",
  ]);
  expect(reply({}, [all, sales])[0]).toBe('Filter-Id = "all"');
  expect(effective({}, [sales, all]).logins).toBe(2);
  expect(effective({ logins: 1 }, [sales, all]).logins).toBe(1);
  expect(effective({}, [sales, all]).groupLogins).toEqual([{ group: "all", logins: 9 }]);
});

test("several of one name in one place all go; += goes beside what others have", () => {
  const own = { attributes: ["Class = a", "Class = b"] };
  expect(reply(own, [{ name: "g", attributes: ["Class = c", "Class += d"] }])).toEqual([
    "Class = 0x61",
    "Class = 0x62",
    "Class += 0x64",
  ]);
});

test("tags keep tunnels apart", () => {
  const own = { attributes: ["Tunnel-Type:1 = VLAN"] };
  const group = { name: "g", attributes: ["Tunnel-Type:1 = L2TP", "Tunnel-Type:2 = L2TP"] };
  expect(reply(own, [group])).toEqual(["Tunnel-Type:1 = VLAN", "Tunnel-Type:2 = L2TP"]);
});

test("a line for one client goes to that client, in place of those for all", () => {
  const own = { attributes: ["Filter-Id = everywhere", "[office] Filter-Id = inside"] };
  expect(reply(own, [], "office")).toEqual(['Filter-Id = "inside"']);
  expect(reply(own, [], "home")).toEqual(['Filter-Id = "everywhere"']);
  expect(reply(own, [], "office@192.0.2.1")).toEqual(['Filter-Id = "inside"']);
  expect(reply({ attributes: ["[hq@north] Filter-Id = cold"] }, [], "hq@north@::1")).toEqual([
    'Filter-Id = "cold"',
  ]);
});

test("hours end the session, but never later than a Session-Timeout of one's own", () => {
  const valid: Validity = {
    hours: "08:00-18:00",
    days: ["Mon", "Tue", "Wed", "Thu", "Fri"],
    zone: "Europe/Berlin",
  };
  const at = seconds("2026-11-30T16:59:00Z"); // Monday, 17:59 in Berlin
  expect(reply({ valid }, [], "nas", at)).toEqual(["Session-Timeout = 60"]);
  expect(reply({ valid, attributes: ["Session-Timeout = 30"] }, [], "nas", at)).toEqual([
    "Session-Timeout = 30",
  ]);
  expect(reply({ valid, attributes: ["Session-Timeout = 3600"] }, [], "nas", at)).toEqual([
    "Session-Timeout = 60",
  ]);
});

test.each<[Validity, string, boolean, string | undefined]>([
  [{}, "2026-01-01T00:00Z", true, undefined],
  [{ from: seconds("2026-01-02T00:00Z") }, "2026-01-01T23:59:59Z", false, undefined],
  [{ until: seconds("2026-01-02T00:00Z") }, "2026-01-01T23:59:59Z", true, "2026-01-02T00:00Z"],
  [{ until: seconds("2026-01-02T00:00Z") }, "2026-01-02T00:00Z", false, undefined],
  [{ hours: "22:00-06:00", days: ["Fri"] }, "2026-11-27T23:00Z", true, "2026-11-28T06:00Z"], // a Friday
  [{ hours: "22:00-06:00", days: ["Fri"] }, "2026-11-28T05:59Z", true, "2026-11-28T06:00Z"],
  [{ hours: "22:00-06:00", days: ["Fri"] }, "2026-11-28T22:00Z", false, undefined],
  [{ hours: "08:00-18:00" }, "2026-11-28T18:00Z", false, undefined],
  [{ hours: "08:00-18:00" }, "2026-11-28T08:00Z", true, "2026-11-28T18:00Z"],
  [{ days: ["Sat", "Sun"] }, "2026-11-28T12:00Z", true, "2026-11-30T00:00Z"],
  [{ days: parseDays("Mon-Sun")! }, "2026-11-28T12:00Z", true, undefined],
  // Summer time begins at 02:00 on 2026-03-29 in Berlin, and ends at 03:00 on 2026-10-25.
  [{ hours: "00:00-06:00", zone: "Europe/Berlin" }, "2026-03-28T23:30Z", true, "2026-03-29T04:00Z"],
  [{ hours: "00:00-06:00", zone: "Europe/Berlin" }, "2026-10-24T22:30Z", true, "2026-10-25T05:00Z"],
])("%o at %s", (rule, at, valid, ends) => {
  expect(validAt(rule, seconds(at))).toEqual({ valid, ends: ends === undefined ? undefined : seconds(ends) });
});

test("the end of the hours is where they end: a second before they hold, at it they do not", () => {
  const clock = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map((x) => x.map((n) => String(n).padStart(2, "0")).join(":"));
  const rule = fc.record({
    hours: fc
      .tuple(clock, clock)
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => `${a}-${b}`),
    days: fc.subarray(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const, { minLength: 1 }),
    zone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"),
  });
  const time = fc.integer({ min: seconds("2026-01-01T00:00Z"), max: seconds("2027-12-31T00:00Z") });
  fc.assert(
    fc.property(rule, time, (valid, now) => {
      const { valid: inside, ends } = validAt(valid, now);
      if (!inside || ends === undefined) return;
      expect(ends).toBeGreaterThan(now);
      expect(validAt(valid, ends).valid).toBe(false);
      expect(validAt(valid, ends - 1).valid).toBe(true);
    }),
    runs(50),
  );
});

test("hours that end at a minute which the clock leaves out end when it does", () => {
  const rule: Validity = { hours: "22:00-02:30", zone: "Europe/Berlin" };
  const over = seconds("2027-03-28T01:00:00Z"); // 02:00 becomes 03:00
  for (const before of [1, 600, 3 * 3600])
    expect(validAt(rule, over - before)).toEqual({ valid: true, ends: over });
  expect(validAt(rule, over).valid).toBe(false);
});

test("a group that is off is told by its field", () => {
  const check = (group: unknown): string => JSON.stringify(groupSchema.safeParse(group).error?.issues ?? []);
  expect(check(sales)).toBe("[]");
  expect(check({ name: "x", attributes: ["Framed-IP-Address = x"] })).toContain("wants an IPv4 address");
  expect(check({ name: "x", valid: { hours: "8-18" } })).toContain("08:00-18:00");
  expect(check({ name: "x", valid: { hours: "08:00-24:30" } })).toContain("08:00-18:00");
  expect(check({ name: "x", valid: { zone: "Mars" } })).toContain("time zone");
  expect(check({ name: "", logins: 0 })).toMatch(/logins|name/);
  expect(check({ name: "x", valid: { from: 10, until: 10 } })).toContain("end after its beginning");
});

test("a rule that is taken can be shown, whatever its times are", () => {
  const time = fc.oneof(fc.maxSafeNat(), fc.nat(2 ** 40), fc.constantFrom(0, 2 ** 38));
  const valid = fc.record({ from: time, until: time }, { requiredKeys: [] });
  const holds = fc.property(valid, fc.constantFrom("Pacific/Kiritimati", "Etc/GMT+12"), (rule, zone) => {
    if (!validitySchema.safeParse(rule).success) return true;
    const shown = [rule.from, rule.until].map((one) => one === undefined || printLocal(one, zone) !== "");
    return typeof describeValidity(rule) === "string" && shown.every(Boolean);
  });
  fc.assert(holds, runs(200));
});

test("a time is read as it is written, or not at all", () => {
  const read = (text: string, zone?: string) => {
    const time = parseLocal(text, zone);
    return time === undefined ? undefined : new Date(time * 1000).toISOString();
  };
  expect(read("2027-01-01")).toBe("2027-01-01T00:00:00.000Z");
  expect(read("2027-07-01", "Europe/Berlin")).toBe("2027-06-30T22:00:00.000Z");
  expect(read("2027-07-01T08:00:30", "Europe/Berlin")).toBe("2027-07-01T06:00:30.000Z");
  expect(read("2027-07-01T08:00Z", "Europe/Berlin")).toBe("2027-07-01T08:00:00.000Z");
  expect(read("2027-07-01T08:00-05:30", "Europe/Berlin")).toBe("2027-07-01T13:30:00.000Z");
  const wrong = [
    "5",
    "600",
    "tomorrow 3",
    "2027",
    "2027-1-1",
    "2027-02-30",
    "2027-02-29T12:00Z",
    "2027-01-01T24:00",
  ];
  for (const text of [...wrong, "2027-01-01T12:00+99:00", "2027-01-01Z", " 2027-01-01", ""])
    expect([text, read(text)]).toEqual([text, undefined]);
});

test("days are read as they are written", () => {
  expect(parseDays("Mon-Fri")).toEqual(["Mon", "Tue", "Wed", "Thu", "Fri"]);
  expect(parseDays("sat, Sunday")).toEqual(["Sat", "Sun"]);
  expect(parseDays("Fri-Mon")).toEqual(["Mon", "Fri", "Sat", "Sun"]);
  for (const wrong of ["Someday", "Mon-Wed-Fri", "Mon,", ""]) expect(parseDays(wrong)).toBeUndefined();
});
