// An Access-Request that the module has read becomes a login for admission; why others are refused is put into words.
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
import { isTyped, type DialInType, type LaidOut, type Login, type Verdict } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import type { Known } from "./nas-table.ts";
import type { Packets } from "./packets.ts";

const REPEAT_KEY = randomBytes(32);
/** Ids of one prefix. With it they have up to twelve letters: V8 puts longer texts together twice, when they are read too. */
const LOGINS = 100_000;
let prefix = "";
let logins = LOGINS;

/** The login in a slot: one object for each slot, filled anew for each login. Its user gets the verdict by `decided`. */
export class SlotLogin implements Login {
  readonly slot: number;
  readonly proof: LaidOut;
  readonly #decided: (slot: number, login: SlotLogin, verdict: Verdict) => void;
  user = "";
  type: DialInType | undefined;
  source = "";
  caller = "";
  place = "";
  nas = "";
  login = "";
  second: boolean | undefined;
  standing: Uint8Array | undefined;
  repeat: string | undefined;
  notValid = false;

  constructor(
    packets: Packets,
    slot: number,
    decided: (slot: number, login: SlotLogin, verdict: Verdict) => void,
  ) {
    this.slot = slot;
    this.#decided = decided;
    this.proof = { kind: "laid-out", request: packets.request(slot), result: packets.result(slot) };
  }

  /** Whether the proof is a text that was typed: another one can be asked for. */
  get typed(): boolean {
    return isTyped(this.proof);
  }

  /** Reads what was read as READ_LOGIN. */
  read(packets: Packets, known: Known, callers: Callers): void {
    const { slot } = this;
    const { nas, name } = known;
    const station = packets.station(slot);
    const own = ownAddresses(packets, slot, known);
    this.user = readUser(packets, slot, known);
    this.type = packets.type(slot);
    this.source = station === undefined ? name : `${name} ${station}`;
    this.place = callers.place(name, station, own);
    this.caller = callers.caller(name, this.place, nas.station);
    this.nas = name;
    this.login = nextLogin();
    this.second = (packets.flags(slot) & ROW_SECOND) !== 0 || undefined;
    this.standing = this.second ? packets.note(slot) : undefined;
    this.repeat =
      nas.resends === "openvpn-plugin" && this.typed && !this.second ? this.#nameRepeat(packets) : undefined;
  }

  decide(verdict: Verdict): void {
    this.#decided(this.slot, this, verdict);
  }

  /**
   * What both copies of a dial-in share that OpenVPN's RADIUS plug-in sends again, from a new port with a new Request
   * Authenticator: NAS, user, code, calling station and a session that is named. A keyed hash: the code is not kept.
   * Undefined where the session is not named.
   */
  #nameRepeat(packets: Packets): string | undefined {
    const { slot, nas, user, proof } = this;
    const session = packets.value(slot, ACCT_SESSION_ID);
    if (session === undefined) return undefined;
    const typed = proof.request.subarray(core.REQUEST_LENGTH, core.REQUEST_TEXT + core.TEXT_BYTES);
    const hash = createHmac("sha256", REPEAT_KEY);
    for (const part of [nas, user, typed, packets.value(slot, CALLING_STATION_ID), session])
      hash.update(`${part === undefined ? "-" : Buffer.byteLength(part)}:`).update(part ?? "");
    return hash.digest("base64");
  }
}

/** The NAS's own addresses: where its packets come from, and what it says. It mostly says the same as before. */
function ownAddresses(packets: Packets, slot: number, known: Known): readonly (string | undefined)[] {
  const ipv4 = packets.integer(slot, NAS_IP_ADDRESS);
  if (ipv4 !== known.saidAddress || packets.has(slot, NAS_IPV6_ADDRESS)) {
    known.saidAddress = ipv4;
    known.own = [
      known.address,
      readAddress(packets, slot, NAS_IP_ADDRESS),
      readAddress(packets, slot, NAS_IPV6_ADDRESS),
    ];
  }
  return known.own;
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
  if (++logins >= LOGINS) {
    prefix = randomBytes(4).toString("base64url") + ".";
    logins = 1;
  }
  return prefix + logins;
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

const CHALLENGE_ADVICE =
  "The password was right, but this NAS cannot ask for the code in a second step. Set the profile's mode to password+code, or use a daemon that can: ocserv, PAM, EAP-GTC, OpenVPN's management socket.";

/** Tells the log of a NAS that cannot ask twice, and what an administrator can do about it. */
export function logNoChallenge({ login, user, nas, type }: SlotLogin, log: Log): void {
  log.warn({ login, user, nas, type, reason: "challenge-not-supported" }, CHALLENGE_ADVICE);
}
