// The module that reads and signs packets, in both its sizes, against the RFCs' packets and against the codec of `dial`,
// which shares nothing with it: random packets, secrets and floods.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import * as core from "../../assembly/abi.ts";
import * as abi from "../../assembly/radius/abi.ts";
import * as field from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator, SharedSecret } from "../../host/radius/client/digest.ts";
import { encodeResponse } from "../../host/radius/client/eap-packet.ts";
import {
  attribute,
  encodePacket,
  integerAttribute,
  parsePacket,
  splitAttribute,
  vendorAttribute,
} from "../../host/radius/client/packet.ts";
import { Packets, type ClientForm } from "../../host/radius/packets.ts";
import { runs } from "../runs.ts";

const FILES = ["radius.wasm", "radius.router.wasm"] as const;
const modules = FILES.map(
  (name) => new WebAssembly.Module(readFileSync(`${import.meta.dirname}/../../dist/${name}`)),
);
const SECRET = "testing123";
const shared = new SharedSecret(SECRET);
const FORM: ClientForm = {
  secret: SECRET,
  signed: abi.SIGNED_MAY,
  type: undefined,
  challenge: undefined,
  withoutRealm: false,
  withoutDomain: false,
  unsignedChap: true,
};
const hex = (text: string): Buffer => Buffer.from(text, "hex");

function open(module: WebAssembly.Module, form: Partial<ClientForm> = {}): Packets {
  const packets = new Packets(module);
  packets.setClient(0, { ...FORM, ...form }, false);
  return packets;
}

/** A signed Access-Request of `attributes`. */
function ask(
  attributes: Buffer[],
  { id = 1, authenticator = randomAuthenticator(), secret = shared } = {},
): Buffer {
  return secret.sign(encodePacket(field.ACCESS_REQUEST, id, authenticator, attributes)!, authenticator, true);
}

function pap(user: string, password: string | Uint8Array, more: Buffer[] = [], secret = shared): Buffer {
  const authenticator = randomAuthenticator();
  const hidden = secret.hidePassword(Buffer.from(password as string), authenticator);
  return ask([attribute(field.USER_NAME, user), attribute(field.USER_PASSWORD, hidden), ...more], {
    authenticator,
    secret,
  });
}

/** What the core is given of a clear text. */
function typed(packets: Packets, slot = 0): Buffer {
  const request = packets.request(slot);
  expect(request[core.REQUEST_PROOF]).toBe(core.PROOF_CLEAR);
  return Buffer.from(
    request.subarray(
      core.REQUEST_TEXT,
      core.REQUEST_TEXT + Math.min(request[core.REQUEST_LENGTH]!, core.TEXT_BYTES),
    ),
  );
}

