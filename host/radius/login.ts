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
  NAS_PORT,
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
import { readCallingStation, readNasName, readType } from "./type.ts";

type PapDialIn = DialIn & { proof: ClearProof };

/** How long the OpenVPN plug-in's second copy is awaited, in milliseconds; it comes after its `wait`, 1 to 5 s. */
export const RESENT_MS = 6_000;

const DENIED = attribute(REPLY_MESSAGE, "Access denied");
const ACCEPT: Answer = { code: ACCESS_ACCEPT, attributes: [] };
const REJECT: Answer = { code: ACCESS_REJECT, attributes: [DENIED] };
const RESENT_KEY = randomBytes(32);
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
  const source = station === undefined ? nasName : `${nasName} ${station}`;
  const login = `${LOGIN_PREFIX}-r${++logins}`;
  // One literal, not a copy of another with its proof: V8 makes such copies slowly, and reads them slowly ever after.
  const dialIn = <P extends Proof>(proof: P) => ({ user, proof, type, source, nas: nasName, login });
  const eapMessage = packet.joined(EAP_MESSAGE);
  if (eapMessage !== undefined)
    return answerEap(packet, eapMessage, nas, { user, type, source, nas: nasName, login }, door);
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

/** PAP, in one step or two. The OpenVPN plug-in's second copy gets the first one's answer. */
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
  const key = resentKey(packet, dialIn);
  const first = key === undefined ? undefined : door.resent.get(nas.name, key);
  if (first !== undefined) return first;
  const answer = door.admission.submit(dialIn).then((verdict) => {
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
  if (key !== undefined) door.resent.set(nas.name, key, answer);
  return answer;
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
 * What both copies of a dial-in share that the OpenVPN plug-in sends twice, from a new port with a new Request
 * Authenticator: NAS, user, code, calling station and Acct-Session-Id (or, where the type is OpenVPN, NAS-Port).
 * A keyed hash: the code is not kept. Undefined where nothing tells this dial-in from the next one.
 */
function resentKey(packet: Packet, dialIn: PapDialIn): string | undefined {
  const session = packet.value(ACCT_SESSION_ID);
  const port = packet.value(NAS_PORT);
  if (session === undefined && (dialIn.type !== "openvpn" || port === undefined)) return undefined;
  const hash = createHmac("sha256", RESENT_KEY);
  for (const part of [
    dialIn.nas ?? "",
    dialIn.user,
    dialIn.proof.text,
    packet.value(CALLING_STATION_ID),
    session,
    port,
  ])
    hash.update(`${part?.length ?? -1}:`).update(part ?? "");
  return hash.digest("base64");
}
