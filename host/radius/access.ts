// An Access-Request that the module has read becomes a dial-in for admission; why others are refused is put into words.
// Nothing is decided here. Source: RFC 2865 section 4.

import { createHmac, randomBytes } from "node:crypto";
import * as core from "../../assembly/abi.ts";
import {
  REASON_BAD_EAP,
  REASON_BAD_PROOF,
  REASON_DISTRUST,
  REASON_EXPIRED,
  REASON_MSCHAPV1,
  REASON_NO_METHOD,
  REASON_NO_NAME,
  REASON_NO_PROOF,
  REASON_TOLD,
  REASON_UNSIGNED_CHAP,
  ROW_SECOND,
} from "../../assembly/radius/abi.ts";
import {
  ACCT_SESSION_ID,
  CALLING_STATION_ID,
  EAP_MESSAGE,
  NAS_IP_ADDRESS,
  NAS_IPV6_ADDRESS,
} from "../../assembly/radius/dictionary.ts";
import type { Callers } from "../admission/caller.ts";
import type { DialIn, Proof } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import type { Known } from "./nas-table.ts";
import type { Packets } from "./packets.ts";

const REPEAT_KEY = randomBytes(32);
const LOGIN_PREFIX = randomBytes(4).toString("hex");
let logins = 0;

/** The dial-in in a slot that was read as READ_LOGIN or READ_ACKNOWLEDGED; its bytes are copies. */
export function readDialIn(packets: Packets, slot: number, known: Known, callers: Callers): DialIn {
  const { nas, name, address } = known;
  const user = readUser(packets, slot, known);
  const station = packets.station(slot);
  const proof = readProof(packets.request(slot));
  const own = [
    address,
    readAddress(packets, slot, NAS_IP_ADDRESS),
    readAddress(packets, slot, NAS_IPV6_ADDRESS),
  ];
  const place = callers.place(name, station, own);
  const dialIn: DialIn = {
    user,
    proof,
    type: packets.type(slot),
    source: station === undefined ? name : `${name} ${station}`,
    nas: name,
    login: nextLogin(),
    caller: callers.caller(name, place, nas.station),
    place,
  };
  if ((packets.flags(slot) & ROW_SECOND) !== 0) {
    dialIn.second = true;
    dialIn.standing = Buffer.from(packets.note(slot));
  } else if (nas.resends === "openvpn-plugin" && proof.kind === "clear") {
    const repeat = nameRepeat(packets, slot, name, user, proof.text);
    if (repeat !== undefined) dialIn.repeat = repeat;
  }
  return dialIn;
}

/** NAS-IP-Address (4 bytes) or NAS-IPv6-Address (16) as text; undefined where it is missing or of another length. */
function readAddress(packets: Packets, slot: number, type: number): string | undefined {
  const value = packets.value(slot, type);
  if (value?.length === 4) return value.join(".");
  return value?.length === 16 ? value.toString("hex").match(/.{4}/g)!.join(":") : undefined;
}

/** The user whom a request names, as its client's settings have it. */
export function readUser(packets: Packets, slot: number, { nas }: Known): string {
  const user = packets.name(slot);
  return nas.case === "fold" ? user.toLowerCase() : user;
}

/** The log's id of the next login. */
export function nextLogin(): string {
  return `${LOGIN_PREFIX}-r${++logins}`;
}

/** The proof in a request of the core's (assembly/abi.ts). A text that was too long keeps its length. */
function readProof(request: Buffer): Proof {
  const length = request[core.REQUEST_LENGTH]!;
  const copy = (at: number, bytes: number): Buffer => Buffer.from(request.subarray(at, at + bytes));
  const kind = request[core.REQUEST_PROOF]!;
  if (kind === core.PROOF_CHAP)
    return {
      kind: "chap",
      id: request[core.REQUEST_CHAP_ID]!,
      challenge: padded(copy(core.REQUEST_CHALLENGE, core.CHALLENGE_BYTES), length),
      response: copy(core.REQUEST_RESPONSE, 16),
    };
  if (kind === core.PROOF_MSCHAPV2)
    return {
      kind: "mschapv2",
      authenticatorChallenge: copy(core.REQUEST_CHALLENGE, 16),
      peerChallenge: copy(core.REQUEST_PEER_CHALLENGE, 16),
      response: copy(core.REQUEST_RESPONSE, 24),
      name: padded(copy(core.REQUEST_NAME, core.NAME_BYTES), request[core.REQUEST_NAME_LENGTH]!),
    };
  return { kind: "clear", text: padded(copy(core.REQUEST_TEXT, core.TEXT_BYTES), length) };
}

/** The first `length` bytes, with zeros for those that were clipped. */
function padded(bytes: Buffer, length: number): Buffer {
  return length <= bytes.length ? bytes.subarray(0, length) : Buffer.concat([bytes], length);
}

/**
 * What both copies of a dial-in share that OpenVPN's RADIUS plug-in sends twice, from a new port with a new Request
 * Authenticator: NAS, user, code, calling station and a session that is named. A keyed hash: the code is not kept.
 * Undefined where the session is not named.
 */
function nameRepeat(
  packets: Packets,
  slot: number,
  nas: string,
  user: string,
  code: Uint8Array,
): string | undefined {
  const session = packets.value(slot, ACCT_SESSION_ID);
  if (session === undefined) return undefined;
  const hash = createHmac("sha256", REPEAT_KEY);
  for (const part of [nas, user, code, packets.value(slot, CALLING_STATION_ID), session])
    hash.update(`${part === undefined ? "-" : Buffer.byteLength(part)}:`).update(part ?? "");
  return hash.digest("base64");
}

/** What the log says of an Access-Request that was refused without being judged, and what an administrator can do. */
const REFUSALS: Record<number, readonly [reason: string, advice?: string]> = {
  [REASON_NO_NAME]: ["no-name"],
  [REASON_NO_PROOF]: ["no-proof"],
  [REASON_BAD_PROOF]: ["bad-proof"],
  [REASON_MSCHAPV1]: [
    "mschapv1-not-offered",
    "MS-CHAPv1 is not offered: it can be broken whatever the password. Let the daemon require MS-CHAPv2, CHAP or PAP.",
  ],
  [REASON_UNSIGNED_CHAP]: [
    "unsigned-chap",
    "CHAP without Message-Authenticator proves no shared secret: anybody could send it. Let the NAS send Message-Authenticator, or set unsignedChap of this client.",
  ],
  [REASON_BAD_EAP]: ["bad-eap"],
  [REASON_NO_METHOD]: ["no-eap-method"],
  [REASON_DISTRUST]: ["server-distrusted"],
};

/** Tells the log why the Access-Request in a slot was refused; an acknowledged refusal is not told twice. */
export function logRefusal(packets: Packets, slot: number, known: Known, log: Log): void {
  const why = packets.reason(slot);
  if (why === REASON_TOLD) return;
  const eap = packets.value(slot, EAP_MESSAGE) !== undefined;
  const [reason, advice] =
    why === REASON_EXPIRED ? [eap ? "eap-expired" : "challenge-expired"] : (REFUSALS[why] ?? ["bad-request"]);
  const fields = { login: nextLogin(), user: readUser(packets, slot, known), nas: known.name, reason };
  if (advice === undefined) log.info(fields, "refuse");
  else log.warn(fields, advice);
}

/** For the log: what an administrator can do about a NAS that cannot ask twice. */
export const CHALLENGE_ADVICE =
  "The password was right, but this NAS cannot ask for the code in a second step. Set the profile's mode to password+code, or use a daemon that can: ocserv, PAM, EAP-GTC, OpenVPN's management socket.";
