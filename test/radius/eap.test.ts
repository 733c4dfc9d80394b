// EAP in RADIUS packet by packet: what is offered, Naks, State, failures; and the codec on hostile input.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as field from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator, SharedSecret } from "../../host/radius/client/digest.ts";
import { encodeResponse } from "../../host/radius/client/eap-packet.ts";
import {
  attribute,
  encodePacket,
  parsePacket,
  splitAttribute,
  type Packet,
} from "../../host/radius/client/packet.ts";
import { respondMsChapV2 } from "../../host/radius/client/peer-mschapv2.ts";
import { dialIn } from "../../host/radius/client/peer.ts";
import { LOOPBACK, openDoor, openNas, SECRET, type Fixture } from "./fixture.ts";

const shared = new SharedSecret(SECRET);
let door: Fixture;
let nas: Awaited<ReturnType<typeof openNas>>;
let identifier = 0;

beforeEach(async () => {
  door = await openDoor();
  const { address, port } = door.server.addresses.authentication;
  nas = await openNas(address, port);
});
afterEach(async () => {
  vi.restoreAllMocks();
  nas.close();
  await door.server.close();
});

/** Sends an EAP message as `user`. */
function send(message: Buffer, state?: Buffer, user = "alice"): Buffer {
  const authenticator = randomAuthenticator();
  const attributes = [attribute(field.USER_NAME, user), ...splitAttribute(field.EAP_MESSAGE, message)];
  if (state) attributes.push(attribute(field.STATE, state));
  const request = encodePacket(
    field.ACCESS_REQUEST,
    (identifier = (identifier + 1) & 255),
    authenticator,
    attributes,
  )!;
  nas.send(shared.sign(request, authenticator, true));
  return request;
}
/** The same, and the reply: signed, with an EAP message and no Reply-Message (RFC 3579 section 2.6.5). */
async function exchange(
  message: Buffer,
  state?: Buffer,
  user?: string,
): Promise<{ reply: Packet; eap: Buffer; state: Buffer }> {
  const request = send(message, state, user);
  const reply = parsePacket((await nas.next())!)!;
  expect(shared.checkMessage(reply, request.subarray(4, 20))).toBe(true);
  expect(reply.bytes[20]).toBe(field.MESSAGE_AUTHENTICATOR);
  expect(reply.find(field.REPLY_MESSAGE)).toBe(0);
  return { reply, eap: reply.joined(field.EAP_MESSAGE)!, state: reply.value(field.STATE) ?? Buffer.alloc(0) };
}
const response = (id: number, type: number, data: Buffer = Buffer.alloc(0)): Buffer =>
  encodeResponse(id, type, data);
const identity = response(9, field.EAP_IDENTITY, Buffer.from("alice"));

/** Goes on to where the server has proved itself by EAP-MSCHAPv2, and waits for the peer's word. */
async function proveByMsChapV2(): ReturnType<typeof exchange> {
  const offered = await exchange(identity);
  const peerChallenge = Buffer.alloc(16, 7);
  const name = Buffer.from("alice");
  const authenticatorChallenge = offered.eap.subarray(10, 26);
  const { response: nt } = respondMsChapV2({
    authenticatorChallenge,
    peerChallenge,
    name,
    password: "123456",
  });
  const head = Buffer.of(2, 10, 0, 59, 49);
  const value = Buffer.concat([head, peerChallenge, Buffer.alloc(8), nt, Buffer.of(0), name]);
  const success = await exchange(response(10, field.EAP_MSCHAPV2, value), offered.state);
  expect(success.eap.subarray(9).toString()).toMatch(/^S=[0-9A-F]{40} M=/);
  return success;
}

test("EAP-Start is answered by a request for the identity", async () => {
  const { reply, eap: request } = await exchange(Buffer.alloc(0));
  expect(reply.code).toBe(field.ACCESS_CHALLENGE);
  expect([request[0], request.readUInt16BE(2), request[4]]).toEqual([
    field.EAP_REQUEST,
    5,
    field.EAP_IDENTITY,
  ]);
});

