// Noise for a RADIUS server: packets that a NAS could send, bent at random, signed or not. The same seed gives the same.

import * as field from "../../assembly/radius/dictionary.ts";
import { SharedSecret } from "../../host/radius/client/digest.ts";
import { encodeResponse } from "../../host/radius/client/eap-packet.ts";
import {
  attribute,
  encodePacket,
  parsePacket,
  splitAttribute,
  vendorAttribute,
} from "../../host/radius/client/packet.ts";

/** Of the Status-Server that status() makes; no other packet has it. */
export const STATUS_IDENTIFIER = 255;
const METHODS = [field.EAP_IDENTITY, field.EAP_NAK, field.EAP_MD5, field.EAP_GTC, field.EAP_MSCHAPV2];
const CODES = [
  field.ACCOUNTING_REQUEST,
  field.STATUS_SERVER,
  field.DISCONNECT_REQUEST,
  field.COA_REQUEST,
  99,
];

export interface Noise {
  below(n: number): number;
  datagram(): Buffer;
  status(): Buffer;
  /** Takes a reply: what comes next may answer it. */
  hear(reply: Buffer): void;
  /** A text with some bytes changed. */
  bend(text: string): string;
}

export function makeNoise(seed: number): Noise {
  let state = BigInt(seed);
  const secret = new SharedSecret("testing123");
  let before: Buffer | undefined;
  let asked: Uint8Array = Buffer.of(1, 1);
  function below(n: number): number {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 33n) % n;
  }
  const bytes = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));
  const name = (): string => ["eap", "two", "nobody", ""][below(4)]!;
  const length = (usual: number): number => (below(4) ? usual : below(254));

  /** EAP that may answer the last request: its identifier, and the heads that the methods have. */
  function eap(): Buffer {
    const method = METHODS[below(METHODS.length)]!;
    const heads: Record<number, Buffer> = {
      [field.EAP_NAK]: Buffer.of(METHODS[below(METHODS.length)]!),
      [field.EAP_MD5]: Buffer.concat([Buffer.of(16), bytes(16)]),
      [field.EAP_MSCHAPV2]: Buffer.concat([
        Buffer.of(2 + below(3), 1, 0, 54 + below(8), 49),
        bytes(49),
        Buffer.from("eap"),
      ]),
    };
    const message = encodeResponse(asked[1]!, method, heads[method] ?? bytes(length(6)));
    if (below(5) === 0) message[below(message.length)]! ^= 1 << below(8);
    return message;
  }

  function attributes(): Buffer[] {
    const known = [
      () => [attribute(field.USER_PASSWORD, bytes(below(4) ? 16 * (1 + below(8)) : below(254)))],
      () => [
        attribute(field.CHAP_PASSWORD, bytes(length(17))),
        attribute(field.CHAP_CHALLENGE, bytes(length(16))),
      ],
      () => [
        vendorAttribute(field.MICROSOFT, field.MS_CHAP_CHALLENGE, bytes(below(4) ? 16 : below(40))),
        vendorAttribute(field.MICROSOFT, field.MS_CHAP2_RESPONSE, bytes(below(4) ? 50 : below(80))),
      ],
      () => splitAttribute(field.EAP_MESSAGE, eap()),
      () => [attribute(below(256), bytes(below(254)))],
      () => [
        attribute(field.CALLING_STATION_ID, bytes(below(60))),
        attribute(field.PROXY_STATE, bytes(below(254))),
      ],
    ];
    const all = [attribute(field.USER_NAME, name())];
    if (before !== undefined && below(2)) all.push(attribute(field.STATE, before));
    for (let i = 1 + below(3); i > 0; i--) all.push(...known[below(known.length)]!());
    return all;
  }

  return {
    below,
    datagram() {
      const code = below(6) ? field.ACCESS_REQUEST : CODES[below(CODES.length)]!;
      const authenticator = bytes(16);
      const packet = encodePacket(
        code,
        below(STATUS_IDENTIFIER),
        authenticator,
        attributes(),
        below(8) === 0 ? { bare: true } : {},
      );
      if (packet === undefined) return bytes(below(4200));
      if (code === field.ACCESS_REQUEST || code === field.STATUS_SERVER)
        secret.sign(packet, authenticator, true);
      else secret.sign(packet);
      // Mostly it is left signed; else one bit, the length, or its end differs.
      const how = below(10);
      if (how === 0) packet[below(packet.length)]! ^= 1 << below(8);
      if (how === 1) packet.writeUInt16BE(below(5000), 2);
      return how === 2 ? packet.subarray(0, below(packet.length)) : packet;
    },
    status() {
      const authenticator = bytes(16);
      const packet = encodePacket(field.STATUS_SERVER, STATUS_IDENTIFIER, authenticator, [])!;
      return secret.sign(packet, authenticator, true);
    },
    hear(reply) {
      const packet = parsePacket(reply);
      before = packet?.value(field.STATE) ?? before;
      asked = packet?.joined(field.EAP_MESSAGE) ?? asked;
    },
    bend(text) {
      const bent = Buffer.from(text);
      for (let i = 1 + below(4); i > 0; i--) bent[below(bent.length)] = below(256);
      return bent.toString("latin1");
    },
  };
}
