// Runs the conversation in a bare JavaScript shell (node, jsc, js102). What to run stands before this text as two
// constants: WASM, the module in hexadecimal, and SCRIPT, lines as conversation.ts prints them.
// Prints the answer of each call and the bytes of each read, in hexadecimal.

/* global WASM, SCRIPT, print */
const bytesOf = (hex) => new Uint8Array((hex.match(/../g) || []).map((pair) => parseInt(pair, 16)));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const out = [];
const core = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(WASM)), {}).exports;
const page = new Uint8Array(core.memory.buffer);
for (const line of SCRIPT.split("\n")) {
  const [kind, what, first, second] = line.split(" ");
  if (kind === "w") page.set(bytesOf(first), Number(what));
  if (kind === "c") out.push(String(core[what](Number(first), Number(second)) >>> 0));
  if (kind === "r") out.push(hexOf(page.subarray(Number(what), Number(what) + Number(first))));
}
(typeof print === "function" ? print : console.log)(out.join("\n"));
