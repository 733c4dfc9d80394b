// MS-CHAPv2 in RADIUS, attribute by attribute: what pppd needs for its peer and for MPPE, and what it gets on refusal.
// Sources: RFC 2548 sections 2.1.5, 2.3.3 and 2.4; RFC 2759 sections 5 and 6.
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as field from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator, SharedSecret } from "../../host/radius/client/digest.ts";
import {
  attribute,
  encodePacket,
  parsePacket,
  vendorAttribute,
  type Packet,
} from "../../host/radius/client/packet.ts";
import { msChapV2 } from "../mschapv2.ts";
import { openDoor, openNas, SECRET, type Fixture } from "./fixture.ts";

const shared = new SharedSecret(SECRET);
/** The peer's identifier, which comes back. */
const IDENTIFIER = 0x5a;

let door: Fixture;
let nas: Awaited<ReturnType<typeof openNas>>;
beforeEach(async () => {
  door = await openDoor();
  const { address, port } = door.server.addresses.authentication;
  nas = await openNas(address, port);
});
afterEach(async () => {
  nas.close();
  await door.server.close();
});

/** Sends MS-CHAP-Challenge and MS-CHAP2-Response; the reply, what the peer expects, and a look into the reply. */
async function dial(user: string, password: string, cut = { challenge: 16, response: 50 }) {
  const [authenticatorChallenge, peerChallenge] = [randomBytes(16), randomBytes(16)];
  const expected = msChapV2({ password, authenticatorChallenge, peerChallenge, name: Buffer.from(user) });
  const head = Buffer.of(IDENTIFIER, 0);
  const response = Buffer.concat([head, peerChallenge, Buffer.alloc(8), expected.response]);
  const microsoft = (type: number, value: Buffer) => vendorAttribute(field.MICROSOFT, type, value);
  const authenticator = randomAuthenticator();
  const request = encodePacket(field.ACCESS_REQUEST, 1, authenticator, [
    attribute(field.USER_NAME, user),
    microsoft(field.MS_CHAP_CHALLENGE, authenticatorChallenge.subarray(0, cut.challenge)),
    microsoft(field.MS_CHAP2_RESPONSE, response.subarray(0, cut.response)),
  ])!;
  nas.send(shared.sign(request, authenticator, true));
  const reply: Packet = parsePacket((await nas.next())!)!;
  const value = (type: number) => reply.vendorValue(field.MICROSOFT, type);
  const key = (type: number) => shared.revealKey(value(type)!, authenticator);
  return { reply, expected, value, key };
}

test("an Access-Accept holds the authenticator response, both keys, and MPPE of 128 bits as allowed", async () => {
  const { reply, expected, value, key } = await dial("alice", "123456");
  expect(reply.code).toBe(field.ACCESS_ACCEPT);
  const success = value(field.MS_CHAP2_SUCCESS)!;
  expect(success[0]).toBe(IDENTIFIER);
  const proof = expected.authenticatorResponse.toString("hex").toUpperCase();
  expect(success.subarray(1).toString()).toBe(`S=${proof}`);
  expect(key(field.MS_MPPE_SEND_KEY)).toEqual(expected.sendKey);
  expect(key(field.MS_MPPE_RECV_KEY)).toEqual(expected.receiveKey);
  // The two are hidden under salts of their own (RFC 2548 section 2.4.2).
  const salt = (type: number) => value(type)!.readUInt16BE(0);
  expect(salt(field.MS_MPPE_SEND_KEY)).not.toBe(salt(field.MS_MPPE_RECV_KEY));
  expect(value(field.MS_MPPE_ENCRYPTION_POLICY)).toEqual(Buffer.of(0, 0, 0, 1));
  expect(value(field.MS_MPPE_ENCRYPTION_TYPES)).toEqual(Buffer.of(0, 0, 0, 4));
  expect(value(field.MS_CHAP_ERROR)).toBeUndefined();
});

test.each([
  ["a wrong code", "alice", "000000"],
  ["a right password that the code should follow", "bob", "p4ssw0rd"],
])("after %s an Access-Reject holds MS-CHAP-Error, and no key", async (_, user, password) => {
  const { reply, value } = await dial(user, password);
  expect(reply.code).toBe(field.ACCESS_REJECT);
  const error = value(field.MS_CHAP_ERROR)!;
  expect(error[0]).toBe(IDENTIFIER);
  expect(error.subarray(1).toString()).toMatch(/^E=691 R=0 C=[0-9A-F]{32} V=3 M=Access denied$/);
  for (const type of [field.MS_CHAP2_SUCCESS, field.MS_MPPE_SEND_KEY, field.MS_MPPE_RECV_KEY])
    expect(value(type)).toBeUndefined();
});

test.each([
  { challenge: 8, response: 50 },
  { challenge: 16, response: 49 },
])("a challenge of $challenge bytes with a response of $response is no proof", async (cut) => {
  expect((await dial("alice", "123456", cut)).reply.code).toBe(field.ACCESS_REJECT);
  expect(door.admission.dialIns).toHaveLength(0);
  expect(door.told.map(({ fields }) => fields["reason"])).toEqual(["bad-proof"]);
});