describe.each(FILES.map((name, i) => ({ name, module: modules[i]! })))("$name", ({ module }) => {
  let packets: Packets;
  beforeEach(() => void (packets = open(module)));
  const read = (datagram: Buffer, now = 0, slot = 0): number => packets.read(slot, datagram, 0, false, now);

  describe("RFC 2865 section 7", () => {
    const { secret, cases } = JSON.parse(
      readFileSync(`${import.meta.dirname}/../vectors/radius.json`, "utf8"),
    ) as { secret: string; cases: Record<string, string>[] };
    beforeEach(() => void (packets = open(module, { secret })));

    test.each(cases)("$proof", ({ proof, userName, password = "", request = "" }) => {
      const asked = hex(request);
      expect(read(asked)).toBe(abi.READ_LOGIN);
      expect(packets.name(0)).toBe(userName);
      if (proof === "PAP") return expect(typed(packets).toString()).toBe(password);
      const core_ = packets.request(0);
      expect(core_[core.REQUEST_LENGTH]).toBe(16);
      const challenge = core_.subarray(core.REQUEST_CHAP_CHALLENGE, core.REQUEST_CHAP_CHALLENGE + 16);
      expect(challenge).toEqual(asked.subarray(4, 20));
      const id = core_.subarray(core.REQUEST_CHAP_ID, core.REQUEST_CHAP_ID + 1);
      const expected = createHash("md5").update(id).update(password).update(challenge).digest();
      expect(core_.subarray(core.REQUEST_RESPONSE, core.REQUEST_RESPONSE + 16)).toEqual(expected);
    });

    test("cut off anywhere, or with a length that lies, it is malformed; padding is none of it", () => {
      for (const { request = "" } of cases) {
        const whole = hex(request);
        for (let length = 0; length < whole.length; length++)
          expect(read(whole.subarray(0, length))).toBe(abi.READ_MALFORMED);
        for (let length = 0; length < 70; length++) {
          const lying = Buffer.from(whole);
          lying.writeUInt16BE(length, 2);
          expect(read(lying) === abi.READ_MALFORMED, `length ${length}`).toBe(
            parsePacket(lying) === undefined,
          );
        }
        expect(read(Buffer.concat([whole, Buffer.alloc(9, 1)]), 60)).toBe(abi.READ_LOGIN);
      }
    });
  });

  test("random packets are as sound as the other codec says, and have the same attributes", () => {
    const framed = fc.tuple(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.array(
        fc.tuple(
          fc.oneof(fc.constantFrom(1, 2, 3, 24, 26, 60, 79, 80), fc.integer({ min: 0, max: 255 })),
          fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 16, maxLength: 18 })),
        ),
        { maxLength: 20 },
      ),
      fc.option(fc.nat(400), { nil: undefined }),
    );
    fc.assert(
      fc.property(framed, ([authenticator, list, bent]) => {
        const attributes = list.map(([type, value]) => attribute(type, value));
        const bytes = encodePacket(1, 7, authenticator, attributes, { bare: true })!;
        if (bent !== undefined && bent < bytes.length) bytes[bent]! ^= 1 + (bent % 7);
        const parsed = parsePacket(bytes);
        const code = read(bytes);
        if (parsed === undefined || bytes[0] !== 1) return;
        expect(code).not.toBe(abi.READ_MALFORMED);
        const wrong: number[] = [];
        for (let type = 0; type < 256; type++) {
          const value = parsed.value(type);
          const got = packets.value(0, type);
          // An empty first attribute counts as none; a later one that is not empty may stand in for it.
          if (value?.length === 0 || (value === undefined && got === undefined)) continue;
          if (!value || !got?.equals(value)) wrong.push(type);
        }
        expect(wrong).toEqual([]);
      }),
      runs(200),
    );
  });

  test("whatever bytes come to either port, it reads them and goes on", () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 4200 }),
      fc
        .tuple(fc.constantFrom(1, 4, 12, 40, 43), fc.uint8Array({ minLength: 19, maxLength: 500 }))
        .map(([code, rest]) => {
          const bytes = Buffer.concat([Buffer.of(code), rest]);
          bytes.writeUInt16BE(bytes.length, 2);
          return bytes;
        }),
    );
    fc.assert(
      fc.property(any, fc.boolean(), fc.nat(), (bytes, accounting, now) => {
        const code = packets.read(0, bytes, 0, accounting, now >>> 0);
        expect(code).toBeLessThan(abi.READ_ENTROPY);
        if (code >= abi.READ_LOGIN) packets.answer(0, 1 + (now % 3), now >>> 0);
      }),
      runs(200),
    );
    const last = pap("alice", "123456");
    expect(read(last)).toBe(abi.READ_LOGIN);
  });

  test("a password of any length up to 128 bytes is found; other lengths are refused unjudged", () => {
    for (let length = 0; length <= 128; length++) {
      const password = Buffer.alloc(length, "ü");
      expect(read(pap("alice", password))).toBe(abi.READ_LOGIN);
      expect(packets.request(0)[core.REQUEST_LENGTH]).toBe(length);
      expect(typed(packets)).toEqual(password.subarray(0, core.TEXT_BYTES));
    }
    for (const length of [1, 15, 17, 144]) {
      const bad = ask([
        attribute(field.USER_NAME, "a"),
        attribute(field.USER_PASSWORD, Buffer.alloc(length)),
      ]);
      expect(read(bad)).toBe(abi.READ_REFUSED);
      expect(packets.reason(0)).toBe(abi.REASON_BAD_PROOF);
      expect(packets.replyCode(0)).toBe(field.ACCESS_REJECT);
    }
  });

  test("under a secret of any length a reply is signed, Message-Authenticator first, Proxy-State last, in its order", () => {
    const cases = fc.record({
      secret: fc
        .uint8Array({ minLength: 1, maxLength: 60 })
        .map((bytes) => Buffer.from(bytes).toString("hex")),
      states: fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }),
      outcome: fc.constantFrom(abi.OUTCOME_ACCEPT, abi.OUTCOME_CONTINUE, abi.OUTCOME_REFUSE),
      extra: fc.array(
        fc.tuple(fc.constantFrom(8, 11, 25, 27), fc.uint8Array({ minLength: 1, maxLength: 30 })),
        {
          maxLength: 4,
        },
      ),
    });
    fc.assert(
      fc.property(cases, ({ secret, states, outcome, extra }) => {
        packets.setClient(0, { ...FORM, secret, challenge: true }, false);
        const proxies = states.map((state) => attribute(field.PROXY_STATE, state));
        const carried = Buffer.concat(extra.map(([type, value]) => attribute(type, value)));
        const own = new SharedSecret(secret);
        const request = pap("alice", "123456", proxies, own);
        expect(read(request)).toBe(abi.READ_LOGIN);
        packets.answer(0, outcome, 0, carried);
        const reply = parsePacket(packets.reply(0)) ?? expect.fail("not a packet");
        expect(own.checkReply(reply, request.subarray(4, 20))).toBe(true);
        expect(own.checkMessage(reply, request.subarray(4, 20))).toBe(true);
        expect(reply.bytes[20]).toBe(field.MESSAGE_AUTHENTICATOR);
        const tail = Buffer.concat(proxies);
        expect(reply.bytes.subarray(reply.bytes.length - tail.length)).toEqual(tail);
        const body = reply.bytes.subarray(38, reply.bytes.length - tail.length);
        // A refusal says what the host says, else its own words.
        if (outcome === abi.OUTCOME_ACCEPT || (outcome === abi.OUTCOME_REFUSE && carried.length > 0))
          expect(body).toEqual(carried);
        else expect(reply.value(25)).toBeUndefined();
      }),
      runs(50),
    );
    expect(() => packets.setClient(0, { ...FORM, secret: "s".repeat(257) }, false)).toThrow(/257 bytes/);
    expect(() => packets.setClient(packets.clients, FORM, false)).toThrow(RangeError);
  });

  test("a reply that would be longer than 4096 bytes is none", () => {
    const states = Array.from({ length: 15 }, () => attribute(field.PROXY_STATE, Buffer.alloc(253)));
    expect(read(pap("alice", "1", states))).toBe(abi.READ_LOGIN);
    expect(packets.answer(0, abi.OUTCOME_ACCEPT, 0, attribute(25, Buffer.alloc(209)))).toBe(4074);
    expect(read(pap("alice", "2", states))).toBe(abi.READ_LOGIN);
    expect(packets.answer(0, abi.OUTCOME_ACCEPT, 0, attribute(25, Buffer.alloc(232)))).toBe(0);
    expect(packets.reply(0)).toHaveLength(0);
  });

  test("a packet is the same for 30 s, with all its bytes; its copies get the same reply or word that it is under way", () => {
    const request = pap("alice", "123456");
    expect(read(request, 100, 0)).toBe(abi.READ_LOGIN);
    expect(read(request, 100, 1)).toBe(abi.READ_REPEATED);
    expect(packets.copyOf(1)).toBe(0);
    packets.answer(0, abi.OUTCOME_ACCEPT, 101);
    const first = Buffer.from(packets.reply(0));
    expect(read(request, 129, 1)).toBe(abi.READ_DUPLICATE);
    expect(packets.reply(1)).toEqual(first);
    for (let at = 0; at < request.length; at++) {
      const other = Buffer.from(request);
      other[at]! ^= 1;
      expect([abi.READ_DUPLICATE, abi.READ_REPEATED]).not.toContain(read(other, 110, 0));
    }
    expect(read(request, 130, 1)).toBe(abi.READ_LOGIN);
    packets.drop(1);
    expect(read(request, 131, 1)).toBe(abi.READ_LOGIN);
    // Another NAS's, or one that came to the other port, is another packet.
    packets.setClient(1, FORM, false);
    packets.answer(1, abi.OUTCOME_ACCEPT, 131);
    expect(packets.read(0, request, 1, false, 131)).toBe(abi.READ_LOGIN);
  });

  test("in a flood no packet gets another's reply", () => {
    const requests = Array.from({ length: 400 }, (_, i) => pap(`user${i}`, String(i), [], shared));
    const replies = new Map<string, string>();
    for (let round = 0; round < 3; round++)
      for (const request of requests) {
        const key = request.toString("hex");
        const code = read(request, round);
        if (code === abi.READ_LOGIN) packets.answer(0, abi.OUTCOME_ACCEPT, round);
        else expect(code).toBe(abi.READ_DUPLICATE);
        const reply = parsePacket(packets.reply(0))!;
        expect(shared.checkReply(reply, request.subarray(4, 20))).toBe(true);
        if (code === abi.READ_DUPLICATE) expect(reply.bytes.toString("hex")).toBe(replies.get(key));
        replies.set(key, reply.bytes.toString("hex"));
      }
  });

  test("a State is good once, in a minute, for its user and NAS; one user's do not push out another's", () => {
    packets.setClient(0, { ...FORM, challenge: true }, false);
    packets.setClient(1, { ...FORM, challenge: true }, false);
    const note = Buffer.from("0123456789abcdef");
    const first = (user: string, now: number): Buffer => {
      expect(read(pap(user, "p"), now)).toBe(abi.READ_LOGIN);
      packets.note(0).set(note);
      packets.answer(0, abi.OUTCOME_CONTINUE, now);
      return Buffer.from(parsePacket(packets.reply(0))!.value(field.STATE)!);
    };
    const second = (user: string, state: Buffer, now: number, client = 0): number =>
      packets.read(0, pap(user, "123456", [attribute(field.STATE, state)]), client, false, now);
    const alice = first("alice", 0);
    for (let i = 0; i < 50; i++) first("mallory", 0);
    expect(second("mallory", alice, 1)).toBe(abi.READ_REFUSED);
    expect(packets.reason(0)).toBe(abi.REASON_EXPIRED);
    expect(second("alice", alice, 1, 1)).toBe(abi.READ_REFUSED);
    expect(second("alice", alice, 59)).toBe(abi.READ_LOGIN);
    expect(packets.flags(0) & abi.ROW_SECOND).toBe(abi.ROW_SECOND);
    expect(packets.note(0)).toEqual(note);
    expect(packets.request(0)[core.REQUEST_FLAGS]).toBe(core.FLAG_SECOND);
    expect(second("alice", alice, 59)).toBe(abi.READ_REFUSED);
    expect(second("alice", first("alice", 0), 60)).toBe(abi.READ_REFUSED);
  });

  test("with `auto` Message-Authenticator is required once one has come; CHAP may need one from the start", () => {
    packets.setClient(0, { ...FORM, signed: abi.SIGNED_AUTO, unsignedChap: false }, false);
    const bare = (...proof: Buffer[]): Buffer =>
      encodePacket(1, 1, randomAuthenticator(), [attribute(field.USER_NAME, "alice"), ...proof], {
        bare: true,
      })!;
    const password = attribute(field.USER_PASSWORD, Buffer.alloc(16));
    const chap = attribute(field.CHAP_PASSWORD, Buffer.alloc(17));
    expect(read(bare(password))).toBe(abi.READ_LOGIN);
    expect(read(bare(chap))).toBe(abi.READ_REFUSED);
    expect(packets.reason(0)).toBe(abi.REASON_UNSIGNED_CHAP);
    const forged = pap("alice", "1");
    forged[25]! ^= 1;
    expect(read(forged)).toBe(abi.READ_AUTHENTICATOR);
    expect(read(bare(password))).toBe(abi.READ_LOGIN);
    expect(read(ask([attribute(field.USER_NAME, "alice"), chap]))).toBe(abi.READ_LOGIN);
    expect(read(bare(password))).toBe(abi.READ_UNSIGNED);
    packets.setClient(0, { ...FORM, signed: abi.SIGNED_AUTO }, true);
    expect(read(bare(password))).toBe(abi.READ_UNSIGNED);
    packets.setClient(0, { ...FORM, signed: abi.SIGNED_AUTO }, false);
    expect(read(bare(password))).toBe(abi.READ_LOGIN);
  });

  test.each([
    ["CORP\\u", {}, "CORP\\u"],
    ["CORP\\u", { withoutDomain: true }, "u"],
    ["A\\B\\u@x", { withoutDomain: true }, "u@x"],
    ["u@realm", { withoutRealm: true }, "u"],
    ["CORP\\u@a@b", { withoutRealm: true, withoutDomain: true }, "u@a"],
    ["@realm", { withoutRealm: true }, ""],
  ])("%s with %j is %s", (sent, settings, name) => {
    packets.setClient(0, { ...FORM, ...settings }, false);
    expect(read(pap(sent, "1"))).toBe(name === "" ? abi.READ_REFUSED : abi.READ_LOGIN);
    expect(packets.name(0)).toBe(name);
  });

  test("MS-CHAPv2's name is hashed from behind the last backslash, as pppd and Windows do", () => {
    const response = Buffer.alloc(50, 3);
    const microsoft = [
      vendorAttribute(field.MICROSOFT, field.MS_CHAP_CHALLENGE, Buffer.alloc(16, 4)),
      vendorAttribute(field.MICROSOFT, field.MS_CHAP2_RESPONSE, response),
    ];
    for (const [sent, hashed] of [
      ["u", "u"],
      ["CORP\\u", "u"],
      ["A\\B\\u", "u"],
      ["u@realm", "u@realm"],
    ] as const) {
      expect(read(ask([attribute(field.USER_NAME, sent), ...microsoft]))).toBe(abi.READ_LOGIN);
      const request = packets.request(0);
      const name = request.subarray(
        core.REQUEST_NAME,
        core.REQUEST_NAME + request[core.REQUEST_NAME_LENGTH]!,
      );
      expect(name.toString()).toBe(hashed);
    }
  });

  test("a signed request that cannot be judged is refused, with Message-Authenticator", () => {
    const name = attribute(field.USER_NAME, "alice");
    for (const [attributes, reason] of [
      [[], abi.REASON_NO_NAME],
      [[attribute(field.USER_NAME, "")], abi.REASON_NO_NAME],
      [[name], abi.REASON_NO_PROOF],
      [[name, attribute(field.CHAP_PASSWORD, Buffer.alloc(16))], abi.REASON_BAD_PROOF],
      [[name, attribute(field.EAP_MESSAGE, Buffer.of(2, 1, 0, 9, 4))], abi.REASON_BAD_EAP],
      [
        [name, ...splitAttribute(field.EAP_MESSAGE, encodeResponse(1, 4, Buffer.alloc(2995)))],
        abi.REASON_BAD_EAP,
      ],
    ] as const) {
      const request = ask([...attributes]);
      expect(read(request)).toBe(abi.READ_REFUSED);
      expect(packets.reason(0)).toBe(reason);
      const reply = parsePacket(packets.reply(0))!;
      expect(reply.code).toBe(field.ACCESS_REJECT);
      expect(shared.checkMessage(reply, request.subarray(4, 20))).toBe(true);
    }
  });

  test.each([
    [field.COA_REQUEST, field.COA_NAK],
    [field.DISCONNECT_REQUEST, field.DISCONNECT_NAK],
  ])("a request of code %i is refused by name", (code, nak) => {
    const request = shared.sign(encodePacket(code, 1, Buffer.alloc(16), [], { bare: true })!);
    expect(read(request)).toBe(abi.READ_NOT_OFFERED);
    const reply = parsePacket(packets.reply(0))!;
    expect([reply.code, reply.integer(field.ERROR_CAUSE)]).toEqual([nak, field.UNSUPPORTED_EXTENSION]);
    expect(shared.checkReply(reply, request.subarray(4, 20))).toBe(true);
    request[5]! ^= 1;
    expect(read(request)).toBe(abi.READ_AUTHENTICATOR);
  });

  test("no password stays in memory, of a login that was answered or dropped", () => {
    const bytes = Buffer.from(packets.memory);
    for (const end of [() => void packets.answer(0, abi.OUTCOME_REFUSE, 0), () => packets.drop(0)]) {
      read(pap("alice", "correct horse battery"));
      expect(bytes.includes("correct horse battery")).toBe(true);
      end();
      expect(bytes.includes("horse")).toBe(false);
    }
    packets.forgetClient(0);
    expect(bytes.includes(SECRET)).toBe(false);
    expect(read(pap("alice", "1"))).toBe(abi.READ_SLOT);
  });

  describe("dial-in types", () => {
    const zeros = Buffer.alloc(16);
    const name = (text: string): Buffer => attribute(field.NAS_IDENTIFIER, text);
    const virtual = integerAttribute(field.NAS_PORT_TYPE, field.PORT_VIRTUAL);
    const framed = integerAttribute(field.SERVICE_TYPE, field.SERVICE_FRAMED);
    const ppp = integerAttribute(field.FRAMED_PROTOCOL, field.PROTOCOL_PPP);
    const password = attribute(field.USER_PASSWORD, zeros);
    const portId = attribute(field.NAS_PORT_ID, "ikev1-xauth");
    const eap = attribute(field.EAP_MESSAGE, encodeResponse(1, field.EAP_IDENTITY, Buffer.from("alice")));
    const tunnel = (...bytes: number[]): Buffer => attribute(field.TUNNEL_TYPE, Buffer.from(bytes));

    test.each([
      ["strongSwan's EAP", "ikev2-eap", [virtual, framed, portId, eap, name("strongSwan")]],
      ["strongSwan's XAuth", "ipsec-xauth", [virtual, framed, portId, password, name("strongSwan")]],
      ["ocserv", "ssl-vpn", [name("ocserv-test"), password]],
      ["the OpenVPN plug-in", "openvpn", [name("OpenVpn"), virtual, framed, ppp, password]],
      [
        "the plug-in under another name",
        "openvpn",
        [name("x"), virtual, integerAttribute(field.SERVICE_TYPE, 5), password],
      ],
      ["pfSense", "openvpn", [name("openVPN"), password]],
      [
        "SoftEther",
        "ssl-vpn",
        [name("SoftEther VPN Server Developer Edition"), tunnel(0, 0, 0, 1), password],
      ],
      ["pppd", undefined, [framed, ppp, password]],
      ["pppd that says l2tp", "l2tp", [framed, ppp, password, name("l2tp-gate")]],
      ["pppd that says pptp", "pptp", [framed, ppp, password, name("PPTP")]],
      ["Tunnel-Type L2TP with a tag", "l2tp", [framed, ppp, password, tunnel(1, 0, 0, 3)]],
      ["Tunnel-Type PPTP", "pptp", [password, tunnel(0, 0, 0, 1)]],
      ["wireless EAP", undefined, [integerAttribute(field.NAS_PORT_TYPE, 19), framed, eap]],
      ["radclient", undefined, [password]],
    ])("%s is %s", (_, type, attributes) => {
      const user = attribute(field.USER_NAME, "alice");
      read(ask([user, ...attributes]));
      expect(packets.type(0)).toBe(type);
      packets.setClient(0, { ...FORM, type: "pptp" }, true);
      read(ask([user, ...attributes]));
      expect(packets.type(0)).toBe("pptp");
    });

    test.each([
      ["192.0.2.1[4500]", "192.0.2.1"],
      ["2001:db8::1[500]", "2001:db8::1"],
      ["[2001:db8::7]:500", "2001:db8::7"],
      ["[2001:db8::7]", "2001:db8::7"],
      ["192.0.2.1:50123", "192.0.2.1"],
      ["2001:db8::1", "2001:db8::1"],
      ["02-00-00-00-00-01", "02-00-00-00-00-01"],
      ["02:00:00:00:00:01", "02:00:00:00:00:01"],
      ["[7]", "7"],
      [":", ":"],
      ["", undefined],
    ])("calling station %s is %s, whatever the port", (sent, station) => {
      read(pap("alice", "1", [attribute(field.CALLING_STATION_ID, sent)]));
      expect(packets.station(0)).toBe(station);
    });
  });
});