test("MSCHAPv2 is offered first, laid out as in draft-kamath section 2.1", async () => {
  const { reply, eap: request } = await exchange(identity);
  expect(reply.code).toBe(field.ACCESS_CHALLENGE);
  expect(request.readUInt16BE(2)).toBe(request.length);
  expect([request[0], request[1], request[4]]).toEqual([field.EAP_REQUEST, 10, field.EAP_MSCHAPV2]);
  expect([request[5], request[7]! * 256 + request[8]!, request[9]]).toEqual([1, request.length - 5, 16]);
  expect(request.subarray(26).toString()).toBe("dialward");
});

test("a Nak is followed to the first method that is offered here, once", async () => {
  const first = await exchange(identity);
  const second = await exchange(
    response(10, field.EAP_NAK, Buffer.of(25, field.EAP_GTC, field.EAP_MD5)),
    first.state,
  );
  expect([second.eap[1], second.eap[4]]).toEqual([11, field.EAP_GTC]);
  const third = await exchange(response(11, field.EAP_NAK, Buffer.of(field.EAP_MD5)), second.state);
  expect(third.reply.code).toBe(field.ACCESS_REJECT);
  expect(third.eap).toEqual(Buffer.of(field.EAP_FAILURE, 11, 0, 4));
});

test.each([[[0]], [[25, 13]], [[field.EAP_MSCHAPV2]], [[]]])(
  "a Nak that asks for %j is refused",
  async (types) => {
    const { state } = await exchange(identity);
    const { reply } = await exchange(response(10, field.EAP_NAK, Buffer.from(types)), state);
    expect(reply.code).toBe(field.ACCESS_REJECT);
  },
);

test("a State is bound to its user, to what it says and to its minute", async () => {
  const gtc = async () => {
    const { state } = await exchange(identity);
    return (await exchange(response(10, field.EAP_NAK, Buffer.of(field.EAP_GTC)), state)).state;
  };
  const code = response(11, field.EAP_GTC, Buffer.from("123456"));
  const state = await gtc();
  expect((await exchange(code, state, "bob")).reply.code).toBe(field.ACCESS_REJECT);
  for (let at = 0; at < state.length; at++) {
    const forged = Buffer.from(state);
    forged[at]! ^= 1;
    expect((await exchange(code, forged)).reply.code).toBe(field.ACCESS_REJECT);
  }
  expect((await exchange(code)).reply.code).toBe(field.ACCESS_REJECT);
  const now = performance.now();
  vi.spyOn(performance, "now").mockReturnValue(now + 61_000);
  expect((await exchange(code, state)).reply.code).toBe(field.ACCESS_REJECT);
  expect(door.admission.dialIns).toHaveLength(0);
  vi.restoreAllMocks();
  expect((await exchange(code, state)).reply.code).toBe(field.ACCESS_ACCEPT);
});

test("EAP-MSCHAPv2 that fails is told so inside the method, then refused whatever comes", async () => {
  const { state } = await exchange(identity);
  const value = Buffer.concat([Buffer.of(2, 10, 0, 59, 49), Buffer.alloc(49), Buffer.from("alice")]);
  const failed = await exchange(response(10, field.EAP_MSCHAPV2, value), state);
  expect(failed.reply.code).toBe(field.ACCESS_CHALLENGE);
  expect(failed.eap[5]).toBe(field.OP_FAILURE);
  expect(failed.eap.subarray(9).toString()).toMatch(/^E=691 R=0 C=[0-9A-F]{32} V=3 M=/);
  const end = await exchange(response(11, field.EAP_MSCHAPV2, Buffer.of(field.OP_SUCCESS)), failed.state);
  expect(end.reply.code).toBe(field.ACCESS_REJECT);
  expect(end.eap[0]).toBe(field.EAP_FAILURE);
});

