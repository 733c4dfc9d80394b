// The numbers that a host of radius.wasm needs: where things lie in its memory, how a slot and a client's form are laid
// out, and what the verbs return. The TypeScript binding imports this file; the C header is printed from it.
//
// | from  | bytes | region    | what it holds                                                              |
// |-------|-------|-----------|----------------------------------------------------------------------------|
// | 0     | 8192  | scratch   | constants, and working memory as in the core; zero between calls           |
// | 8192  | 1024  | own       | the module's own: keys, counters, texts that are being put together        |
// | 9216  | 320   | form      | a client's secret and settings, for client()                               |
// | 9536  | 1024  | entropy   | random bytes of the host's, for stir()                                     |
// | 10560 | 2048  | extra     | attributes of the host's that an answer shall carry; a text for prompt()   |
// | 12608 | …     | slots     | slots() of 9504 bytes: a datagram, what was read of it, and its reply      |
// |       | …     | tables    | clients, conversations, copies: the module's own                           |
//
// Numbers are little-endian on every engine, but those inside packets, which are big-endian. Times are whole seconds of a
// clock that never goes back, from any start.

/** Version of this file. A host refuses a module whose version() differs. */
export const RADIUS_VERSION: u32 = 2;

export const OWN_AT: u32 = 8192;
export const OWN_BYTES: u32 = 1024;
/** u32, how many bytes of the entropy are left. A host stirs where they are fewer than ENTROPY_MOST, before read() and answer(). */
export const ENTROPY_LEFT: u32 = OWN_AT;
export const ENTROPY_MOST: u32 = 64;

// A client's form. client() checks it, condenses the secret and wipes the form.
export const FORM_AT: u32 = OWN_AT + OWN_BYTES;
export const FORM_BYTES: u32 = 320;
export const FORM_SECRET: u32 = 0; // up to SECRET_BYTES
export const FORM_SECRET_LENGTH: u32 = 256; // u16, bytes, from 1
export const FORM_SIGNED: u32 = 258; // u8, SIGNED_*: whether its requests must have a Message-Authenticator
export const FORM_TYPE: u32 = 259; // u8, one of the core's TYPE_*: the dial-in type of all its requests; 0 is told from each
export const FORM_CHALLENGE: u32 = 260; // u8, CHALLENGE_*: whether it passes an Access-Challenge on
export const FORM_NAMES: u32 = 261; // u8, bit set of NAMES_*: what is cut off its users' names
export const FORM_CHAP: u32 = 262; // u8, 1: CHAP passes without Message-Authenticator

/** Most bytes of a shared secret. */
export const SECRET_BYTES: u32 = 256;

/** Message-Authenticator in requests: as they come; always; always once one has come. */
export const SIGNED_MAY: u32 = 0;
export const SIGNED_MUST: u32 = 1;
export const SIGNED_AUTO: u32 = 2;

/** Access-Challenge: told from each request; passed on; not passed on. */
export const CHALLENGE_TELL: u32 = 0;
export const CHALLENGE_YES: u32 = 1;
export const CHALLENGE_NO: u32 = 2;

/** "u@realm" is u; "DOMAIN\u" is u. */
export const NAMES_WITHOUT_REALM: u32 = 1;
export const NAMES_WITHOUT_DOMAIN: u32 = 2;

/** Random bytes, from the system's source. Used bytes are wiped. */
export const ENTROPY_AT: u32 = FORM_AT + FORM_BYTES;
export const ENTROPY_BYTES: u32 = 1024;

/** Attributes, well formed, that answer() puts into a reply. */
export const EXTRA_AT: u32 = ENTROPY_AT + ENTROPY_BYTES;
export const EXTRA_BYTES: u32 = 2048;
/** Most bytes of a prompt, which lies there for prompt(): UTF-8 without control characters. */
export const PROMPT_BYTES: u32 = 152;

