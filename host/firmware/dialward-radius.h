/*
 * dialward-radius.h: the interface of radius.router.wasm for a host in C.
 * Printed by host/firmware/header.mjs from assembly/radius/. Do not edit.
 */
#ifndef DIALWARD_RADIUS_H
#define DIALWARD_RADIUS_H

#include <stdint.h>

/*
 * The rules that a host keeps
 *
 *  1. Start: refuse the module unless version() is DIALWARD_RADIUS_VERSION and selfTest() answers DIALWARD_RADIUS_OK.
 *     Fill the entropy from the system's source, stir(), then make the clients.
 *  2. Before each read() and answer(): where DIALWARD_ENTROPY_LEFT is below DIALWARD_ENTROPY_MOST, fill and stir() again.
 *  3. A slot is the host's from the datagram to the reply. What read() returns says what to do with it; a slot of
 *     DIALWARD_READ_LOGIN, _ACKNOWLEDGED or _ACCOUNTING ends with answer() or drop().
 *  4. Commit before answer(): the state that the core has changed must be safe before an Accept leaves.
 *  5. Numbers are little-endian, those inside packets big-endian. Touch the memory only through the functions below.
 */

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The numbers that a host of radius.wasm needs: where things lie in its memory, how a slot and a client's form are laid
 * out, and what the verbs return. The TypeScript binding imports this file; the C header is printed from it.
 *
 * | from  | bytes | region    | what it holds                                                              |
 * |-------|-------|-----------|----------------------------------------------------------------------------|
 * | 0     | 8192  | scratch   | constants, and working memory as in the core; zero between calls           |
 * | 8192  | 1024  | own       | the module's own: keys, counters, texts that are being put together        |
 * | 9216  | 320   | form      | a client's secret and settings, for client()                               |
 * | 9536  | 1024  | entropy   | random bytes of the host's, for stir()                                     |
 * | 10560 | 2048  | extra     | attributes of the host's that an answer shall carry; a text for prompt()   |
 * | 12608 | …     | slots     | slots() of 9504 bytes: a datagram, what was read of it, and its reply      |
 * |       | …     | tables    | clients, conversations, copies: the module's own                           |
 *
 * Numbers are little-endian on every engine, but those inside packets, which are big-endian. Times are whole seconds of a
 * clock that never goes back, from any start.
 */

/* Version of this file. A host refuses a module whose version() differs. */
#define DIALWARD_RADIUS_VERSION                2u

#define DIALWARD_OWN_AT                        8192u
#define DIALWARD_OWN_BYTES                     1024u
/* u32, how many bytes of the entropy are left. A host stirs where they are fewer than ENTROPY_MOST, before read() and answer(). */
#define DIALWARD_ENTROPY_LEFT                  8192u
#define DIALWARD_ENTROPY_MOST                  64u

/* A client's form. client() checks it, condenses the secret and wipes the form. */
#define DIALWARD_FORM_AT                       9216u
#define DIALWARD_FORM_BYTES                    320u
#define DIALWARD_FORM_SECRET                   0u    /* up to SECRET_BYTES */
#define DIALWARD_FORM_SECRET_LENGTH            256u  /* u16, bytes, from 1 */
#define DIALWARD_FORM_SIGNED                   258u  /* u8, SIGNED_*: whether its requests must have a Message-Authenticator */
#define DIALWARD_FORM_TYPE                     259u  /* u8, one of the core's TYPE_*: the dial-in type of all its requests; 0 is told from each */
#define DIALWARD_FORM_CHALLENGE                260u  /* u8, CHALLENGE_*: whether it passes an Access-Challenge on */
#define DIALWARD_FORM_NAMES                    261u  /* u8, bit set of NAMES_*: what is cut off its users' names */
#define DIALWARD_FORM_CHAP                     262u  /* u8, 1: CHAP passes without Message-Authenticator */

/* Most bytes of a shared secret. */
#define DIALWARD_SECRET_BYTES                  256u

