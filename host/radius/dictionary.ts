// The numbers of RADIUS that Dialward reads or writes: packet codes, attribute types, values.
// Sources: RFC 2865, 2866, 2868, 2869, 3579, 5176, 5997; Microsoft's attributes: RFC 2548.

export const ACCESS_REQUEST = 1;
export const ACCESS_ACCEPT = 2;
export const ACCESS_REJECT = 3;
export const ACCOUNTING_REQUEST = 4;
export const ACCOUNTING_RESPONSE = 5;
export const ACCESS_CHALLENGE = 11;
export const STATUS_SERVER = 12;
export const DISCONNECT_REQUEST = 40;
export const DISCONNECT_ACK = 41;
export const DISCONNECT_NAK = 42;

export const USER_NAME = 1;
export const USER_PASSWORD = 2;
export const CHAP_PASSWORD = 3;
export const NAS_IP_ADDRESS = 4;
export const NAS_PORT = 5;
export const SERVICE_TYPE = 6;
export const FRAMED_PROTOCOL = 7;
export const FRAMED_IP_ADDRESS = 8;
export const REPLY_MESSAGE = 18;
export const STATE = 24;
export const VENDOR_SPECIFIC = 26;
export const CALLED_STATION_ID = 30;
export const CALLING_STATION_ID = 31;
export const NAS_IDENTIFIER = 32;
export const NAS_IPV6_ADDRESS = 95;
export const PROXY_STATE = 33;
export const ACCT_STATUS_TYPE = 40;
export const ACCT_DELAY_TIME = 41;
export const ACCT_INPUT_OCTETS = 42;
export const ACCT_OUTPUT_OCTETS = 43;
export const ACCT_SESSION_ID = 44;
export const ACCT_SESSION_TIME = 46;
export const ACCT_INPUT_GIGAWORDS = 52;
export const ACCT_OUTPUT_GIGAWORDS = 53;
export const EVENT_TIMESTAMP = 55;
export const CHAP_CHALLENGE = 60;
export const NAS_PORT_TYPE = 61;
export const TUNNEL_TYPE = 64;
export const CONNECT_INFO = 77;
export const EAP_MESSAGE = 79;
export const MESSAGE_AUTHENTICATOR = 80;
export const NAS_PORT_ID = 87;
export const ERROR_CAUSE = 101;

/** Microsoft's number as a vendor, and its attribute types. */
export const MICROSOFT = 311;
export const MS_CHAP_RESPONSE = 1;
export const MS_CHAP_ERROR = 2;
export const MS_MPPE_ENCRYPTION_POLICY = 7;
export const MS_MPPE_ENCRYPTION_TYPES = 8;
export const MS_CHAP_CHALLENGE = 11;
export const MS_MPPE_SEND_KEY = 16;
export const MS_MPPE_RECV_KEY = 17;
export const MS_CHAP2_RESPONSE = 25;
export const MS_CHAP2_SUCCESS = 26;

/** Acct-Status-Type. */
export const ACCT_START = 1;
export const ACCT_STOP = 2;
export const ACCT_INTERIM_UPDATE = 3;
export const ACCT_ON = 7;
export const ACCT_OFF = 8;

/** Service-Type, Framed-Protocol, NAS-Port-Type. */
export const SERVICE_FRAMED = 2;
export const SERVICE_OUTBOUND = 5;
export const SERVICE_AUTHENTICATE_ONLY = 8;
export const PROTOCOL_PPP = 1;
export const PORT_VIRTUAL = 5;

/** Tunnel-Type (RFC 2868 section 3.1). */
export const TUNNEL_PPTP = 1;
export const TUNNEL_L2TP = 3;

/** Lengths in bytes (RFC 2865 section 3). */
export const HEADER_BYTES = 20;
export const PACKET_BYTES = 4096;
export const AUTHENTICATOR_BYTES = 16;
/** The most that one attribute's value holds. */
export const VALUE_BYTES = 253;
