// What a shared secret does at a client: signs requests, checks replies, hides passwords, shows keys.
// Sources: RFC 2865 sections 3 and 5.2, RFC 2866 section 3, RFC 3579 section 3.2, RFC 2548 section 2.4.2. The server's side
// is assembly/radius/.

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import {
  AUTHENTICATOR_BYTES,
  HEADER_BYTES,
  MESSAGE_AUTHENTICATOR,
} from "../../../assembly/radius/dictionary.ts";
import type { Packet } from "./packet.ts";

const DIGEST_BYTES = 16;
const ZEROS = Buffer.alloc(DIGEST_BYTES);

/** The secret that a NAS and a server share. */
export class SharedSecret {
  readonly #secret: Buffer;

  /** `secret`: from 1 byte, as UTF-8 where it is text. */
  constructor(secret: string | Uint8Array) {
    this.#secret = Buffer.from(secret as string);
  }

  /** HMAC-MD5 over `packet`, with `authenticator` in its field and zeros at `at`, where the value shall be. */
  #hmac(packet: Buffer, authenticator: Uint8Array, at: number): Buffer {
    const message = Buffer.from(packet);
    message.set(authenticator, 4);
    message.fill(0, at, at + DIGEST_BYTES);
    return createHmac("md5", this.#secret).update(message).digest();
  }

  /** MD5 over `packet` with `authenticator` in its field, then the secret (RFC 2865 section 3). */
  #authenticator(packet: Buffer, authenticator: Uint8Array): Buffer {
    const message = Buffer.from(packet);
    message.set(authenticator, 4);
    return createHash("md5").update(message).update(this.#secret).digest();
  }

  /**
   * Whether the packet's Message-Authenticator is right; undefined where it has none. `authenticator`: the request's.
   */
  checkMessage(packet: Packet, authenticator: Uint8Array): boolean | undefined {
    const at = packet.find(MESSAGE_AUTHENTICATOR);
    if (at === 0) return undefined;
    return timingSafeEqual(
      this.#hmac(packet.bytes, authenticator, at + 2),
      packet.bytes.subarray(at + 2, at + 2 + DIGEST_BYTES),
    );
  }

  /** Whether a reply's Response Authenticator answers a request with `requestAuthenticator`. */
  checkReply(reply: Packet, requestAuthenticator: Uint8Array): boolean {
    return timingSafeEqual(this.#authenticator(reply.bytes, requestAuthenticator), reply.authenticator);
  }

  /**
   * Signs in place what encodePacket() made: Message-Authenticator where it stands first, then, unless `keep`, the
   * packet's own authenticator. `authenticator`: zeros for a request of RFC 2866 or 5176; with `keep` (Access-Request,
   * Status-Server) the one that it carries.
   */
  sign(packet: Buffer, authenticator: Uint8Array = ZEROS, keep = false): Buffer {
    if (packet.length > HEADER_BYTES && packet[HEADER_BYTES] === MESSAGE_AUTHENTICATOR)
      packet.set(this.#hmac(packet, authenticator, HEADER_BYTES + 2), HEADER_BYTES + 2);
    if (!keep) packet.set(this.#authenticator(packet, authenticator), 4);
    return packet;
  }

  /** What a NAS puts into User-Password: `password` of up to 128 bytes, padded with zeros (RFC 2865 section 5.2). */
  hidePassword(password: Uint8Array, requestAuthenticator: Uint8Array): Buffer {
    const padded = Buffer.alloc(Math.max(1, Math.ceil(password.length / DIGEST_BYTES)) * DIGEST_BYTES);
    padded.set(password);
    return this.#cover(padded, requestAuthenticator, undefined);
  }

  /** The key in MS-MPPE-Send-Key or -Recv-Key; undefined where it is not well formed. */
  revealKey(value: Uint8Array, requestAuthenticator: Uint8Array): Buffer | undefined {
    const hidden = value.subarray(2);
    if (hidden.length === 0 || hidden.length % DIGEST_BYTES !== 0) return undefined;
    const clear = this.#cover(hidden, Buffer.concat([requestAuthenticator, value.subarray(0, 2)]), hidden);
    return clear[0]! < clear.length ? clear.subarray(1, 1 + clear[0]!) : undefined;
  }

  /**
   * RFC 2865 section 5.2: each block is covered by MD5(secret, the hidden block before it); the first by
   * MD5(secret, start). `hidden` is the input where it is being revealed; else the output hides.
   */
  #cover(input: Uint8Array, start: Uint8Array, hidden: Uint8Array | undefined): Buffer {
    const out = Buffer.alloc(input.length);
    let before = start;
    for (let at = 0; at < input.length; at += DIGEST_BYTES) {
      const cover = createHash("md5").update(this.#secret).update(before).digest();
      for (let i = 0; i < DIGEST_BYTES; i++) out[at + i] = input[at + i]! ^ cover[i]!;
      before = (hidden ?? out).subarray(at, at + DIGEST_BYTES);
    }
    return out;
  }
}

/** A Request Authenticator for an Access-Request: 16 random bytes. */
export function randomAuthenticator(): Buffer {
  return randomBytes(AUTHENTICATOR_BYTES);
}
