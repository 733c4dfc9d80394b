// An Access-Request becomes a dial-in, and its verdict becomes an answer. Nothing is decided here.
// Source: RFC 2865 section 4.

import { createHmac, randomBytes } from "node:crypto";
import type { DialIn, Proof, Verdict } from "../core/dial-in.ts";
import { canChallenge, CHALLENGE_ADVICE } from "./challenge.ts";
import { readChap } from "./chap.ts";
import type { Nas } from "./clients.ts";
import {
  ACCESS_ACCEPT,
  ACCESS_CHALLENGE,
  ACCESS_REJECT,
  ACCT_SESSION_ID,
  CALLING_STATION_ID,
  CHAP_PASSWORD,
  EAP_MESSAGE,
  NAS_IP_ADDRESS,
  NAS_IPV6_ADDRESS,
  REPLY_MESSAGE,
  STATE,
  USER_NAME,
  USER_PASSWORD,
} from "./dictionary.ts";
import type { Answer, Door } from "./answer.ts";
import { answerEap } from "./eap.ts";
import { isMsChapV1, printError, printSuccess, readMsChapV2 } from "./mschapv2.ts";
import { attribute, type Packet } from "./packet.ts";
import { readPap, type ClearProof } from "./pap.ts";
import { CODE_PROMPT } from "../admission/pending-challenges.ts";
import { readCallingStation, readNasAddress, readNasName, readType } from "./type.ts";

type PapDialIn = DialIn & { proof: ClearProof };

const DENIED = attribute(REPLY_MESSAGE, "Access denied");
const ACCEPT: Answer = { code: ACCESS_ACCEPT, attributes: [] };
const REJECT: Answer = { code: ACCESS_REJECT, attributes: [DENIED] };
const REPEAT_KEY = randomBytes(32);
const LOGIN_PREFIX = randomBytes(4).toString("hex");
let logins = 0;

/** The answer to an Access-Request of `nas`, sent from `address`; undefined where it is malformed: drop it. */
export function answerAccess(
  packet: Packet,
  nas: Nas,
  address: string,
  door: Door,
): Promise<Answer | undefined> | Answer | undefined {
  const user = packet.text(USER_NAME);
  if (user === undefined || user === "") return undefined;
  const nasName = readNasName(nas, address);
  const station = readCallingStation(packet);
  const type = readType(packet, nas);
  const source = station === undefined || station === "" ? nasName : `${nasName} ${station}`;
  const own = [
    address,
    readNasAddress(packet.value(NAS_IP_ADDRESS)),
    readNasAddress(packet.value(NAS_IPV6_ADDRESS)),
  ];
  const place = door.callers.place(nasName, station, own);
  const caller = door.callers.caller(nasName, place, nas.station);
  const login = `${LOGIN_PREFIX}-r${++logins}`;
  // One literal, not a copy of another with its proof: V8 makes such copies slowly, and reads them slowly ever after.
  const dialIn = <P extends Proof>(proof: P) => ({
    user,
    proof,
    type,
    source,
    nas: nasName,
    login,
    caller,
    place,
  });
  const eapMessage = packet.joined(EAP_MESSAGE);
  if (eapMessage !== undefined)
    return answerEap(
      packet,
      eapMessage,
      nas,
      { user, type, source, nas: nasName, login, caller, place },
      door,
    );
  if (packet.find(USER_PASSWORD) !== 0) {
    const proof = readPap(packet, nas);
    return proof && answerPap(packet, nas, dialIn(proof), door);
  }
  if (packet.find(CHAP_PASSWORD) !== 0) {
    const proof = readChap(packet);
    return proof && answerChap(dialIn(proof), door);
  }
  const msChapV2 = readMsChapV2(packet);
  if (msChapV2 !== undefined)
    return answerMsChapV2(packet, nas, dialIn(msChapV2.proof), msChapV2.identifier, door);
  if (isMsChapV1(packet))
    door.log.warn(
      { login, user, nas: nasName, reason: "mschapv1-not-offered" },
      "MS-CHAPv1 is not offered: it can be broken whatever the password. Let the daemon require MS-CHAPv2, CHAP or PAP.",
    );
  else door.log.info({ login, user, nas: nasName, reason: "no-proof" }, "refuse");
  return REJECT;
}

