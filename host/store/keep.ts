// Bytes that are remembered for long, such as users' records, packed together. A Uint8Array by itself takes 300 bytes
// more, and a piece of Node's pool of Buffers lives for as long as anything in it, among much that was forgotten at once.

const PIECE_BYTES = 16_384;

let piece = Buffer.alloc(0);
let used = 0;

/** A copy of `bytes` that lies beside others of its kind. */
export function keep(bytes: Uint8Array): Buffer {
  if (used + bytes.length > piece.length) {
    piece = Buffer.alloc(Math.max(PIECE_BYTES, bytes.length));
    used = 0;
  }
  const copy = piece.subarray(used, (used += bytes.length));
  copy.set(bytes);
  return copy;
}
