// What OpenVPN is told of a user's reply attributes, and that no value of one can say anything else to it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeAttribute, parseAttribute, printAttribute } from "../../host/groups/attribute.ts";
import { admit } from "../../host/openvpn/client-config.ts";
import { anyCharacter, runs } from "../runs.ts";

/** The command's lines behind the first, of attributes as admission gives them. */
function told(...lines: string[]): string[] {
  const attributes = lines.map(parseAttribute).map((attribute) => ({
    name: attribute.definition.name,
    value: printAttribute(attribute).replace(/^[^=]*= /, ""),
    bytes: encodeAttribute(attribute),
  }));
  return admit("7", "1", attributes).split("\n").slice(1);
}

test("address, routes, name servers and the end of the session are told in OpenVPN's words", () => {
  expect(told("Class = a")).toEqual([]);
  expect(
    told(
      "Framed-IP-Address = 10.8.0.7",
      "Framed-IP-Netmask = 255.255.0.0",
      'Framed-Route = "10.1.0.0/24 0.0.0.0 1"',
      "Framed-Route = 10.2.0.7",
      "MS-Primary-DNS-Server = 10.8.0.1",
      "Session-Timeout = 600",
    ),
  ).toEqual([
    "ifconfig-push 10.8.0.7 255.255.0.0",
    'push "route 10.1.0.0 255.255.255.0"',
    'push "route 10.2.0.7 255.255.255.255"',
    'push "dhcp-option DNS 10.8.0.1"',
    'push "session-timeout 600"',
    "END",
  ]);
});

test("an address that the NAS or the user chooses is none", () => {
  for (const address of ["255.255.255.254", "255.255.255.255"])
    expect(told(`Framed-IP-Address = ${address}`)).toEqual([]);
});

test("no route says anything but a route", () => {
  const unit = fc.oneof(anyCharacter, fc.constantFrom("\n", '"', " ", "/", "1", "10.1.2.3"));
  const text = fc.string({ unit, minLength: 1, maxLength: 12 });
  const holds = (one: string, other: string): void => {
    const bytes = Buffer.from(`${one}10.1.2.3${other}`).subarray(0, 253);
    for (const line of told(`Framed-Route = 0x${bytes.toString("hex")}`))
      expect(line).toMatch(/^(END|push "route [\d.]+ [\d.]+")$/);
  };
  fc.assert(fc.property(fc.oneof(fc.constant(""), text), text, holds), runs(200));
});