/* Message-Authenticator in requests: as they come; always; always once one has come. */
#define DIALWARD_SIGNED_MAY                    0u
#define DIALWARD_SIGNED_MUST                   1u
#define DIALWARD_SIGNED_AUTO                   2u

/* Access-Challenge: told from each request; passed on; not passed on. */
#define DIALWARD_CHALLENGE_TELL                0u
#define DIALWARD_CHALLENGE_YES                 1u
#define DIALWARD_CHALLENGE_NO                  2u

/* "u@realm" is u; "DOMAIN\u" is u. */
#define DIALWARD_NAMES_WITHOUT_REALM           1u
#define DIALWARD_NAMES_WITHOUT_DOMAIN          2u

/* Random bytes, from the system's source. Used bytes are wiped. */
#define DIALWARD_ENTROPY_AT                    9536u
#define DIALWARD_ENTROPY_BYTES                 1024u

/* Attributes, well formed, that answer() puts into a reply. */
#define DIALWARD_EXTRA_AT                      10560u
#define DIALWARD_EXTRA_BYTES                   2048u
/* Most bytes of a prompt, which lies there for prompt(): UTF-8 without control characters. */
#define DIALWARD_PROMPT_BYTES                  152u

/* A slot. */
#define DIALWARD_SLOTS_AT                      12608u
#define DIALWARD_SLOT_LENGTH                   0u    /* u16, host: bytes of the datagram */
#define DIALWARD_SLOT_CLIENT                   2u    /* u16, host: index of the client that sent it */
#define DIALWARD_SLOT_ACCOUNTING               4u    /* u8, host: 1 where it came to the accounting port */
#define DIALWARD_SLOT_READ                     5u    /* u8, READ_*, what read() has returned */
#define DIALWARD_SLOT_REASON                   6u    /* u8, REASON_*, with READ_REFUSED */
#define DIALWARD_SLOT_FLAGS                    7u    /* u8, bit set of ROW_* */
#define DIALWARD_SLOT_NAME                     8u    /* u16, where in the packet the user's name begins, without what the client's setting cuts off */
#define DIALWARD_SLOT_NAME_LENGTH              10u   /* u8, bytes */
#define DIALWARD_SLOT_TYPE                     11u   /* u8, the dial-in type, one of the core's TYPE_*; 0 is unknown */
#define DIALWARD_SLOT_STATION                  12u   /* u16, where the calling station begins, without a port */
#define DIALWARD_SLOT_STATION_LENGTH           14u   /* u8, bytes; 0 is none */
#define DIALWARD_SLOT_PHASE                    15u   /* u8, the module's own: what answer() will write */
#define DIALWARD_SLOT_REPLY_LENGTH             16u   /* u16, bytes of the reply; 0 where there is none */
#define DIALWARD_SLOT_PACKET_LENGTH            18u   /* u16, bytes of the packet, without padding behind it */
#define DIALWARD_SLOT_METHOD                   20u   /* u8, the EAP method; 0 is none */
#define DIALWARD_SLOT_IDENTIFIER               21u   /* u8, EAP's identifier */
#define DIALWARD_SLOT_MS_IDENTIFIER            22u   /* u8, MS-CHAPv2's identifier */
#define DIALWARD_SLOT_COPY                     24u   /* u32, with READ_REPEATED: the index of the slot that answers it */
#define DIALWARD_SLOT_OWN                      32u   /* 16 bytes, the module's own */
#define DIALWARD_SLOT_NOTE                     48u   /* 16 bytes, the host's: given to answer() with OUTCOME_CONTINUE or an EAP-MSCHAPv2 accept, */
/* and there again with ROW_SECOND and READ_ACKNOWLEDGED */
#define DIALWARD_NOTE_BYTES                    16u
#define DIALWARD_SLOT_REQUEST                  64u   /* a request as the core takes it, without record, source and time */
#define DIALWARD_SLOT_RESULT                   208u  /* host: the core's result, where an MS-CHAPv2 proof is accepted */
#define DIALWARD_SLOT_FIRST                    288u  /* 256 × u16: where the first attribute of each type begins in the packet; 0 is none, or an empty one */
#define DIALWARD_SLOT_PACKET                   800u  /* host: the datagram, up to DATAGRAM_BYTES */
/* Most bytes of a packet (RFC 2865 section 3). */
#define DIALWARD_DATAGRAM_BYTES                4096u
#define DIALWARD_SLOT_REPLY                    5152u
#define DIALWARD_SLOT_BYTES                    9504u

