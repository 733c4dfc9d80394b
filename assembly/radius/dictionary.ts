// The numbers of RADIUS and EAP that Dialward reads or writes, here and in the hosts. RFC 2865, 2866, 2868, 2869, 3162, 3579,
// 5176, 5997, 6911; Microsoft's: RFC 2548; EAP: RFC 3748; EAP-MSCHAPv2: draft-kamath-pppext-eap-mschapv2-02.

export const ACCESS_REQUEST: u32 = 1;
export const ACCESS_ACCEPT: u32 = 2;
export const ACCESS_REJECT: u32 = 3;
export const ACCOUNTING_REQUEST: u32 = 4;
export const ACCOUNTING_RESPONSE: u32 = 5;
export const ACCESS_CHALLENGE: u32 = 11;
export const STATUS_SERVER: u32 = 12;
export const DISCONNECT_REQUEST: u32 = 40;
export const DISCONNECT_ACK: u32 = 41;
export const DISCONNECT_NAK: u32 = 42;
export const COA_REQUEST: u32 = 43;
export const COA_NAK: u32 = 45;

export const USER_NAME: u32 = 1;
export const USER_PASSWORD: u32 = 2;
export const CHAP_PASSWORD: u32 = 3;
export const NAS_IP_ADDRESS: u32 = 4;
export const NAS_PORT: u32 = 5;
export const SERVICE_TYPE: u32 = 6;
export const FRAMED_PROTOCOL: u32 = 7;
export const FRAMED_IP_ADDRESS: u32 = 8;
export const REPLY_MESSAGE: u32 = 18;
export const STATE: u32 = 24;
export const VENDOR_SPECIFIC: u32 = 26;
export const CALLED_STATION_ID: u32 = 30;
export const CALLING_STATION_ID: u32 = 31;
export const NAS_IDENTIFIER: u32 = 32;
export const PROXY_STATE: u32 = 33;
export const ACCT_STATUS_TYPE: u32 = 40;
export const ACCT_DELAY_TIME: u32 = 41;
export const ACCT_INPUT_OCTETS: u32 = 42;
export const ACCT_OUTPUT_OCTETS: u32 = 43;
export const ACCT_SESSION_ID: u32 = 44;
export const ACCT_SESSION_TIME: u32 = 46;
export const ACCT_INPUT_GIGAWORDS: u32 = 52;
export const ACCT_OUTPUT_GIGAWORDS: u32 = 53;
export const EVENT_TIMESTAMP: u32 = 55;
export const CHAP_CHALLENGE: u32 = 60;
export const NAS_PORT_TYPE: u32 = 61;
export const TUNNEL_TYPE: u32 = 64;
export const CONNECT_INFO: u32 = 77;
export const EAP_MESSAGE: u32 = 79;
export const MESSAGE_AUTHENTICATOR: u32 = 80;
export const NAS_PORT_ID: u32 = 87;
export const NAS_IPV6_ADDRESS: u32 = 95;
export const FRAMED_INTERFACE_ID: u32 = 96;
export const FRAMED_IPV6_PREFIX: u32 = 97;
export const ERROR_CAUSE: u32 = 101;
export const DELEGATED_IPV6_PREFIX: u32 = 123;
export const FRAMED_IPV6_ADDRESS: u32 = 168;

/** Microsoft's number as a vendor, and its attribute types. */
export const MICROSOFT: u32 = 311;
export const MS_CHAP_RESPONSE: u32 = 1;
export const MS_CHAP_ERROR: u32 = 2;
export const MS_MPPE_ENCRYPTION_POLICY: u32 = 7;
export const MS_MPPE_ENCRYPTION_TYPES: u32 = 8;
export const MS_CHAP_CHALLENGE: u32 = 11;
export const MS_MPPE_SEND_KEY: u32 = 16;
export const MS_MPPE_RECV_KEY: u32 = 17;
export const MS_CHAP2_RESPONSE: u32 = 25;
export const MS_CHAP2_SUCCESS: u32 = 26;

/** Acct-Status-Type. */
export const ACCT_START: u32 = 1;
export const ACCT_STOP: u32 = 2;
export const ACCT_INTERIM_UPDATE: u32 = 3;
export const ACCT_ON: u32 = 7;
export const ACCT_OFF: u32 = 8;

/** Service-Type, Framed-Protocol, NAS-Port-Type. */
export const SERVICE_FRAMED: u32 = 2;
export const SERVICE_OUTBOUND: u32 = 5;
export const SERVICE_AUTHENTICATE_ONLY: u32 = 8;
export const PROTOCOL_PPP: u32 = 1;
export const PORT_VIRTUAL: u32 = 5;

/** Tunnel-Type (RFC 2868 section 3.1). */
export const TUNNEL_PPTP: u32 = 1;
export const TUNNEL_L2TP: u32 = 3;

/** Error-Cause of RFC 5176 section 3.5: Unsupported Extension. */
export const UNSUPPORTED_EXTENSION: u32 = 406;

/** Lengths in bytes (RFC 2865 section 3). */
export const HEADER_BYTES: u32 = 20;
export const PACKET_BYTES: u32 = 4096;
export const AUTHENTICATOR_AT: u32 = 4;
export const AUTHENTICATOR_BYTES: u32 = 16;
/** The most that one attribute's value holds. */
export const VALUE_BYTES: u32 = 253;

export const EAP_REQUEST: u32 = 1;
export const EAP_RESPONSE: u32 = 2;
export const EAP_SUCCESS: u32 = 3;
export const EAP_FAILURE: u32 = 4;
export const EAP_IDENTITY: u32 = 1;
export const EAP_NAK: u32 = 3;
export const EAP_MD5: u32 = 4;
export const EAP_GTC: u32 = 6;
export const EAP_MSCHAPV2: u32 = 26;
/** EAP-MSCHAPv2's OpCode. */
export const OP_CHALLENGE: u32 = 1;
export const OP_RESPONSE: u32 = 2;
export const OP_SUCCESS: u32 = 3;
export const OP_FAILURE: u32 = 4;
