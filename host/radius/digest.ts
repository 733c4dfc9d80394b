// What a shared secret does: Response and Message-Authenticator, hidden passwords and keys.
// Sources: RFC 2865 sections 3 and 5.2, RFC 2866 section 3, RFC 3579 section 3.2, RFC 2548 section 2.4.2.

import { randomBytes, timingSafeEqual } from "node:crypto";
import { DialwardError } from "../errors.ts";
import { md5, message, MESSAGE_BYTES } from "./md5.ts";
import { AUTHENTICATOR_BYTES, HEADER_BYTES, MESSAGE_AUTHENTICATOR, PACKET_BYTES } from "./dictionary.ts";
import type { Packet } from "./packet.ts";

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 16;
const ZEROS = Buffer.alloc(DIGEST_BYTES);
const PASSWORD_BYTES = 128;
/** What there is room for behind the longest packet. */
const SECRET_BYTES = MESSAGE_BYTES - PACKET_BYTES;

/** The secret that a NAS and this server share, ready for use. */
export class SharedSecret {
  readonly #secret: Buffer;
  /** The key's inner and outer block (RFC 2104). */
  readonly #inner = Buffer.alloc(BLOCK_BYTES, 0x36);
  readonly #outer = Buffer.alloc(BLOCK_BYTES, 0x5c);

  /** `secret`: from 1 byte, as UTF-8 where it is text. Throws DialwardError "config" where it has kilobytes. */
  constructor(secret: string | Uint8Array) {
    this.#secret = Buffer.from(secret as string);
    const { length } = this.#secret;
    if (length > SECRET_BYTES) throw new DialwardError("config", `A shared secret has ${length} bytes.`);
    message.set(this.#secret);
    const key = length > BLOCK_BYTES ? md5(length) : this.#secret;
    for (let i = 0; i < key.length; i++) {
      this.#inner[i]! ^= key[i]!;
      this.#outer[i]! ^= key[i]!;
    }
  }

  /** HMAC-MD5 over `packet`, with `authenticator` in its field and zeros at `at`, where the value shall be. */
  #hmac(packet: Buffer, authenticator: Uint8Array, at: number): Uint8Array {
    message.set(this.#inner);
    message.set(packet, BLOCK_BYTES);
    message.set(authenticator, BLOCK_BYTES + 4);
    message.fill(0, BLOCK_BYTES + at, BLOCK_BYTES + at + DIGEST_BYTES);
    const digest = md5(BLOCK_BYTES + packet.length);
    message.set(this.#outer);
    message.set(digest, BLOCK_BYTES);
    return md5(BLOCK_BYTES + DIGEST_BYTES);
  }

  /** MD5 over `packet` with `authenticator` in its field, then the secret (RFC 2865 section 3). */
  #authenticator(packet: Buffer, authenticator: Uint8Array): Uint8Array {
    message.set(packet);
    message.set(authenticator, 4);
    message.set(this.#secret, packet.length);
    return md5(packet.length + this.#secret.length);
  }

  /**
   * Whether the packet's Message-Authenticator is right; undefined where it has none.
   * `authenticator`: the packet's own for a request, the request's for a reply, zeros for the packets of
   * RFC 2866 and 5176.
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

  /** Whether the authenticator of an Accounting-Request or Disconnect-Request is right (RFC 2866 section 3). */
  checkRequest(request: Packet): boolean {
    return this.checkReply(request, ZEROS);
  }

  /**
   * Signs in place what layOut() made: Message-Authenticator where it stands first, then, unless
   * `keep`, the packet's own authenticator. `authenticator` is the request's; zeros for a request of
   * RFC 2866 or 5176; with `keep` (Access-Request, Status-Server) the one that it carries.
   */
  sign(packet: Buffer, authenticator: Uint8Array = ZEROS, keep = false): Buffer {
    if (packet.length > HEADER_BYTES && packet[HEADER_BYTES] === MESSAGE_AUTHENTICATOR)
      packet.set(this.#hmac(packet, authenticator, HEADER_BYTES + 2), HEADER_BYTES + 2);
    if (!keep) packet.set(this.#authenticator(packet, authenticator), 4);
    return packet;
  }

  /** User-Password as typed, 0 to 128 bytes; undefined where its length is not one of RFC 2865 section 5.2. */
  revealPassword(hidden: Uint8Array, requestAuthenticator: Uint8Array): Buffer | undefined {
    if (hidden.length === 0 || hidden.length > PASSWORD_BYTES || hidden.length % DIGEST_BYTES !== 0)
      return undefined;
    const clear = this.#chain(hidden, requestAuthenticator, hidden);
    let length = clear.length;
    while (length > 0 && clear[length - 1] === 0) length--;
    return clear.subarray(0, length);
  }

  /** What a NAS puts into User-Password: `password` of up to 128 bytes, padded with zeros. */
  hidePassword(password: Uint8Array, requestAuthenticator: Uint8Array): Buffer {
    const padded = Buffer.alloc(Math.max(1, Math.ceil(password.length / DIGEST_BYTES)) * DIGEST_BYTES);
    padded.set(password);
    return this.#chain(padded, requestAuthenticator, undefined);
  }

  /** MS-MPPE-Send-Key or -Recv-Key: salt, then the key hidden by it (RFC 2548 section 2.4.2). */
  hideKey(key: Uint8Array, requestAuthenticator: Uint8Array, salt = this.#salt()): Buffer {
    const padded = Buffer.alloc(Math.ceil((1 + key.length) / DIGEST_BYTES) * DIGEST_BYTES);
    padded[0] = key.length;
    padded.set(key, 1);
    return Buffer.concat([salt, this.#chain(padded, Buffer.concat([requestAuthenticator, salt]), undefined)]);
  }

  /** The key in MS-MPPE-Send-Key or -Recv-Key; undefined where it is not well formed. */
  revealKey(value: Uint8Array, requestAuthenticator: Uint8Array): Buffer | undefined {
    const hidden = value.subarray(2);
    if (hidden.length === 0 || hidden.length % DIGEST_BYTES !== 0) return undefined;
    const clear = this.#chain(hidden, Buffer.concat([requestAuthenticator, value.subarray(0, 2)]), hidden);
    return clear[0]! < clear.length ? clear.subarray(1, 1 + clear[0]!) : undefined;
  }

  /** Two bytes with the first bit set, unlikely to come twice in a packet. */
  #salt(): Buffer {
    const salt = randomBytes(2);
    salt[0]! |= 0x80;
    return salt;
  }

  /**
   * RFC 2865 section 5.2: each block is covered by MD5(secret, the hidden block before it); the first by
   * MD5(secret, start). `hidden` is the input where it is being revealed; else the output hides.
   */
  #chain(input: Uint8Array, start: Uint8Array, hidden: Uint8Array | undefined): Buffer {
    const out = Buffer.allocUnsafe(input.length);
    const secret = this.#secret.length;
    message.set(this.#secret);
    let before = start;
    for (let at = 0; at < input.length; at += DIGEST_BYTES) {
      message.set(before, secret);
      const cover = md5(secret + before.length);
      for (let i = 0; i < DIGEST_BYTES; i++) out[at + i] = input[at + i]! ^ cover[i]!;
      const next = at + DIGEST_BYTES;
      if (next < input.length) before = (hidden ?? out).subarray(at, next);
    }
    return out;
  }
}

/** A Request Authenticator for an Access-Request: 16 random bytes. */
export function randomAuthenticator(): Buffer {
  return randomBytes(AUTHENTICATOR_BYTES);
}
