// The token's secrets in the browser: one sealed value in its storage (PBKDF2 and AES-256-GCM by WebCrypto).
import { words } from "./words.js";

const PLACE = "dialward token";
const ITERATIONS = 600_000;

/** Whether there is a vault yet. */
export function exists() {
  return localStorage.getItem(PLACE) !== null;
}

/** What is kept, sealed. */
export function copy() {
  return localStorage.getItem(PLACE) ?? "";
}

/** Takes a copy in place of what is kept; throws where it is none. */
export function restore(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (value?.version !== 1 || ![value.salt, value.iv, value.sealed].every((one) => typeof one === "string"))
    throw new Error(words.noCopy);
  localStorage.setItem(PLACE, JSON.stringify(value));
}

/** Opens the vault, or begins one; rejects where the passphrase is wrong. */
export async function open(passphrase) {
  const kept = JSON.parse(localStorage.getItem(PLACE) ?? "null");
  const salt = kept ? fromText(kept.salt) : crypto.getRandomValues(new Uint8Array(16));
  const key = await derive(passphrase, salt);
  const entries = kept ? await unseal(key, kept) : [];
  return {
    entries,
    async save() {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const text = new TextEncoder().encode(JSON.stringify(entries));
      const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text));
      const value = { version: 1, salt: toText(salt), iv: toText(iv), sealed: toText(sealed) };
      localStorage.setItem(PLACE, JSON.stringify(value));
    },
  };
}

async function unseal(key, { iv, sealed }) {
  try {
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: fromText(iv) }, key, fromText(sealed));
    return JSON.parse(new TextDecoder().decode(text));
  } catch {
    throw new Error(words.wrong);
  }
}

async function derive(passphrase, salt) {
  const bytes = new TextEncoder().encode(passphrase.normalize());
  const base = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function toText(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function fromText(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