/* It had a right Message-Authenticator. */
#define DIALWARD_ROW_SIGNED                    1u
/* Its NAS can ask for the code in a second step. */
#define DIALWARD_ROW_CAN_CHALLENGE             2u
/* It is the second step of a login: SLOT_NOTE is what the host gave with the first. */
#define DIALWARD_ROW_SECOND                    4u

/* What read() returns. Nothing is sent: */
#define DIALWARD_READ_MALFORMED                1u    /* not RADIUS, or not for this port */
#define DIALWARD_READ_AUTHENTICATOR            2u    /* its Message- or Request Authenticator is wrong */
#define DIALWARD_READ_UNSIGNED                 3u    /* it lacks the Message-Authenticator that it must have */
#define DIALWARD_READ_REPEATED                 4u    /* a copy of a packet that is being answered */
/* The reply is ready to be sent: */
#define DIALWARD_READ_DUPLICATE                5u    /* a copy of a packet that was answered: the same reply */
#define DIALWARD_READ_STATUS                   6u    /* Status-Server */
#define DIALWARD_READ_STEP                     7u    /* a step of an EAP conversation */
#define DIALWARD_READ_REFUSED                  8u    /* an Access-Request that cannot be judged; SLOT_REASON says why */
#define DIALWARD_READ_NOT_OFFERED              9u    /* a Disconnect- or CoA-Request */
/* The host goes on: */
#define DIALWARD_READ_LOGIN                    16u   /* judge SLOT_REQUEST, then answer() */
#define DIALWARD_READ_ACKNOWLEDGED             17u   /* EAP-MSCHAPv2's last word after an accept: look at the user once more, then answer() */
#define DIALWARD_READ_ACCOUNTING               18u   /* record it, then answer() with OUTCOME_ACCEPT */
/* Or the host has not done its part: */
#define DIALWARD_READ_ENTROPY                  32u   /* fewer than ENTROPY_MOST random bytes are left */
#define DIALWARD_READ_SLOT                     33u   /* no such slot or client, or a datagram that is too long */

/* Why an Access-Request is refused without being judged. */
#define DIALWARD_REASON_NO_NAME                1u    /* no User-Name, or an empty one */
#define DIALWARD_REASON_NO_PROOF               2u    /* nothing that could be checked */
#define DIALWARD_REASON_BAD_PROOF              3u    /* User-Password, CHAP or MS-CHAPv2 of a length that it cannot have */
#define DIALWARD_REASON_MSCHAPV1               4u    /* MS-CHAPv1 is not offered */
#define DIALWARD_REASON_UNSIGNED_CHAP          5u    /* CHAP without Message-Authenticator needs no secret */
#define DIALWARD_REASON_EXPIRED                6u    /* State is none of ours, or too old, or another user's */
#define DIALWARD_REASON_BAD_EAP                7u    /* not an EAP response that fits */
#define DIALWARD_REASON_NO_METHOD              8u    /* the peer wants an EAP method that is not offered */
#define DIALWARD_REASON_TOLD                   9u    /* the peer acknowledges a refusal */
#define DIALWARD_REASON_DISTRUST               10u   /* the peer does not trust this server's proof */

/* What became of a login, for answer(). */
#define DIALWARD_OUTCOME_ACCEPT                1u
#define DIALWARD_OUTCOME_CONTINUE              2u    /* the password was right: ask for the code, where the NAS can */
#define DIALWARD_OUTCOME_REFUSE                3u