test("the acknowledgement of a success is taken once: a replay is not a second Accept", async () => {
  const accepted: Packet[] = [];
  const { address, port } = door.server.addresses.authentication;
  // The peer's last request is caught on its way and sent again by another NAS socket under a new authenticator.
  const real = await dialIn({
    server: { address, port },
    secret: SECRET,
    user: "alice",
    password: "123456",
    proof: "eap-mschapv2",
  });
  expect(real.outcome).toBe("accept");
  door.admission.spent.clear();
  const success = await proveByMsChapV2();
  for (let i = 0; i < 2; i++)
    accepted.push(
      (await exchange(response(11, field.EAP_MSCHAPV2, Buffer.of(field.OP_SUCCESS)), success.state)).reply,
    );
  expect(accepted.map(({ code }) => code)).toEqual([field.ACCESS_ACCEPT, field.ACCESS_REJECT]);
});

test("a peer that does not trust the server's answer is not accepted", async () => {
  const success = await proveByMsChapV2();
  const end = await exchange(response(11, field.EAP_MSCHAPV2, Buffer.of(field.OP_FAILURE)), success.state);
  expect(end.reply.code).toBe(field.ACCESS_REJECT);
});

test("what is malformed, or answers another request, is refused unjudged: a proxy takes silence for death", async () => {
  const { state } = await exchange(identity);
  const bad = [
    Buffer.of(field.EAP_REQUEST, 10, 0, 5, 1), // a request
    Buffer.of(field.EAP_RESPONSE, 10, 0, 9, 1), // longer than it is
    Buffer.of(field.EAP_RESPONSE, 10, 0, 4), // no type
    response(11, field.EAP_MSCHAPV2, Buffer.concat([Buffer.of(2, 10, 0, 59, 49), Buffer.alloc(54)])), // another identifier
    response(10, field.EAP_MSCHAPV2, Buffer.of(2, 10, 0, 59, 49)), // cut off
    response(10, field.EAP_GTC, Buffer.from("123456")), // not the method
  ];
  for (const message of bad) {
    const { reply, eap } = await exchange(message, state);
    expect(reply.code).toBe(field.ACCESS_REJECT);
    expect(eap[0]).toBe(field.EAP_FAILURE);
  }
  expect(door.admission.dialIns).toHaveLength(0);
  expect(door.server.counters).toMatchObject({ malformed: 0, failed: 0, rejects: bad.length });
  expect(new Set(door.told.map(({ fields }) => fields["reason"]))).toEqual(new Set(["bad-eap"]));
});

test("many conversations that are never finished leave nothing behind", async () => {
  for (let i = 0; i < 500; i++) await exchange(identity, undefined, `stranger${i}`);
  expect(
    (
      await dialIn({
        server: door.server.addresses.authentication,
        secret: SECRET,
        user: "alice",
        password: "123456",
        proof: "eap-mschapv2",
      })
    ).outcome,
  ).toBe("accept");
});

test("another NAS cannot go on with a State", async () => {
  const { state } = await exchange(identity);
  door.server.useClients([{ ...LOOPBACK, name: "elsewhere" }]);
  expect((await exchange(response(10, field.EAP_NAK, Buffer.of(field.EAP_GTC)), state)).reply.code).toBe(
    field.ACCESS_REJECT,
  );
});

test.each([
  ["disabled", "at once"],
  ["disabled", "later"],
  ["changed", "at once"],
  ["changed", "later"],
])(
  "EAP-MSCHAPv2's acknowledgement lets nobody in who was %s meanwhile, which is found %s",
  async (how, when) => {
    const success = await proveByMsChapV2();
    door.admission.standing = how === "disabled" ? "profile-disabled" : "profile-changed";
    door.admission.atOnce = when === "at once";
    const end = await exchange(response(11, field.EAP_MSCHAPV2, Buffer.of(field.OP_SUCCESS)), success.state);
    expect(end.reply.code).toBe(field.ACCESS_REJECT);
    expect(end.reply.vendorValue(field.MICROSOFT, field.MS_MPPE_SEND_KEY)).toBeUndefined();
    expect(door.told.at(-1)!.fields["reason"]).toBe(door.admission.standing);
  },
);
