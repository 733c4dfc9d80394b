// The same caller: one place has one name however it is spelt; what is empty, the NAS's own or one for many is nobody.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Callers } from "../../host/admission/caller.ts";
import { readStation } from "../../host/admission/station.ts";

const OWN = ["192.0.2.1", "192.0.2.2", "2001:db8:f::1"];

test.each([
  // As strongSwan, pppd, OpenVPN's plug-in, hostapd and pfSense send it, and as RFC 3580 section 3.21 spells MACs.
  ["203.0.113.7[4500]", "203.0.113.7"],
  ["203.0.113.7:1194", "203.0.113.7"],
  [" 203.0.113.7\0", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["[::ffff:203.0.113.7]:500", "203.0.113.7"],
  ["2001:db8::7", "2001:db8:0:0:0:0:0:0/64"],
  ["[2001:db8::7]:500", "2001:db8:0:0:0:0:0:0/64"],
  ["[2001:DB8::ffff:1:2:3]", "2001:db8:0:0:0:0:0:0/64"],
  ["2001:db8::7[500]", "2001:db8:0:0:0:0:0:0/64"],
  ["2001:db8:0:1::7", "2001:db8:0:1:0:0:0:0/64"],
  ["fe80::7%eth0", "fe80:0:0:0:0:0:0:0/64"],
  ["00-1A-2b-3c-4D-5e", "00-1a-2b-3c-4d-5e"],
  ["00:1a:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e"],
  ["001a.2b3c.4d5e", "00-1a-2b-3c-4d-5e"],
  ["001A2B3C4D5E", "00-1a-2b-3c-4d-5e"],
  ["+49 30 1234", "+49 30 1234"],
])("%j is the place %s", (sent, place) => {
  expect(readStation(sent, OWN)).toEqual({ place });
});

test.each([
  [undefined, "absent"],
  ["", "absent"],
  [" \0", "absent"],
  ["192.0.2.1", "own"],
  ["192.0.2.2:1194", "own"],
  ["::ffff:192.0.2.1", "own"],
  ["[2001:db8:f:0::1]:500", "own"],
  ["127.0.0.1", "own"],
  ["127.8.0.1", "own"],
  ["::1", "own"],
  ["0.0.0.0", "own"],
  ["::", "own"],
])("%j is nobody's place: %s", (sent, read) => {
  expect(readStation(sent, OWN)).toBe(read);
});

test("any spelling of an address with any port is the place of the address, and no text makes it fail", () => {
  const ipv6 = fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(fc.ipV4(), ipv6, fc.nat(65_535), fc.boolean(), (v4, groups, port, upper) => {
      fc.pre(!/^(127|0)\./.test(v4) && !OWN.includes(v4));
      for (const form of [v4, `${v4}:${port}`, `${v4}[${port}]`, `[${v4}]:${port}`, `::ffff:${v4}`])
        expect(readStation(form, OWN)).toEqual({ place: v4 });
      const text = groups.map((group) => group.toString(16).padStart(upper ? 4 : 1, "0")).join(":");
      const v6 = upper ? text.toUpperCase() : text;
      const place = `${groups
        .slice(0, 4)
        .map((group) => group.toString(16))
        .join(":")}:0:0:0:0/64`;
      for (const form of [v6, `[${v6}]:${port}`, `${v6}[${port}]`])
        expect(readStation(form, OWN)).toEqual({ place });
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => void readStation(text, [text, ...OWN])));
});

/** A NAS at which `users` have logged in from `stations`, in turns. */
function nasWith(users: number, stations: number): Callers {
  const callers = new Callers();
  for (let i = 0; i < users; i++) {
    const place = callers.place("nas", `203.0.113.${i % stations}`, OWN);
    expect(place).not.toBe("");
    callers.letIn("nas", place, `user${i}`);
  }
  return callers;
}

test.each([
  [1, 1, "undecided"],
  [30, 1, "constant"],
  [30, 2, "constant"],
  [2, 2, "caller"],
  [30, 30, "caller"],
  [30, 15, "caller"],
  [1000, 500, "caller"],
] as const)("%i users at %i stations: %s", (users, stations, judgement) => {
  const callers = nasWith(users, stations);
  expect(callers.judgement("nas")).toBe(judgement);
  const place = callers.place("nas", "203.0.113.0:500", OWN);
  expect(callers.caller("nas", place)).toBe(judgement === "caller" ? "nas 203.0.113.0" : "");
  expect(callers.caller("nas", place, "caller")).toBe("nas 203.0.113.0");
  expect(callers.caller("nas", place, "none")).toBe("");
  expect(callers.caller("nas", "", "caller")).toBe("");
});

test("strangers cannot make a NAS's callers look like one for many, nor one for many like callers", () => {
  const apart = nasWith(4, 4);
  for (let i = 0; i < 1000; i++) apart.place("nas", "198.51.100.9", OWN); // any names, none let in
  expect(apart.judgement("nas")).toBe("caller");
  const constant = nasWith(8, 1);
  for (let i = 0; i < 1000; i++) constant.place("nas", "203.0.113.0", OWN);
  expect(constant.judgement("nas")).toBe("constant");
});

test("what a NAS told last is known where it names no place, and a NAS that was never heard is unknown", () => {
  const callers = new Callers();
  expect(callers.judgement("nas")).toBeUndefined();
  callers.place("nas", "", OWN);
  expect(callers.judgement("nas")).toBe("absent");
  callers.place("nas", "192.0.2.1:1194", OWN);
  expect(callers.judgement("nas")).toBe("own");
});
