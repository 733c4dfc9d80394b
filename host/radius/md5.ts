// MD5 of a message, computed by the core's compression function (assembly/packet.ts) in a page of its own: a call of
// node:crypto costs three times as much for a RADIUS packet, and more on newer Nodes.

import { existsSync, readFileSync } from "node:fs";
import { PAGE_BYTES, REQUESTS_AT } from "../../assembly/abi.ts";

/** Behind the message go its end mark and length. */
const PADDING_BYTES = 72;

interface Verbs {
  /** Answers the address of the digest. */
  md5(length: number): number;
  memory: WebAssembly.Memory;
}

/** The module lies in dist/: beside a bundle, or above the bench's. */
function find(): URL {
  const folders = import.meta.url.endsWith(".ts") ? ["../../dist/"] : ["./", "../"];
  const files = folders.map((folder) => new URL(`${folder}md5.wasm`, import.meta.url));
  return files.find((file) => existsSync(file)) ?? files[0]!;
}

const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(find())));
const verbs = instance.exports as unknown as Verbs;

/** Most bytes of a message. */
export const MESSAGE_BYTES: number = PAGE_BYTES - REQUESTS_AT - PADDING_BYTES;
/** Where a message is written before md5() is called; what stands there afterwards is still the message. */
export const message: Uint8Array = new Uint8Array(verbs.memory.buffer, REQUESTS_AT, MESSAGE_BYTES);
const digest = new Uint8Array(verbs.memory.buffer, verbs.md5(0), 16);

/** The MD5 of the first `length` bytes of `message`: 16 bytes that stay valid until the next call. */
export function md5(length: number): Uint8Array {
  verbs.md5(length);
  return digest;
}
