// The core in a browser: the same WebAssembly file, for one thing only: the code of a secret at a moment.
import * as abi from "../../../../assembly/abi.ts";
import { words } from "./words.js";

const FACTORS = { totp: abi.FACTOR_TOTP, motp: abi.FACTOR_MOTP };
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Loads the core; the answer gives the code of an entry (and for mOTP its PIN) at a time in seconds. */
export async function loadCore(url) {
  const bytes = await (await fetch(url)).arrayBuffer();
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const verbs = instance.exports;
  if (verbs.version() !== abi.ABI_VERSION || verbs.selfTest() !== abi.STATUS_OK) {
    throw new Error(words.wrongCore);
  }
  const page = new Uint8Array(verbs.memory.buffer);
  const view = new DataView(verbs.memory.buffer);

  return function code({ factor, secret }, pin, seconds) {
    const motp = factor === "motp";
    const key = motp ? new TextEncoder().encode(secret + pin) : decodeBase32(secret);
    const at = abi.ENROLMENT_AT;
    page.fill(0, at, at + abi.RECORD_BYTES);
    page[at + abi.RECORD_FACTOR] = FACTORS[factor];
    page[at + abi.RECORD_ALGORITHM] = motp ? abi.ALGORITHM_MD5 : abi.ALGORITHM_SHA1;
    page[at + abi.RECORD_DIGITS] = abi.DEFAULT_DIGITS;
    page[at + abi.RECORD_MODE] = abi.MODE_CODE;
    page[at + abi.RECORD_TYPES] = abi.TYPE_ANY;
    page[at + abi.RECORD_STANDING] = abi.STANDING_ENABLED;
    page[at + abi.RECORD_KEY_LENGTH] = key.length;
    view.setUint32(at + abi.RECORD_PERIOD, motp ? abi.MOTP_PERIOD_SECONDS : abi.DEFAULT_PERIOD_SECONDS, true);
    page.set(key, at + abi.RECORD_KEY);
    const status = verbs.enrol(0, 0);
    if (status !== abi.STATUS_OK) throw new Error(motp ? words.wrongPin : words.wrongSecret);
    view.setUint16(abi.REQUESTS_AT + abi.REQUEST_RECORD, 0, true);
    view.setBigUint64(abi.REQUESTS_AT + abi.REQUEST_TIME, BigInt(Math.floor(seconds)), true);
    verbs.generate(1);
    const from = abi.RESULTS_AT + abi.RESULT_CODE;
    const length = page[abi.RESULTS_AT + abi.RESULT_CODE_LENGTH];
    const text = new TextDecoder().decode(page.slice(from, from + length));
    verbs.wipe();
    return text;
  };
}

/** The secret as it is kept, from what was typed; a new one where nothing was. Throws what to tell the user. */
export function readSecret(factor, typed) {
  const plain = typed.replace(/[\s-]/g, "");
  if (factor === "motp") {
    if (plain === "") return [...random(16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (!/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(plain)) throw new Error(words.wrongMotp);
    return plain.toLowerCase();
  }
  if (plain === "") return [...random(32)].map((byte) => BASE32[byte & 31]).join("");
  const upper = plain.toUpperCase().replace(/=+$/, "");
  if (!/^[A-Z2-7]{2,103}$/.test(upper)) throw new Error(words.wrongSecret);
  return upper;
}

function random(bytes) {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

function decodeBase32(text) {
  const bytes = [];
  let held = 0;
  let bits = 0;
  for (const letter of text) {
    held = ((held << 5) | BASE32.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((held >> (bits -= 8)) & 255);
  }
  return new Uint8Array(bytes);
}
