// A script of RADIUS conversations, as a NAS has them, and what a server says to each word of it: two servers that do the
// same say the same.

import * as field from "../../assembly/radius/dictionary.ts";
import { encodeResponse } from "../../host/radius/client/eap-packet.ts";
import {
  attribute,
  encodePacket,
  integerAttribute,
  parsePacket,
  vendorAttribute,
  type Packet,
} from "../../host/radius/client/packet.ts";
import { respondChap } from "../../host/radius/client/peer.ts";
import { respondMsChapV2 } from "../../host/radius/client/peer-mschapv2.ts";
import { hotp, motp } from "../codes.ts";
import {
  beginAnew,
  chap,
  eap,
  msChapV2,
  nextIdentifier,
  openNas,
  pap,
  peerChallenge,
  request,
  SECRET,
  secret,
  tell,
  user,
} from "./radius-nas.ts";

export const KEY = Buffer.from("12345678901234567890");
export const BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
export const MOTP_SECRET = "0123456789abcdef";
/** Passes no Access-Challenge on. */
const PLAIN_NAS = "127.0.0.2";

/** The users of the script: for the daemon's file, and as rows of `dialward user import`. */
const NAMES = ["pap", "chap", "ms", "md5", "gtc", "eap"];
export const USERS_FILE = `${NAMES.map((name) => `${name} hotp ${BASE32}`).join("\n")}
off hotp ${BASE32} disabled=yes
ikev2 hotp ${BASE32} types=ikev2
both hotp ${BASE32} password=Geheim
two hotp ${BASE32} password=Geheim mode=two-steps
two-gtc hotp ${BASE32} password=Geheim mode=two-steps
motp motp ${MOTP_SECRET} pin=6666
`;
const row = (name: string, more: object = {}) => ({ name, factor: "hotp", secret: BASE32, ...more });
export const USER_ROWS = [
  ...NAMES.map((name) => row(name)),
  row("off", { enabled: false }),
  row("ikev2", { types: ["ikev2-eap"] }),
  row("both", { mode: "password+code", password: "Geheim" }),
  row("two", { mode: "password-then-code", password: "Geheim" }),
  row("two-gtc", { mode: "password-then-code", password: "Geheim" }),
  { name: "motp", factor: "motp", secret: MOTP_SECRET, pin: "6666" },
].map((one) => ({ active: true, ...one }));

export const CLIENTS_FILE = `127.0.0.1 ${SECRET} challenge=yes
${PLAIN_NAS} ${SECRET} challenge=no type=l2tp signed=must
`;
export const CLIENTS_TOML = `[[radius.clients]]
name = "nas"
address = "127.0.0.1"
secret = "${SECRET}"
challenge = true
[[radius.clients]]
name = "plain"
address = "${PLAIN_NAS}"
secret = "${SECRET}"
challenge = false
type = "l2tp"
requireMessageAuthenticator = true
`;

/** Words that are alike mean bytes that are alike, but for what is blanked. */
export type Transcript = string[];

const ACCEPT = field.ACCESS_ACCEPT;
const REJECT = field.ACCESS_REJECT;
const ASKS = field.ACCESS_CHALLENGE;

