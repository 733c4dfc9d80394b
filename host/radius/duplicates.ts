// The same packet again: the same NAS and all its bytes, within 30 s of its first arrival. It gets the reply of the
// first one, byte for byte; any other packet is judged. Source: RFC 5080 section 2.2.2.

import { ExpiringMap } from "../admission/expiring-map.ts";

/** How long a packet is known, in milliseconds. */
const KNOWN_MS = 30_000;
/** Bytes of the packets in one generation; a small packet counts for more than it has. */
const KNOWN_BYTES = 4 * 1024 * 1024;
const LEAST_BYTES = 256;
/** To how many ports a reply goes that was asked for from several while it was not there. */
const PORTS = 8;

/** A request that was taken. */
export interface Taken {
  readonly key: string;
  /** Undefined while there is no answer. */
  reply: Buffer | undefined;
  /** Whence it was asked for while there was no answer. */
  readonly ports: number[];
}

/** The packets of the last 30 s. */
export class Duplicates {
  readonly #taken: ExpiringMap<string, Taken>;

  constructor(now?: () => number) {
    this.#taken = new ExpiringMap(KNOWN_MS, KNOWN_BYTES, now);
  }

  /** Packets that take memory. */
  get size(): number {
    return this.#taken.size;
  }

  /** What is known of this packet from `address`; where it is under way, `port` gets the reply too. */
  find(packet: Buffer, address: string, port: number, accounting: boolean): Taken | undefined {
    const taken = this.#taken.get(keyOf(packet, address, accounting));
    if (taken && taken.reply === undefined && !taken.ports.includes(port) && taken.ports.length < PORTS)
      taken.ports.push(port);
    return taken;
  }

  /** Knows a packet from now on. */
  take(packet: Buffer, address: string, port: number, accounting: boolean): Taken {
    const taken: Taken = { key: keyOf(packet, address, accounting), reply: undefined, ports: [port] };
    this.#taken.set(taken.key, taken, Math.max(packet.length, LEAST_BYTES));
    return taken;
  }

  /** Judges it anew when it comes again. */
  forget({ key }: Taken): void {
    this.#taken.delete(key);
  }
}

/** An address holds no blank, so that no two packets share a key. */
function keyOf(packet: Buffer, address: string, accounting: boolean): string {
  return `${accounting ? "accounting" : "access"} ${address} ${packet.toString("latin1")}`;
}