// A slot.
export const SLOTS_AT: u32 = EXTRA_AT + EXTRA_BYTES;
export const SLOT_LENGTH: u32 = 0; // u16, host: bytes of the datagram
export const SLOT_CLIENT: u32 = 2; // u16, host: index of the client that sent it
export const SLOT_ACCOUNTING: u32 = 4; // u8, host: 1 where it came to the accounting port
export const SLOT_READ: u32 = 5; // u8, READ_*, what read() has returned
export const SLOT_REASON: u32 = 6; // u8, REASON_*, with READ_REFUSED
export const SLOT_FLAGS: u32 = 7; // u8, bit set of ROW_*
export const SLOT_NAME: u32 = 8; // u16, where in the packet the user's name begins, without what the client's setting cuts off
export const SLOT_NAME_LENGTH: u32 = 10; // u8, bytes
export const SLOT_TYPE: u32 = 11; // u8, the dial-in type, one of the core's TYPE_*; 0 is unknown
export const SLOT_STATION: u32 = 12; // u16, where the calling station begins, without a port
export const SLOT_STATION_LENGTH: u32 = 14; // u8, bytes; 0 is none
export const SLOT_PHASE: u32 = 15; // u8, the module's own: what answer() will write
export const SLOT_REPLY_LENGTH: u32 = 16; // u16, bytes of the reply; 0 where there is none
export const SLOT_PACKET_LENGTH: u32 = 18; // u16, bytes of the packet, without padding behind it
export const SLOT_METHOD: u32 = 20; // u8, the EAP method; 0 is none
export const SLOT_IDENTIFIER: u32 = 21; // u8, EAP's identifier
export const SLOT_MS_IDENTIFIER: u32 = 22; // u8, MS-CHAPv2's identifier
export const SLOT_COPY: u32 = 24; // u32, with READ_REPEATED: the index of the slot that answers it
export const SLOT_OWN: u32 = 32; // 16 bytes, the module's own
export const SLOT_NOTE: u32 = 48; // 16 bytes, the host's: given to answer() with OUTCOME_CONTINUE or an EAP-MSCHAPv2 accept,
// and there again with ROW_SECOND and READ_ACKNOWLEDGED
export const NOTE_BYTES: u32 = 16;
export const SLOT_REQUEST: u32 = 64; // a request as the core takes it, without record, source and time
export const SLOT_RESULT: u32 = 208; // host: the core's result, where an MS-CHAPv2 proof is accepted
export const SLOT_FIRST: u32 = 288; // 256 × u16: where the first attribute of each type begins in the packet; 0 is none, or an empty one
export const SLOT_PACKET: u32 = 800; // host: the datagram, up to DATAGRAM_BYTES
/** Most bytes of a packet (RFC 2865 section 3). */
export const DATAGRAM_BYTES: u32 = 4096;
export const SLOT_REPLY: u32 = SLOT_PACKET + DATAGRAM_BYTES + SECRET_BYTES;
export const SLOT_BYTES: u32 = SLOT_REPLY + DATAGRAM_BYTES + SECRET_BYTES;

/** It had a right Message-Authenticator. */
export const ROW_SIGNED: u32 = 1;
/** Its NAS can ask for the code in a second step. */
export const ROW_CAN_CHALLENGE: u32 = 2;
/** It is the second step of a login: SLOT_NOTE is what the host gave with the first. */
export const ROW_SECOND: u32 = 4;

// What read() returns. Nothing is sent:
export const READ_MALFORMED: u32 = 1; // not RADIUS, or not for this port
export const READ_AUTHENTICATOR: u32 = 2; // its Message- or Request Authenticator is wrong
export const READ_UNSIGNED: u32 = 3; // it lacks the Message-Authenticator that it must have
export const READ_REPEATED: u32 = 4; // a copy of a packet that is being answered
// The reply is ready to be sent:
export const READ_DUPLICATE: u32 = 5; // a copy of a packet that was answered: the same reply
export const READ_STATUS: u32 = 6; // Status-Server
export const READ_STEP: u32 = 7; // a step of an EAP conversation
export const READ_REFUSED: u32 = 8; // an Access-Request that cannot be judged; SLOT_REASON says why
export const READ_NOT_OFFERED: u32 = 9; // a Disconnect- or CoA-Request
// The host goes on:
export const READ_LOGIN: u32 = 16; // judge SLOT_REQUEST, then answer()
export const READ_ACKNOWLEDGED: u32 = 17; // EAP-MSCHAPv2's last word after an accept: look at the user once more, then answer()
export const READ_ACCOUNTING: u32 = 18; // record it, then answer() with OUTCOME_ACCEPT
// Or the host has not done its part:
export const READ_ENTROPY: u32 = 32; // fewer than ENTROPY_MOST random bytes are left
export const READ_SLOT: u32 = 33; // no such slot or client, or a datagram that is too long

// Why an Access-Request is refused without being judged.
export const REASON_NO_NAME: u32 = 1; // no User-Name, or an empty one
export const REASON_NO_PROOF: u32 = 2; // nothing that could be checked
export const REASON_BAD_PROOF: u32 = 3; // User-Password, CHAP or MS-CHAPv2 of a length that it cannot have
export const REASON_MSCHAPV1: u32 = 4; // MS-CHAPv1 is not offered
export const REASON_UNSIGNED_CHAP: u32 = 5; // CHAP without Message-Authenticator needs no secret
export const REASON_EXPIRED: u32 = 6; // State is none of ours, or too old, or another user's
export const REASON_BAD_EAP: u32 = 7; // not an EAP response that fits
export const REASON_NO_METHOD: u32 = 8; // the peer wants an EAP method that is not offered
export const REASON_TOLD: u32 = 9; // the peer acknowledges a refusal
export const REASON_DISTRUST: u32 = 10; // the peer does not trust this server's proof

/** What became of a login, for answer(). */
export const OUTCOME_ACCEPT: u32 = 1;
export const OUTCOME_CONTINUE: u32 = 2; // the password was right: ask for the code, where the NAS can
export const OUTCOME_REFUSE: u32 = 3;

/** What verbs return, but read() and answer(): 0, or what is wrong. */
export const RADIUS_OK: u32 = 0;
export const RADIUS_INDEX: u32 = 1; // no such client or slot
export const RADIUS_FORM: u32 = 2; // a length or setting of the form, or a byte of the prompt, is out of range
export const RADIUS_SELF_TEST: u32 = 3; // a known answer came out wrong: do not use this module here

/** How long a packet is known again, and how long a second step is awaited, in seconds. */
export const COPY_SECONDS: u32 = 30;
export const WAITING_SECONDS: u32 = 60;