/** Plays the script; `seconds` is the time of mOTP's code. Throws where a reply is of another kind than it must be. */
export async function play(ports: readonly [number, number], seconds: number): Promise<Transcript> {
  const said: Transcript = [];
  beginAnew();
  const nas = await openNas("127.0.0.1", ports);
  const plain = await openNas(PLAIN_NAS, ports);
  /** Sends one request, whose reply must have a code, and writes it down. */
  const say = async (what: string, code: number, asked: Buffer, from = nas, port = 0): Promise<Packet> => {
    const reply = await from.ask(asked, port);
    said.push(`${what}: ${tell(reply, asked)}`);
    if (reply[0] !== code) throw new Error(`${what}: code ${reply[0]} in place of ${code}`);
    return parsePacket(reply)!;
  };
  const twice = async (what: string, code: number, asked: Buffer): Promise<void> => {
    const first = await nas.ask(asked);
    const again = await nas.ask(asked);
    if (!first.equals(again)) throw new Error(`${what}: its copy has another reply`);
    said.push(`${what}: ${tell(first, asked)}`);
    if (first[0] !== code) throw new Error(`${what}: code ${first[0]} in place of ${code}`);
  };
  const silence = async (what: string, asked: Buffer, from = nas, port = 0): Promise<void> => {
    await from.tell(asked, port);
    said.push(`${what}: nothing`);
  };
  const code = (i: number): string => hotp(KEY, i);

  await say("status", ACCEPT, request([], field.STATUS_SERVER));
  await say("status, accounting", field.ACCOUNTING_RESPONSE, request([], field.STATUS_SERVER), nas, 1);

  await twice("PAP, and a copy of it", ACCEPT, pap("pap", code(0)));
  await twice("PAP, spent", REJECT, pap("pap", code(0)));
  await say("PAP, wrong", REJECT, pap("pap", "000000"));
  const proxies = [attribute(field.PROXY_STATE, "one"), attribute(field.PROXY_STATE, "two")];
  await say("PAP, through two proxies", ACCEPT, pap("pap", code(1), ...proxies));
  await say("PAP, nobody", REJECT, pap("nobody", code(0)));
  await say("PAP, disabled", REJECT, pap("off", code(0)));
  const pppd = [
    integerAttribute(field.SERVICE_TYPE, 2),
    integerAttribute(field.FRAMED_PROTOCOL, 1),
    attribute(field.NAS_IDENTIFIER, "pptp"),
  ];
  await say("PAP, another dial-in type", REJECT, pap("ikev2", code(0), ...pppd));
  await say("PAP, password and code", ACCEPT, pap("both", `Geheim${code(0)}`));
  await say("PAP, mOTP", ACCEPT, pap("motp", motp(MOTP_SECRET, "6666", seconds)));
  await say("CHAP", ACCEPT, chap("chap", code(0)));
  await say("CHAP, spent", REJECT, chap("chap", code(0)));
  await say("MS-CHAPv2", ACCEPT, msChapV2("ms", code(0)));
  await say("MS-CHAPv2, spent", REJECT, msChapV2("ms", code(0)));
  await say("MS-CHAPv2, nobody", REJECT, msChapV2("nobody", code(0)));

  const asks = await say("two steps, the password", ASKS, pap("two", "Geheim"));
  const state = attribute(field.STATE, asks.value(field.STATE)!);
  await say("two steps, the code", ACCEPT, pap("two", code(0), state));
  await say("two steps, the State again", REJECT, pap("two", code(1), state));
  await say("two steps, a State of nobody", REJECT, pap("two", code(1), attribute(field.STATE, "x")));
  await say("two steps, a wrong password", REJECT, pap("two", "Geheimnis"));
  const other = await say("two steps, the password once more", ASKS, pap("two", "Geheim"));
  const otherState = attribute(field.STATE, other.value(field.STATE)!);
  await say("two steps, another's State", REJECT, pap("pap", code(2), otherState));
  await say("two steps, spent", REJECT, pap("two", code(0), otherState));

  /** EAP from the identity to the method's first request, by a Nak where another one is offered. */
  const offer = async (name: string, method: number): Promise<Packet> => {
    const identity = encodeResponse(1, field.EAP_IDENTITY, Buffer.from(name));
    let reply = await say(`EAP ${method}, identity`, ASKS, eap(name, identity));
    const message = reply.joined(field.EAP_MESSAGE)!;
    if (message[4] === method) return reply;
    const nak = encodeResponse(message[1]!, field.EAP_NAK, Buffer.of(method));
    reply = await say(`EAP ${method}, Nak`, ASKS, eap(name, nak, reply.value(field.STATE)));
    return reply;
  };
  /** The response to a method's request. */
  const respond = (name: string, asked: Packet, password: string): Buffer => {
    const message = asked.joined(field.EAP_MESSAGE)!;
    const [, id = 0, , , type = 0] = message;
    const data = message.subarray(5);
    if (type === field.EAP_GTC)
      return eap(name, encodeResponse(id, type, Buffer.from(password)), asked.value(field.STATE));
    if (type === field.EAP_MD5) {
      const value = respondChap(Buffer.of(id), password, data.subarray(1, 17));
      return eap(
        name,
        encodeResponse(id, type, Buffer.concat([Buffer.of(16), value])),
        asked.value(field.STATE),
      );
    }
    const exchange = {
      authenticatorChallenge: data.subarray(5, 21),
      peerChallenge,
      name: Buffer.from(name),
      password,
    };
    const value = Buffer.concat([
      peerChallenge,
      Buffer.alloc(8),
      respondMsChapV2(exchange).response,
      Buffer.of(0),
    ]);
    const length = 5 + value.length + name.length;
    const head = Buffer.of(field.OP_RESPONSE, data[1]!, 0, length, value.length);
    return eap(
      name,
      encodeResponse(id, type, Buffer.concat([head, value, Buffer.from(name)])),
      asked.value(field.STATE),
    );
  };
  for (const [name, method] of [
    ["md5", field.EAP_MD5],
    ["gtc", field.EAP_GTC],
  ] as const) {
    await say(`EAP ${method}`, ACCEPT, respond(name, await offer(name, method), code(0)));
    await say(`EAP ${method}, spent`, REJECT, respond(name, await offer(name, method), code(0)));
  }
  const password = await say(
    "EAP-GTC, the password",
    ASKS,
    respond("two-gtc", await offer("two-gtc", field.EAP_GTC), "Geheim"),
  );
  await say("EAP-GTC, the code", ACCEPT, respond("two-gtc", password, code(0)));

  const asked = await offer("eap", field.EAP_MSCHAPV2);
  const proof = respond("eap", asked, code(0));
  const success = await say("EAP-MSCHAPv2, the proof", ASKS, proof);
  const end = encodeResponse(
    success.joined(field.EAP_MESSAGE)![1]!,
    field.EAP_MSCHAPV2,
    Buffer.of(field.OP_SUCCESS),
  );
  const last = eap("eap", end, success.value(field.STATE));
  const reply = await nas.ask(last);
  said.push(`EAP-MSCHAPv2, acknowledged: ${tell(reply, last, false)}`);
  // Both keys are those that the peer computes; they are of the server's random challenge, and so not compared.
  const keys = respondMsChapV2({
    authenticatorChallenge: asked.joined(field.EAP_MESSAGE)!.subarray(10, 26),
    peerChallenge,
    name: Buffer.from("eap"),
    password: code(0),
  });
  const shown = secret.revealKey(
    parsePacket(reply)!.vendorValue(field.MICROSOFT, field.MS_MPPE_SEND_KEY)!,
    last.subarray(4, 20),
  );
  if (reply[0] !== ACCEPT || !shown?.equals(keys.sendKey))
    throw new Error("EAP-MSCHAPv2: not accepted, or a wrong key");
  await say("EAP-MSCHAPv2, acknowledged again", REJECT, eap("eap", end, success.value(field.STATE)));
  const failure = await say(
    "EAP-MSCHAPv2, spent",
    ASKS,
    respond("eap", await offer("eap", field.EAP_MSCHAPV2), code(0)),
  );
  const told = encodeResponse(
    failure.joined(field.EAP_MESSAGE)![1]!,
    field.EAP_MSCHAPV2,
    Buffer.of(field.OP_FAILURE),
  );
  await say("EAP-MSCHAPv2, the failure acknowledged", REJECT, eap("eap", told, failure.value(field.STATE)));
  await say("EAP without a State", REJECT, eap("eap", end));
  await say(
    "EAP, a method that is not offered",
    REJECT,
    eap(
      "eap",
      encodeResponse(asked.joined(field.EAP_MESSAGE)![1]!, field.EAP_NAK, Buffer.of(13)),
      asked.value(field.STATE),
    ),
  );

  await say("no name", REJECT, request([attribute(field.USER_PASSWORD, Buffer.alloc(16))]));
  await say("no proof", REJECT, request([user("pap")]));
  await say(
    "a proof of a wrong length",
    REJECT,
    request([user("pap"), attribute(field.USER_PASSWORD, Buffer.alloc(17))]),
  );
  await say(
    "MS-CHAPv1",
    REJECT,
    request([user("pap"), vendorAttribute(field.MICROSOFT, field.MS_CHAP_RESPONSE, Buffer.alloc(50))]),
  );
  const short = pap("pap", code(2));
  await silence("cut off", short.subarray(0, 40));
  const bent = pap("pap", code(2));
  bent[25]! ^= 1;
  await silence("a wrong Message-Authenticator", bent);
  await silence("a code that is no request", request([], field.ACCESS_ACCEPT));
  await silence("a login at the accounting port", pap("pap", code(2)), nas, 1);

  await say("no second step, the password", REJECT, pap("two", "Geheim"), plain);
  await say("a type that the client has", REJECT, pap("ikev2", code(0)), plain);
  await say("PAP from another NAS", ACCEPT, pap("pap", code(2)), plain);
  const unsigned = encodePacket(field.ACCESS_REQUEST, 250, Buffer.alloc(16, 1), [user("pap")], {
    bare: true,
  })!;
  await silence("unsigned, from a NAS that must sign", unsigned, plain);

  const account = (status: number, ...more: Buffer[]): Buffer => {
    const all = [
      user("pap"),
      attribute(field.ACCT_SESSION_ID, "s1"),
      integerAttribute(field.ACCT_STATUS_TYPE, status),
    ];
    return secret.sign(
      encodePacket(field.ACCOUNTING_REQUEST, nextIdentifier(), Buffer.alloc(16), [...all, ...more], {
        bare: true,
      })!,
    );
  };
  const start = account(field.ACCT_START, ...proxies);
  await say("accounting, start", field.ACCOUNTING_RESPONSE, start, nas, 1);
  await say("accounting, a copy of it", field.ACCOUNTING_RESPONSE, start, nas, 1);
  await say("accounting, stop", field.ACCOUNTING_RESPONSE, account(field.ACCT_STOP), nas, 1);
  const forged = account(field.ACCT_STOP);
  forged[6]! ^= 1;
  await silence("accounting, a wrong authenticator", forged, nas, 1);
  await silence("accounting at the port of logins", account(field.ACCT_STOP));
  const disconnect = secret.sign(
    encodePacket(field.DISCONNECT_REQUEST, nextIdentifier(), Buffer.alloc(16), [], {
      bare: true,
    })!,
  );
  await say("a Disconnect-Request", field.DISCONNECT_NAK, disconnect);
  nas.close();
  plain.close();
  return said;
}