/* What verbs return, but read() and answer(): 0, or what is wrong. */
#define DIALWARD_RADIUS_OK                     0u
#define DIALWARD_RADIUS_INDEX                  1u    /* no such client or slot */
#define DIALWARD_RADIUS_FORM                   2u    /* a length or setting of the form, or a byte of the prompt, is out of range */
#define DIALWARD_RADIUS_SELF_TEST              3u    /* a known answer came out wrong: do not use this module here */

/* How long a packet is known again, and how long a second step is awaited, in seconds. */
#define DIALWARD_COPY_SECONDS                  30u
#define DIALWARD_WAITING_SECONDS               60u

/*
 * The numbers of RADIUS and EAP that Dialward reads or writes, here and in the hosts. RFC 2865, 2866, 2868, 2869, 3162, 3579,
 * 5176, 5997, 6911; Microsoft's: RFC 2548; EAP: RFC 3748; EAP-MSCHAPv2: draft-kamath-pppext-eap-mschapv2-02.
 */

#define DIALWARD_ACCESS_REQUEST                1u
#define DIALWARD_ACCESS_ACCEPT                 2u
#define DIALWARD_ACCESS_REJECT                 3u
#define DIALWARD_ACCOUNTING_REQUEST            4u
#define DIALWARD_ACCOUNTING_RESPONSE           5u
#define DIALWARD_ACCESS_CHALLENGE              11u
#define DIALWARD_STATUS_SERVER                 12u
#define DIALWARD_DISCONNECT_REQUEST            40u
#define DIALWARD_DISCONNECT_ACK                41u
#define DIALWARD_DISCONNECT_NAK                42u
#define DIALWARD_COA_REQUEST                   43u
#define DIALWARD_COA_NAK                       45u

#define DIALWARD_USER_NAME                     1u
#define DIALWARD_USER_PASSWORD                 2u
#define DIALWARD_CHAP_PASSWORD                 3u
#define DIALWARD_NAS_IP_ADDRESS                4u
#define DIALWARD_NAS_PORT                      5u
#define DIALWARD_SERVICE_TYPE                  6u
#define DIALWARD_FRAMED_PROTOCOL               7u
#define DIALWARD_FRAMED_IP_ADDRESS             8u
#define DIALWARD_REPLY_MESSAGE                 18u
#define DIALWARD_STATE                         24u
#define DIALWARD_VENDOR_SPECIFIC               26u
#define DIALWARD_CALLED_STATION_ID             30u
#define DIALWARD_CALLING_STATION_ID            31u
#define DIALWARD_NAS_IDENTIFIER                32u
#define DIALWARD_PROXY_STATE                   33u
#define DIALWARD_ACCT_STATUS_TYPE              40u
#define DIALWARD_ACCT_DELAY_TIME               41u
#define DIALWARD_ACCT_INPUT_OCTETS             42u
#define DIALWARD_ACCT_OUTPUT_OCTETS            43u
#define DIALWARD_ACCT_SESSION_ID               44u
#define DIALWARD_ACCT_SESSION_TIME             46u
#define DIALWARD_ACCT_INPUT_GIGAWORDS          52u
#define DIALWARD_ACCT_OUTPUT_GIGAWORDS         53u
#define DIALWARD_EVENT_TIMESTAMP               55u
#define DIALWARD_CHAP_CHALLENGE                60u
#define DIALWARD_NAS_PORT_TYPE                 61u
#define DIALWARD_TUNNEL_TYPE                   64u
#define DIALWARD_CONNECT_INFO                  77u
#define DIALWARD_EAP_MESSAGE                   79u
#define DIALWARD_MESSAGE_AUTHENTICATOR         80u
#define DIALWARD_NAS_PORT_ID                   87u
#define DIALWARD_NAS_IPV6_ADDRESS              95u
#define DIALWARD_FRAMED_INTERFACE_ID           96u
#define DIALWARD_FRAMED_IPV6_PREFIX            97u
#define DIALWARD_ERROR_CAUSE                   101u
#define DIALWARD_DELEGATED_IPV6_PREFIX         123u
#define DIALWARD_FRAMED_IPV6_ADDRESS           168u

