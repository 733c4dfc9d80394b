// MS-CHAPv2 in RADIUS: the response that is checked, and what a PPP daemon needs back, with keys for MPPE.
// Sources: RFC 2548 sections 2.1.5, 2.3, 2.4; RFC 2759 sections 5 and 6; RFC 3079.

import { randomBytes } from "node:crypto";
import type { MsChapV2Keys, Proof } from "../core/dial-in.ts";
import type { Nas } from "./clients.ts";
import {
  MICROSOFT,
  MS_CHAP2_RESPONSE,
  MS_CHAP2_SUCCESS,
  MS_CHAP_CHALLENGE,
  MS_CHAP_ERROR,
  MS_CHAP_RESPONSE,
  MS_MPPE_ENCRYPTION_POLICY,
  MS_MPPE_ENCRYPTION_TYPES,
  MS_MPPE_RECV_KEY,
  MS_MPPE_SEND_KEY,
  USER_NAME,
} from "./dictionary.ts";
import { vendorAttribute, type Packet } from "./packet.ts";

/** Encryption allowed, not required: the daemon's own configuration requires it. */
const POLICY_ALLOWED = Buffer.of(0, 0, 0, 1);
/** 128-bit RC4 only. */
const TYPES_128 = Buffer.of(0, 0, 0, 4);

/** Whether the request is MS-CHAPv1, which is not offered: it can be broken in hours whatever the password. */
export function isMsChapV1(packet: Packet): boolean {
  return packet.vendorValue(MICROSOFT, MS_CHAP_RESPONSE) !== undefined;
}

/** The response with both challenges, and its identifier. */
export function readMsChapV2(packet: Packet): { proof: Proof; identifier: number } | undefined {
  const challenge = packet.vendorValue(MICROSOFT, MS_CHAP_CHALLENGE);
  const response = packet.vendorValue(MICROSOFT, MS_CHAP2_RESPONSE);
  if (challenge?.length !== 16 || response?.length !== 50) return undefined;
  return {
    identifier: response[0]!,
    proof: {
      kind: "mschapv2",
      authenticatorChallenge: challenge,
      peerChallenge: response.subarray(2, 18),
      response: response.subarray(26),
      name: withoutDomain(packet.value(USER_NAME) ?? Buffer.alloc(0)),
    },
  };
}

/** The name as the peer hashed it: what follows "DOMAIN\" (RFC 2759 section 4). */
export function withoutDomain(name: Uint8Array): Uint8Array {
  return name.subarray(name.indexOf(0x5c) + 1);
}

/** "S=" and 40 hexadecimal digits (RFC 2759 section 5). */
export function printAuthenticatorResponse(keys: MsChapV2Keys): string {
  return `S=${Buffer.from(keys.authenticatorResponse).toString("hex").toUpperCase()}`;
}

/** "Authentication failure, do not try again", with a challenge that is as good as none (RFC 2759 section 6). */
export function printFailure(): string {
  return `E=691 R=0 C=${randomBytes(16).toString("hex").toUpperCase()} V=3 M=Access denied`;
}

/** What an Access-Accept holds after MS-CHAPv2. */
export function printSuccess(
  identifier: number,
  keys: MsChapV2Keys,
  nas: Nas,
  requestAuthenticator: Uint8Array,
): Buffer[] {
  const success = Buffer.from(`\0${printAuthenticatorResponse(keys)}`);
  success[0] = identifier;
  return [
    vendorAttribute(MICROSOFT, MS_CHAP2_SUCCESS, success),
    ...printMppeKeys(keys, nas, requestAuthenticator),
    vendorAttribute(MICROSOFT, MS_MPPE_ENCRYPTION_POLICY, POLICY_ALLOWED),
    vendorAttribute(MICROSOFT, MS_MPPE_ENCRYPTION_TYPES, TYPES_128),
  ];
}

/** Both keys, hidden; after EAP-MSCHAPv2 they are the MSK's two halves (RFC 3579 section 3.16 has them so). */
export function printMppeKeys(keys: MsChapV2Keys, nas: Nas, requestAuthenticator: Uint8Array): Buffer[] {
  const salt = randomBytes(2);
  salt[0]! |= 0x80;
  const other = Buffer.of(salt[0]!, salt[1]! ^ 1);
  return [
    vendorAttribute(
      MICROSOFT,
      MS_MPPE_SEND_KEY,
      nas.shared.hideKey(keys.sendKey, requestAuthenticator, salt),
    ),
    vendorAttribute(
      MICROSOFT,
      MS_MPPE_RECV_KEY,
      nas.shared.hideKey(keys.receiveKey, requestAuthenticator, other),
    ),
  ];
}

/** What an Access-Reject holds after MS-CHAPv2 (RFC 2548 section 2.1.5). */
export function printError(identifier: number): Buffer[] {
  const error = Buffer.from(`\0${printFailure()}`);
  error[0] = identifier;
  return [vendorAttribute(MICROSOFT, MS_CHAP_ERROR, error)];
}