/** PAP, in one step or two. */
function answerPap(packet: Packet, nas: Nas, dialIn: PapDialIn, door: Door): Promise<Answer> | Answer {
  const state = packet.value(STATE);
  if (state !== undefined) {
    const pending = door.pending.take(Buffer.from(state.toString("latin1"), "hex"), dialIn.user);
    if (pending?.kind !== "challenge" || pending.nas !== dialIn.nas) {
      door.log.info(
        { login: dialIn.login, user: dialIn.user, nas: dialIn.nas, reason: "challenge-expired" },
        "refuse",
      );
      return REJECT;
    }
    return door.admission.submit({ ...dialIn, second: true }).then(tell);
  }
  const repeat = nameRepeat(packet, nas, dialIn);
  return door.admission.submit(repeat === undefined ? dialIn : { ...dialIn, repeat }).then((verdict) => {
    if (verdict.outcome !== "continue") return tell(verdict);
    if (!canChallenge(packet, nas, dialIn.type)) return refuseChallenge(dialIn, door);
    // In hexadecimal: ocserv keeps a State as a C string, which would end at its first zero byte.
    const waiting = door.pending
      .put({ kind: "challenge", nas: dialIn.nas ?? "" }, dialIn.user)
      .toString("hex");
    return {
      code: ACCESS_CHALLENGE,
      attributes: [attribute(REPLY_MESSAGE, CODE_PROMPT), attribute(STATE, waiting)],
    };
  });
}

async function answerChap(dialIn: DialIn, door: Door): Promise<Answer> {
  const verdict = await door.admission.submit(dialIn);
  return verdict.outcome === "continue" ? refuseChallenge(dialIn, door) : tell(verdict);
}

async function answerMsChapV2(
  packet: Packet,
  nas: Nas,
  dialIn: DialIn,
  identifier: number,
  door: Door,
): Promise<Answer> {
  const verdict = await door.admission.submit(dialIn);
  if (verdict.outcome === "continue") refuseChallenge(dialIn, door);
  if (verdict.outcome !== "accept" || verdict.keys === undefined)
    return { code: ACCESS_REJECT, attributes: [DENIED, ...printError(identifier)] };
  return {
    code: ACCESS_ACCEPT,
    attributes: printSuccess(identifier, verdict.keys, nas, packet.authenticator),
  };
}

function tell(verdict: Verdict): Answer {
  return verdict.outcome === "accept" ? ACCEPT : REJECT;
}

function refuseChallenge({ login, user, nas, type }: DialIn, door: Door): Answer {
  door.log.warn({ login, user, nas, type, reason: "challenge-not-supported" }, CHALLENGE_ADVICE);
  return REJECT;
}

/**
 * What both copies of a dial-in share that OpenVPN's RADIUS plug-in sends again, from a new port with a new Request
 * Authenticator: NAS, user, code, calling station and a session that is named. A keyed hash: the code is not kept.
 * Undefined for any client that its configuration does not call such a plug-in.
 */
function nameRepeat(packet: Packet, nas: Nas, { nas: nasName, user, proof }: PapDialIn): string | undefined {
  const session = packet.value(ACCT_SESSION_ID);
  if (nas.resends !== "openvpn-plugin" || session === undefined || session.length === 0) return undefined;
  const hash = createHmac("sha256", REPEAT_KEY);
  for (const part of [nasName ?? "", user, proof.text, packet.value(CALLING_STATION_ID), session])
    hash.update(`${part === undefined ? "-" : Buffer.byteLength(part)}:`).update(part ?? "");
  return hash.digest("base64");
}