/* Microsoft's number as a vendor, and its attribute types. */
#define DIALWARD_MICROSOFT                     311u
#define DIALWARD_MS_CHAP_RESPONSE              1u
#define DIALWARD_MS_CHAP_ERROR                 2u
#define DIALWARD_MS_MPPE_ENCRYPTION_POLICY     7u
#define DIALWARD_MS_MPPE_ENCRYPTION_TYPES      8u
#define DIALWARD_MS_CHAP_CHALLENGE             11u
#define DIALWARD_MS_MPPE_SEND_KEY              16u
#define DIALWARD_MS_MPPE_RECV_KEY              17u
#define DIALWARD_MS_CHAP2_RESPONSE             25u
#define DIALWARD_MS_CHAP2_SUCCESS              26u

/* Acct-Status-Type. */
#define DIALWARD_ACCT_START                    1u
#define DIALWARD_ACCT_STOP                     2u
#define DIALWARD_ACCT_INTERIM_UPDATE           3u
#define DIALWARD_ACCT_ON                       7u
#define DIALWARD_ACCT_OFF                      8u

/* Service-Type, Framed-Protocol, NAS-Port-Type. */
#define DIALWARD_SERVICE_FRAMED                2u
#define DIALWARD_SERVICE_OUTBOUND              5u
#define DIALWARD_SERVICE_AUTHENTICATE_ONLY     8u
#define DIALWARD_PROTOCOL_PPP                  1u
#define DIALWARD_PORT_VIRTUAL                  5u

/* Tunnel-Type (RFC 2868 section 3.1). */
#define DIALWARD_TUNNEL_PPTP                   1u
#define DIALWARD_TUNNEL_L2TP                   3u

/* Error-Cause of RFC 5176 section 3.5: Unsupported Extension. */
#define DIALWARD_UNSUPPORTED_EXTENSION         406u

/* Lengths in bytes (RFC 2865 section 3). */
#define DIALWARD_HEADER_BYTES                  20u
#define DIALWARD_PACKET_BYTES                  4096u
#define DIALWARD_AUTHENTICATOR_AT              4u
#define DIALWARD_AUTHENTICATOR_BYTES           16u
/* The most that one attribute's value holds. */
#define DIALWARD_VALUE_BYTES                   253u

#define DIALWARD_EAP_REQUEST                   1u
#define DIALWARD_EAP_RESPONSE                  2u
#define DIALWARD_EAP_SUCCESS                   3u
#define DIALWARD_EAP_FAILURE                   4u
#define DIALWARD_EAP_IDENTITY                  1u
#define DIALWARD_EAP_NAK                       3u
#define DIALWARD_EAP_MD5                       4u
#define DIALWARD_EAP_GTC                       6u
#define DIALWARD_EAP_MSCHAPV2                  26u
/* EAP-MSCHAPv2's OpCode. */
#define DIALWARD_OP_CHALLENGE                  1u
#define DIALWARD_OP_RESPONSE                   2u
#define DIALWARD_OP_SUCCESS                    3u
#define DIALWARD_OP_FAILURE                    4u

/* The engine: three functions that a host fills in for its way of running the module. */

/* The verbs, and for each its name in the module and its number of arguments: X(verb, name, arguments). */
#define DIALWARD_RADIUS_VERBS(X) \
  X(DIALWARD_RADIUS_CALL_VERSION, version, 0) \
  X(DIALWARD_RADIUS_CALL_SLOTS, slots, 0) \
  X(DIALWARD_RADIUS_CALL_CLIENTS, clients, 0) \
  X(DIALWARD_RADIUS_CALL_SELF_TEST, selfTest, 0) \
  X(DIALWARD_RADIUS_CALL_STIR, stir, 0) \
  X(DIALWARD_RADIUS_CALL_CLIENT, client, 2) \
  X(DIALWARD_RADIUS_CALL_FORGET, forget, 1) \
  X(DIALWARD_RADIUS_CALL_PROMPT, prompt, 1) \
  X(DIALWARD_RADIUS_CALL_READ, read, 2) \
  X(DIALWARD_RADIUS_CALL_ANSWER, answer, 4) \
  X(DIALWARD_RADIUS_CALL_DROP, drop, 1) \
  X(DIALWARD_RADIUS_CALL_WIPE, wipe, 0)
