// One login as a RADIUS client conducts it, packet by packet and without waiting: for the load generator.
// Sources: RFC 2865, RFC 1994, RFC 2548, RFC 3579, draft-kamath-pppext-eap-mschapv2-02.

import { randomBytes } from "node:crypto";
import * as field from "../assembly/radius/dictionary.ts";
import { randomAuthenticator, type SharedSecret } from "../host/radius/client/digest.ts";
import { encodeResponse } from "../host/radius/client/eap-packet.ts";
import {
  attribute,
  integerAttribute,
  encodePacket,
  parsePacket,
  splitAttribute,
  vendorAttribute,
  type Packet,
} from "../host/radius/client/packet.ts";
import { respondMsChapV2, type MsChapV2Result } from "../host/radius/client/peer-mschapv2.ts";
import { respondChap } from "../host/radius/client/peer.ts";

export const PROOFS = ["PAP", "CHAP", "MS-CHAPv2", "EAP-MSCHAPv2"] as const;
export type LoadProof = (typeof PROOFS)[number];

/** What the conversation has come to: another packet to send, or its end. */
export type Step = Buffer | "accept" | "refuse" | "wrong";

/** What the generator sends and takes, packet by packet. */
export interface Dialogue {
  start(identifier: number): Buffer;
  take(datagram: Buffer): Step;
}

const NAS = [attribute(field.NAS_IDENTIFIER, "bench"), integerAttribute(field.SERVICE_TYPE, 2)];

/** A login of one user with one code. */
export class Conversation implements Dialogue {
  readonly #secret: SharedSecret;
  readonly #user: Buffer;
  readonly #code: string;
  readonly #proof: LoadProof;
  #identifier = 0;
  #authenticator = randomAuthenticator();
  #expected: MsChapV2Result | undefined;

  constructor(secret: SharedSecret, user: string, code: string, proof: LoadProof) {
    this.#secret = secret;
    this.#user = Buffer.from(user);
    this.#code = code;
    this.#proof = proof;
  }

  /** The first packet. The identifier stays the same in all of them; the authenticator changes. */
  start(identifier: number): Buffer {
    this.#identifier = identifier;
    return this.#request(this.#firstAttributes());
  }

  /** Checks a reply in full and says what comes next. */
  take(datagram: Buffer): Step {
    const packet = parsePacket(datagram);
    if (packet === undefined || !this.#secret.checkReply(packet, this.#authenticator)) return "wrong";
    // FreeRADIUS of Debian 12 does not send one with a reply to PAP.
    if (this.#secret.checkMessage(packet, this.#authenticator) === false) return "wrong";
    if (packet.code === field.ACCESS_REJECT) return "refuse";
    if (packet.code === field.ACCESS_CHALLENGE) return this.#answer(packet);
    if (packet.code !== field.ACCESS_ACCEPT) return "wrong";
    if (this.#proof === "MS-CHAPv2") {
      const success = packet.vendorValue(field.MICROSOFT, field.MS_CHAP2_SUCCESS)?.subarray(1).toString();
      return this.#serverProved(success) ? "accept" : "wrong";
    }
    return "accept";
  }

  #request(attributes: readonly Buffer[]): Buffer {
    const all = [attribute(field.USER_NAME, this.#user), ...NAS, ...attributes];
    const packet = encodePacket(field.ACCESS_REQUEST, this.#identifier, this.#authenticator, all);
    return this.#secret.sign(packet!, this.#authenticator, true);
  }

  #firstAttributes(): Buffer[] {
    const { MICROSOFT, MS_CHAP_CHALLENGE, MS_CHAP2_RESPONSE } = field;
    if (this.#proof === "PAP") {
      const hidden = this.#secret.hidePassword(Buffer.from(this.#code), this.#authenticator);
      return [attribute(field.USER_PASSWORD, hidden)];
    }
    if (this.#proof === "CHAP") {
      const id = Buffer.of(this.#identifier);
      const response = respondChap(id, this.#code, this.#authenticator);
      return [attribute(field.CHAP_PASSWORD, Buffer.concat([id, response]))];
    }
    if (this.#proof === "MS-CHAPv2") {
      const challenge = randomBytes(16);
      const peer = this.#respond(challenge);
      const value = Buffer.concat([Buffer.of(7, 0), peer, Buffer.alloc(8), this.#expected!.response]);
      return [
        vendorAttribute(MICROSOFT, MS_CHAP_CHALLENGE, challenge),
        vendorAttribute(MICROSOFT, MS_CHAP2_RESPONSE, value),
      ];
    }
    return splitAttribute(field.EAP_MESSAGE, encodeResponse(0, field.EAP_IDENTITY, this.#user));
  }

  /** The next packet of EAP-MSCHAPv2. */
  #answer(packet: Packet): Step {
    const message = packet.joined(field.EAP_MESSAGE);
    const state = packet.value(field.STATE);
    if (message === undefined || message.length < 6 || state === undefined) return "wrong";
    const identifier = message[1]!;
    const data = message.subarray(5);
    let answer: Buffer;
    if (message[4] !== field.EAP_MSCHAPV2) {
      answer = encodeResponse(identifier, field.EAP_NAK, Buffer.of(field.EAP_MSCHAPV2));
    } else if (data[0] === field.OP_CHALLENGE) {
      const peer = this.#respond(data.subarray(5, 21));
      const value = Buffer.concat([peer, Buffer.alloc(8), this.#expected!.response, Buffer.of(0)]);
      const length = 5 + value.length + this.#user.length;
      const head = Buffer.of(field.OP_RESPONSE, data[1]!, length >> 8, length & 255, value.length);
      answer = encodeResponse(identifier, field.EAP_MSCHAPV2, Buffer.concat([head, value, this.#user]));
    } else {
      if (data[0] === field.OP_SUCCESS && !this.#serverProved(data.subarray(4).toString())) return "wrong";
      answer = encodeResponse(identifier, field.EAP_MSCHAPV2, Buffer.of(data[0]!));
    }
    this.#authenticator = randomAuthenticator();
    return this.#request([...splitAttribute(field.EAP_MESSAGE, answer), attribute(field.STATE, state)]);
  }

  /** Makes the response to a challenge; answers the peer's challenge. */
  #respond(authenticatorChallenge: Uint8Array): Buffer {
    const peerChallenge = randomBytes(16);
    this.#expected = respondMsChapV2({
      authenticatorChallenge,
      peerChallenge,
      name: this.#user,
      password: this.#code,
    });
    return peerChallenge;
  }

  #serverProved(success: string | undefined): boolean {
    const expected = this.#expected?.authenticatorResponse.toString("hex").toUpperCase();
    return success?.slice(0, 42) === `S=${expected}`;
  }
}