test("both sizes give the same bytes", () => {
  const [large, small] = modules.map((module) => open(module, { challenge: true })) as [Packets, Packets];
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 20 }),
      fc.string({ maxLength: 20 }),
      (user, password) => {
        const request = pap(user, password);
        for (const outcome of [abi.OUTCOME_ACCEPT, abi.OUTCOME_REFUSE]) {
          for (const each of [large, small]) {
            each.setClient(0, FORM, false);
            expect(each.read(0, request, 0, false, 0)).toBe(abi.READ_LOGIN);
            each.answer(0, outcome, 0);
          }
          expect(small.reply(0)).toEqual(large.reply(0));
        }
      },
    ),
  );
});

test.each(modules)(
  "a prompt holds until the wipe; one that is too long or not printable is refused, and changes nothing",
  (module) => {
    const packets = open(module);
    const memory = Buffer.from(packets.memory);
    const { prompt, wipe } = new WebAssembly.Instance(module, {}).exports as Record<
      string,
      (length: number) => number
    >;
    expect(prompt!(abi.PROMPT_BYTES + 1)).toBe(abi.RADIUS_FORM);
    expect(prompt!(0)).toBe(abi.RADIUS_OK);
    expect(wipe!(0)).toBe(abi.RADIUS_OK);
    packets.setPrompt("Enter the code of Home: ");
    for (const text of ["a\u001b[2J", "a\n", "\u007f", "x".repeat(abi.PROMPT_BYTES + 1)])
      expect(() => packets.setPrompt(text)).toThrow(RangeError);
    expect(memory.indexOf("Enter the code of Home: ", abi.OWN_AT)).toBeLessThan(abi.OWN_AT + abi.OWN_BYTES);
    packets.setPrompt("x".repeat(abi.PROMPT_BYTES));
  },
);