#define DIALWARD_RADIUS_VERB(verb, name, arguments) verb,
enum dialward_radius_verb { DIALWARD_RADIUS_VERBS(DIALWARD_RADIUS_VERB) DIALWARD_RADIUS_CALLS };

/* What dialward_radius_call returns if the engine stopped the module. It never should: use the module no more. */
#define DIALWARD_RADIUS_TRAPPED 0xffffffffu

/* Calls a verb and returns what it returns; arguments that it does not have are 0. */
uint32_t dialward_radius_call(enum dialward_radius_verb verb, uint32_t first, uint32_t second, uint32_t third, uint32_t fourth);
/* Copies `length` bytes of the page, from address `at` on, to or from the host's memory. */
void dialward_radius_load(uint32_t at, void *bytes, uint32_t length);
void dialward_radius_store(uint32_t at, const void *bytes, uint32_t length);

/* The verbs as functions. */

/* RADIUS_VERSION of the module. */
static inline uint32_t dialward_radius_version(void) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_VERSION, 0, 0, 0, 0);
}

/* How many datagrams it answers at once. */
static inline uint32_t dialward_radius_slots(void) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_SLOTS, 0, 0, 0, 0);
}

/* How many clients it knows. */
static inline uint32_t dialward_radius_clients(void) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_CLIENTS, 0, 0, 0, 0);
}

/* Runs the RFCs' known answers; wipes everything, before and after. RADIUS_SELF_TEST: do not use. */
static inline uint32_t dialward_radius_self_test(void) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_SELF_TEST, 0, 0, 0, 0);
}

/* ENTROPY_BYTES random bytes lie at ENTROPY_AT. At the start, and whenever read() returns READ_ENTROPY. */
static inline uint32_t dialward_radius_stir(void) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_STIR, 0, 0, 0, 0);
}

/*
 * Makes client `index` of the form at FORM_AT and wipes the form. keep = 1: it is the NAS of before, whose packets and
 * conversations stay known; 0: another one. On an error nothing changes.
 */
static inline uint32_t dialward_radius_client(uint32_t index, uint32_t keep) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_CLIENT, index, keep, 0, 0);
}

/* Forgets client `index`: its packets are not read any more. */
static inline uint32_t dialward_radius_forget(uint32_t index) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_FORGET, index, 0, 0, 0);
}

/*
 * Users are asked for a code by the `length` bytes at EXTRA_AT, at most PROMPT_BYTES; 0: by the module's own words. It
 * holds until wipe().
 */
static inline uint32_t dialward_radius_prompt(uint32_t length) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_PROMPT, length, 0, 0, 0);
}

/* Reads the datagram in slot `index` at `now`; returns READ_*. */
static inline uint32_t dialward_radius_read(uint32_t index, uint32_t now) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_READ, index, now, 0, 0);
}

/*
 * Writes the reply to what read() returned as READ_LOGIN, READ_ACKNOWLEDGED or READ_ACCOUNTING, by OUTCOME_*. An
 * Access-Accept carries the first `extra` bytes at EXTRA_AT. Returns the reply's length; 0 where nothing can be sent.
 */
static inline uint32_t dialward_radius_answer(uint32_t index, uint32_t outcome, uint32_t extra, uint32_t now) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_ANSWER, index, outcome, extra, now);
}

/* Gives up what slot `index` holds: no reply, and the packet is judged anew when it comes again. */
static inline uint32_t dialward_radius_drop(uint32_t index) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_DROP, index, 0, 0, 0);
}

/* Zeroes everything but the constants. */
static inline uint32_t dialward_radius_wipe(void) {
  return dialward_radius_call(DIALWARD_RADIUS_CALL_WIPE, 0, 0, 0, 0);
}

#ifdef __cplusplus
}
#endif

#endif

