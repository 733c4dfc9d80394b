// What passes between the doors (RADIUS, OpenVPN, web, command line) and admission: a dial-in and its verdict.

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

/** One login, from whatever daemon. Admission adds the time. */
export interface DialIn {
  /** As sent; case-sensitive. */
  user: string;
  proof: Proof;
  /** Undefined where the door cannot tell; then every profile passes. */
  type?: DialInType | undefined;
  /** Whence, for people who read the log: the NAS and the calling station. */
  source: string;
  /** Who it is that dials in, as far as the NAS tells callers apart (host/admission/caller.ts); "" or undefined: nobody. */
  caller?: string | undefined;
  /** The place that its calling station names, whether or not that tells callers apart. */
  place?: string | undefined;
  /** The second step of `password, then code`. */
  second?: boolean;
  /** Of a second step: what the first one's verdict called the profile (Verdict.standing). */
  standing?: Uint8Array;
  /**
   * Of a NAS that sends a login again as a new packet: what both have in common, and no other login has. The second one
   * may have the verdict of the first (host/admission/repeats.ts).
   */
  repeat?: string;
  /** A right code makes a pending profile active. */
  activate?: boolean;
  /** The login's id in the log; admission makes one where the door gives none. */
  login?: string;
  /** The NAS, as the log names it. */
  nas?: string;
}

/** Why, for the log and the administrator; a door never tells it to the user. */
export type Reason =
  | "ok"
  | "password-ok"
  | "wrong-code"
  | "code-spent"
  | "must-wait"
  | "source-must-wait"
  | "profile-pending"
  | "profile-disabled"
  | "type-not-allowed"
  | "unknown-user"
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

export interface Verdict {
  /** `continue`: the password was right, ask for the code and send it as the second step. */
  outcome: "accept" | "continue" | "refuse";
  reason: Reason;
  /** Seconds until the next attempt is considered; 0 is now. */
  waitSeconds: number;
  /** Steps from the clock's step to the one that matched, where one did. */
  offset: number;
  keys?: MsChapV2Keys;
  /** 16 bytes that name the profile as it was judged; whoever lets the user in later asks whether it still is (Admission.look). */
  standing?: Uint8Array;
}
