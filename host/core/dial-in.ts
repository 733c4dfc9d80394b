// What passes between the doors (RADIUS, OpenVPN, web, command line) and admission: a dial-in and its verdict.

import { PROOF_CLEAR, REQUEST_LENGTH, REQUEST_PROOF, REQUEST_TEXT } from "../../assembly/abi.ts";

/** The dial-in types, in the order of their bits in a record (assembly/abi.ts, TYPE_*). */
export const DIAL_IN_TYPES = ["ipsec-xauth", "ikev2-eap", "ssl-vpn", "openvpn", "l2tp", "pptp"] as const;
export type DialInType = (typeof DIAL_IN_TYPES)[number];

/** How a dial-in shows that it knows the code. Lengths are bytes. */
export type Proof =
  /** What the user typed, UTF-8, up to 64 (PAP, EAP-GTC, XAuth, OpenVPN, web). */
  | { kind: "clear"; text: Uint8Array }
  /** RFC 1994: challenge up to 64, response 16 (CHAP, EAP-MD5). */
  | { kind: "chap"; id: number; challenge: Uint8Array; response: Uint8Array }
  /** RFC 2759: both challenges 16, NT-Response 24, name up to 64 as the peer hashed it: without a domain. */
  | {
      kind: "mschapv2";
      authenticatorChallenge: Uint8Array;
      peerChallenge: Uint8Array;
      response: Uint8Array;
      name: Uint8Array;
    };

/**
 * A proof as radius.wasm has laid it out for the core, and where the core's result of it goes: REQUEST_BYTES and
 * RESULT_BYTES (assembly/abi.ts). Both are the door's, and good until it has the verdict.
 */
export interface LaidOut {
  kind: "laid-out";
  request: Uint8Array;
  result: Uint8Array;
}

/** One login, from whatever daemon. Admission adds the time. */
export interface DialIn {
  /** As sent; case-sensitive. */
  user: string;
  proof: Proof | LaidOut;
  /** Undefined where the door cannot tell; then every profile passes. */
  type?: DialInType | undefined;
  /** Whence, for people who read the log: the NAS and the calling station. */
  source: string;
  /** Who it is that dials in, as far as the NAS tells callers apart (host/admission/caller.ts); "" or undefined: nobody. */
  caller?: string | undefined;
  /** The place that its calling station names, whether or not that tells callers apart. */
  place?: string | undefined;
  /** The second step of `password, then code`. */
  second?: boolean | undefined;
  /** Of a second step: what the first one's verdict called the profile (Verdict.standing). */
  standing?: Uint8Array | undefined;
  /**
   * Of a NAS that sends a login again as a new packet: what both have in common, and no other login has. The second one
   * may have the verdict of the first (host/admission/repeats.ts).
   */
  repeat?: string | undefined;
  /** A right code makes a pending profile active. */
  activate?: boolean;
  /** The profile is not valid now, as its user's dates or hours say: refused, at equal work. */
  notValid?: boolean;
  /** The login's id in the log; admission makes one where the door gives none. */
  login?: string;
  /** The NAS, as the log names it. */
  nas?: string;
}

/** A dial-in that waits for its verdict. */
export interface Login extends DialIn {
  /** Takes the verdict, which has been committed. Throws nothing. */
  decide(verdict: Verdict): void;
}

/** Why, for the log and the administrator; a door never tells it to the user. */
export type Reason =
  | "ok"
  | "recovered"
  | "password-ok"
  | "wrong-code"
  | "code-spent"
  | "must-wait"
  | "source-must-wait"
  | "profile-pending"
  | "profile-disabled"
  | "not-valid-now"
  | "type-not-allowed"
  /** Not while so many are logged in (host/groups/). */
  | "too-many-logins"
  /** What a group of the user's says cannot be read, or the group is gone. */
  | "group-missing"
  /** The directory that has the password gave no answer, or cannot be asked with this proof. */
  | "directory-unreachable"
  | "clear-proof-needed"
  | "unknown-user"
  | "state-damaged"
  | "bad-record"
  | "bad-request"
  | "clock-not-set"
  | "store-unavailable"
  | "overloaded"
  /** The profile was changed between a login's first word and its last. */
  | "profile-changed"
  /** The second copy of a login, from a NAS that sends one that is answered late again. */
  | "repeat"
  | "repeat-refused";

/** What MS-CHAPv2 hands back after a match (RFC 2759 section 8.7, RFC 3079 section 3.4). */
export interface MsChapV2Keys {
  /** 20 bytes, before hexadecimal. */
  authenticatorResponse: Uint8Array;
  /** 16 bytes each; send and receive are the server's. */
  masterKey: Uint8Array;
  sendKey: Uint8Array;
  receiveKey: Uint8Array;
}

/** One attribute that an Accept brings the user, as administrators write it and as RADIUS sends it. */
export interface ReplyAttribute {
  name: string;
  value: string;
  /** Type, length and value (RFC 2865 section 5). */
  bytes: Uint8Array;
}

export interface Verdict {
  /** `continue`: the password was right, ask for the code and send it as the second step. */
  outcome: "accept" | "continue" | "refuse";
  reason: Reason;
  /** Seconds until the next attempt is considered; 0 is now. */
  waitSeconds: number;
  /** Steps from the clock's step to the one that matched, where one did. */
  offset: number;
  keys?: MsChapV2Keys;
  /** What an Accept carries for the user, beside what the protocol puts there. */
  attributes?: readonly ReplyAttribute[];
  /** Of a refusal: what the user is told, up to 253 bytes. It may hold a secret, and is never logged. */
  message?: string;
  /** 16 bytes that name the profile as it was judged; whoever lets the user in later asks whether it still is (Admission.look). */
  standing?: Uint8Array;
}

/** A refusal. */
export function refuse(reason: Reason, waitSeconds = 0): Verdict {
  return { outcome: "refuse", reason, waitSeconds, offset: 0 };
}

/** What is known of a user who has been looked at once more. */
export interface Look {
  /** "ok", or why the user may not go on. */
  reason: Reason;
  /** What an Accept brings. */
  attributes?: readonly ReplyAttribute[];
}

/** Whether the proof is a text that the user typed: another one can be asked for. */
export function isTyped(proof: DialIn["proof"]): boolean {
  return proof.kind === "laid-out" ? proof.request[REQUEST_PROOF] === PROOF_CLEAR : proof.kind === "clear";
}

/** What the user typed, where that is the proof. */
export function typedText(proof: DialIn["proof"]): Uint8Array | undefined {
  if (proof.kind === "clear") return proof.text;
  if (proof.kind !== "laid-out" || !isTyped(proof)) return undefined;
  return proof.request.subarray(REQUEST_TEXT, REQUEST_TEXT + proof.request[REQUEST_LENGTH]!);
}

/** Puts another text, up to TEXT_BYTES, in place of what the user typed; in place too where the door owns the proof. */
export function replaceText(dialIn: DialIn, text: Uint8Array): void {
  const { proof } = dialIn;
  if (proof.kind === "laid-out") {
    proof.request[REQUEST_LENGTH] = text.length;
    proof.request.set(text, REQUEST_TEXT);
  } else dialIn.proof = { kind: "clear", text };
}
