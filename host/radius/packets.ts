// The binding to radius.wasm, which reads and signs the packets. Only this file touches its memory; the layout is
// assembly/radius/abi.ts. A slot holds one datagram, what was read of it, and its reply.

import { isUtf8 } from "node:buffer";
import { randomFillSync } from "node:crypto";
import { DIAL_IN_TYPES, type DialInType } from "../core/dial-in.ts";
import { instantiate, readModule } from "../core/module.ts";
import { DialwardError } from "../errors.ts";
import * as abi from "../../assembly/radius/abi.ts";
import { REQUEST_BYTES, RESULT_BYTES } from "../../assembly/abi.ts";

interface Verbs extends Record<string, unknown> {
  version(): number;
  slots(): number;
  clients(): number;
  selfTest(): number;
  stir(): number;
  client(index: number, keep: number): number;
  forget(index: number): number;
  prompt(length: number): number;
  read(index: number, now: number): number;
  answer(index: number, outcome: number, extra: number, now: number): number;
  drop(index: number): number;
  wipe(): number;
}

/** What the module must know of a NAS. */
export interface ClientForm {
  secret: string;
  /** One of SIGNED_*. */
  signed: number;
  type: DialInType | undefined;
  /** Whether it passes an Access-Challenge on; undefined is told from each request. */
  challenge: boolean | undefined;
  withoutRealm: boolean;
  withoutDomain: boolean;
  /** CHAP passes without Message-Authenticator. */
  unsignedChap: boolean;
}

/** Replies of one length that are kept as views, in each slot: most have one of a few. */
const VIEWS = 8;

/** One instance of the module. */
export class Packets {
  readonly #verbs: Verbs;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #replies: Buffer[][] = [];
  /** How many datagrams it holds at once, and how many clients it knows. */
  readonly slots: number;
  readonly clients: number;
  /** All that it remembers, for tests. */
  readonly memory: ArrayBuffer;

  /** Instantiates a module, by default that of this installation. Throws DialwardError("core") where it is not to be trusted. */
  constructor(module?: WebAssembly.Module) {
    const verbs = instantiate<Verbs>(() => module ?? new WebAssembly.Module(readModule("radius.wasm")));
    if (verbs.version() !== abi.RADIUS_VERSION)
      throw new DialwardError("core", "radius.wasm is of another version: run `npm run build`.");
    if (verbs.selfTest() !== abi.RADIUS_OK)
      throw new DialwardError("core", "radius.wasm gives wrong answers on this machine: do not use it.");
    this.#verbs = verbs;
    this.memory = verbs.memory.buffer as ArrayBuffer;
    this.#bytes = Buffer.from(this.memory);
    this.#view = new DataView(this.memory);
    this.slots = verbs.slots();
    this.clients = verbs.clients();
    for (let i = 0; i < this.slots; i++) this.#replies.push([]);
    this.#stir();
  }

  /** Sets client `index`; `keep`: it is the same NAS as before. Throws DialwardError("config") where the secret is too long. */
  setClient(index: number, form: ClientForm, keep: boolean): void {
    const secret = Buffer.from(form.secret);
    if (secret.length === 0 || secret.length > abi.SECRET_BYTES)
      throw new DialwardError(
        "config",
        `A shared secret has ${secret.length} bytes; it must have 1 to ${abi.SECRET_BYTES}.`,
      );
    const bytes = this.#bytes;
    bytes.set(secret, abi.FORM_AT + abi.FORM_SECRET);
    this.#view.setUint16(abi.FORM_AT + abi.FORM_SECRET_LENGTH, secret.length, true);
    bytes[abi.FORM_AT + abi.FORM_SIGNED] = form.signed;
    bytes[abi.FORM_AT + abi.FORM_TYPE] = form.type === undefined ? 0 : 1 << DIAL_IN_TYPES.indexOf(form.type);
    const { challenge } = form;
    bytes[abi.FORM_AT + abi.FORM_CHALLENGE] =
      challenge === undefined ? abi.CHALLENGE_TELL : challenge ? abi.CHALLENGE_YES : abi.CHALLENGE_NO;
    bytes[abi.FORM_AT + abi.FORM_NAMES] =
      (form.withoutRealm ? abi.NAMES_WITHOUT_REALM : 0) | (form.withoutDomain ? abi.NAMES_WITHOUT_DOMAIN : 0);
    bytes[abi.FORM_AT + abi.FORM_CHAP] = form.unsignedChap ? 1 : 0;
    if (this.#verbs.client(index, keep ? 1 : 0) !== abi.RADIUS_OK)
      throw new RangeError(`no RADIUS client ${index}`);
  }

  /** Forgets client `index`, and its secret. */
  forgetClient(index: number): void {
    this.#verbs.forget(index);
  }

  /** Asks users for a code by this text, of at most PROMPT_BYTES without control characters; "" by the module's own words. */
  setPrompt(text: string): void {
    const length = this.#bytes.write(text, abi.EXTRA_AT, abi.EXTRA_BYTES);
    if (this.#verbs.prompt(length) !== abi.RADIUS_OK)
      throw new RangeError("a prompt is too long, or not printable");
  }

  /** Puts a datagram into a slot and reads it at `now`, whole seconds that never go back; returns READ_*. */
  read(slot: number, datagram: Uint8Array, client: number, accounting: boolean, now: number): number {
    const at = slotAt(slot);
    // What lies behind the longest packet is padding.
    const length = Math.min(datagram.length, abi.DATAGRAM_BYTES);
    this.#bytes.set(
      length === datagram.length ? datagram : datagram.subarray(0, length),
      at + abi.SLOT_PACKET,
    );
    this.#view.setUint16(at + abi.SLOT_LENGTH, length, true);
    this.#view.setUint16(at + abi.SLOT_CLIENT, client, true);
    this.#bytes[at + abi.SLOT_ACCOUNTING] = accounting ? 1 : 0;
    this.#refill();
    return this.#verbs.read(slot, now);
  }

  /** Writes the reply, with `attributes` where it is an Access-Accept; returns its length, 0 where nothing can be sent. */
  answer(slot: number, outcome: number, now: number, attributes?: Uint8Array): number {
    if (attributes !== undefined) this.#bytes.set(attributes, abi.EXTRA_AT);
    this.#refill();
    return this.#verbs.answer(slot, outcome, attributes?.length ?? 0, now);
  }

  /** Gives up what the slot holds: its packet is judged anew when it comes again. */
  drop(slot: number): void {
    this.#verbs.drop(slot);
  }

  /** The reply in a slot, as a view that stays as it is until the slot is read again. */
  reply(slot: number): Buffer {
    const at = slotAt(slot);
    const length = this.#view.getUint16(at + abi.SLOT_REPLY_LENGTH, true);
    const views = this.#replies[slot]!;
    for (const view of views) if (view.length === length) return view;
    const view = this.#bytes.subarray(at + abi.SLOT_REPLY, at + abi.SLOT_REPLY + length);
    if (views.length === VIEWS) views.shift();
    views.push(view);
    return view;
  }

  /** The RADIUS code of the reply in a slot. */
  replyCode(slot: number): number {
    return this.#bytes[slotAt(slot) + abi.SLOT_REPLY]!;
  }

  /** One of REASON_*. */
  reason(slot: number): number {
    return this.#bytes[slotAt(slot) + abi.SLOT_REASON]!;
  }

  /** Bit set of ROW_*. */
  flags(slot: number): number {
    return this.#bytes[slotAt(slot) + abi.SLOT_FLAGS]!;
  }

  /** The slot that answers the packet of which this one is a copy. */
  copyOf(slot: number): number {
    return this.#view.getUint32(slotAt(slot) + abi.SLOT_COPY, true);
  }

  /** The user's name, as the client's settings leave it; "" where there is none. */
  name(slot: number): string {
    const at = slotAt(slot);
    return this.#text(
      at,
      this.#view.getUint16(at + abi.SLOT_NAME, true),
      this.#bytes[at + abi.SLOT_NAME_LENGTH]!,
    );
  }

  /** The calling station without a port. */
  station(slot: number): string | undefined {
    const at = slotAt(slot);
    const length = this.#bytes[at + abi.SLOT_STATION_LENGTH]!;
    return length === 0
      ? undefined
      : this.#text(at, this.#view.getUint16(at + abi.SLOT_STATION, true), length);
  }

  type(slot: number): DialInType | undefined {
    const bit = this.#bytes[slotAt(slot) + abi.SLOT_TYPE]!;
    return bit === 0 ? undefined : DIAL_IN_TYPES[31 - Math.clz32(bit)];
  }

  /** The value of the first attribute of a type, where there is one that is not empty: a view into the slot. */
  value(slot: number, type: number): Buffer | undefined {
    const at = slotAt(slot);
    const first = this.#view.getUint16(at + abi.SLOT_FIRST + 2 * type, true);
    if (first === 0) return undefined;
    const here = at + abi.SLOT_PACKET + first;
    return this.#bytes.subarray(here + 2, here + this.#bytes[here + 1]!);
  }

  /** Whether there is one. */
  has(slot: number, type: number): boolean {
    return this.#view.getUint16(slotAt(slot) + abi.SLOT_FIRST + 2 * type, true) !== 0;
  }

  /** The same as text; bytes that are no UTF-8 in hexadecimal, so that different ones stay different. */
  text(slot: number, type: number): string | undefined {
    const value = this.value(slot, type);
    return value && (isUtf8(value) ? value.toString() : `0x${value.toString("hex")}`);
  }

  /** The same as a number of 32 bits; undefined also where the length is another. */
  integer(slot: number, type: number): number | undefined {
    const at = slotAt(slot);
    const first = this.#view.getUint16(at + abi.SLOT_FIRST + 2 * type, true);
    const here = at + abi.SLOT_PACKET + first;
    return first === 0 || this.#bytes[here + 1] !== 6 ? undefined : this.#view.getUint32(here + 2);
  }

  /** The core's request, the core's result and the host's note of a slot, as views. */
  request = (slot: number): Buffer => this.#region(slot, abi.SLOT_REQUEST, REQUEST_BYTES);
  result = (slot: number): Buffer => this.#region(slot, abi.SLOT_RESULT, RESULT_BYTES);
  note = (slot: number): Buffer => this.#region(slot, abi.SLOT_NOTE, abi.NOTE_BYTES);

  #region(slot: number, field: number, length: number): Buffer {
    const at = slotAt(slot) + field;
    return this.#bytes.subarray(at, at + length);
  }

  #text(at: number, from: number, length: number): string {
    const start = at + abi.SLOT_PACKET + from;
    return this.#bytes.toString("utf8", start, start + length);
  }

  /** The module takes what it needs of random bytes; before it runs out there are new ones. */
  #refill(): void {
    if (this.#view.getUint32(abi.ENTROPY_LEFT, true) < abi.ENTROPY_MOST) this.#stir();
  }

  #stir(): void {
    randomFillSync(this.#bytes, abi.ENTROPY_AT, abi.ENTROPY_BYTES);
    this.#verbs.stir();
  }
}

function slotAt(slot: number): number {
  return abi.SLOTS_AT + slot * abi.SLOT_BYTES;
}
