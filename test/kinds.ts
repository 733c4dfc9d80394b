// Users of every kind, their codes and proofs, and forms and pages to put them in: shared by the tests of the bare verbs.
import { createHash } from "node:crypto";
import { expect } from "vitest";
import * as abi from "../assembly/abi.ts";
import { Core, type Enrolment } from "../host/core/core.ts";
import type { Proof } from "../host/core/dial-in.ts";
import { BINARIES, clear, Page } from "./binaries.ts";
import * as codes from "./codes.ts";
import { msChapV2 } from "./mschapv2.ts";

/** Enrols for pages of either file: their records are the same. */
export const core = new Core(BINARIES[0]!.module);
export const TIME = 1_700_000_010;
export const PASSWORD = "pass漢字😀";

/** The numbers of the factors, as the ABI has them. */
export const FACTORS: Record<Enrolment["factor"], number> = {
  totp: abi.FACTOR_TOTP,
  hotp: abi.FACTOR_HOTP,
  motp: abi.FACTOR_MOTP,
};

/** What a user of these tests may be. */
export const KINDS: Enrolment[] = [
  { factor: "totp", secret: Buffer.from("sha1 key") },
  { factor: "totp", secret: Buffer.from("sha256 key"), algorithm: "sha256", digits: 8 },
  { factor: "totp", secret: Buffer.from("sha512 key"), algorithm: "sha512", digits: 7 },
  { factor: "hotp", secret: Buffer.from("hotp key"), counter: 77 },
  { factor: "hotp", secret: Buffer.from("hotp 512 key"), algorithm: "sha512", counter: 2 ** 33 },
  { factor: "motp", secret: Buffer.from("0123456789abcdef", "hex"), pin: "4711" },
  { factor: "motp", secret: Buffer.from("fedcba9876543210fedcba9876543210", "hex"), pin: "1234567" },
  { factor: "totp", secret: Buffer.from("wide key"), back: 31, forward: 32 },
];

/** The code that user `kind` shows, `offset` steps from the clock. */
export function codeOf(
  { factor, secret, digits = 6, algorithm = "sha1", ...e }: Enrolment,
  offset: number,
): string {
  if (factor === "motp") return codes.motp(Buffer.from(secret).toString("hex"), e.pin!, TIME + offset * 10);
  if (factor === "hotp") return codes.hotp(secret, e.counter! + Math.abs(offset), digits, algorithm);
  return codes.totp(secret, TIME + offset * 30, digits, algorithm);
}

/** The proof of a text. */
export function prove(kind: Proof["kind"], text: string, salt: number): Proof {
  if (kind === "clear") return clear(text);
  const challenge = Buffer.alloc(salt % 65, salt);
  if (kind === "chap") {
    const id = salt & 255;
    const response = createHash("md5").update(Buffer.of(id)).update(text).update(challenge).digest();
    return { kind, id, challenge, response };
  }
  const authenticatorChallenge = Buffer.alloc(16, salt);
  const peerChallenge = Buffer.alloc(16, ~salt);
  const exchange = { authenticatorChallenge, peerChallenge, name: challenge };
  return { kind, ...exchange, response: msChapV2({ password: text, ...exchange }).response };
}

/** A page in use: records of all kinds, old results. */
export function usedPage(module: WebAssembly.Module): Page {
  const page = new Page(module);
  KINDS.forEach((kind, i) => page.record(i).set(core.enrol({ ...kind, active: true })));
  page.record(0).set(core.enrol({ ...KINDS[0]!, active: true, mode: "password+code", password: PASSWORD }));
  page
    .record(7)
    .set(core.enrol({ ...KINDS[7]!, active: true, mode: "password-then-code", password: PASSWORD }));
  page.region(abi.RESULTS_AT, abi.REQUESTS * abi.RESULT_BYTES).fill(0x77);
  return page;
}

/** After any verb: the scratch is zero; so is what the verb was handed, up to `wiped` bytes. */
export function expectClean(page: Page, wiped: number): void {
  expect(page.region(0, abi.DIGESTS_BYTES).every((byte) => byte === 0)).toBe(true);
  expect(page.region(abi.SCRATCH_AT, abi.SCRATCH_BYTES).every((byte) => byte === 0)).toBe(true);
  expect(page.region(abi.REQUESTS_AT, wiped).every((byte) => byte === 0)).toBe(true);
}

/** A result that grants nothing says nothing but its verdict, offset and wait. */
export function expectNoSecret(page: Page, count: number): void {
  for (let r = 0; r < count; r++) {
    const verdict = page.verdict(r);
    if (verdict <= abi.VERDICT_CONTINUE) continue;
    expect(page.result(r).toString("hex", abi.RESULT_CODE), `verdict ${verdict}`).toMatch(/^0*$/);
  }
}

/** A form that enrol takes. */
export function validForm(factor: Enrolment["factor"] = "totp"): Buffer {
  const form = Buffer.alloc(abi.RECORD_BYTES);
  const key = factor === "motp" ? "0123456789abcdef4711" : "12345678901234567890";
  form[abi.RECORD_FACTOR] = FACTORS[factor];
  form[abi.RECORD_ALGORITHM] = factor === "motp" ? abi.ALGORITHM_MD5 : abi.ALGORITHM_SHA1;
  form[abi.RECORD_DIGITS] = 6;
  form[abi.RECORD_MODE] = abi.MODE_CODE;
  form[abi.RECORD_TYPES] = abi.TYPE_ANY;
  form[abi.RECORD_STANDING] = abi.STANDING_ENABLED;
  form[abi.RECORD_KEY_LENGTH] = key.length;
  form.writeUInt32LE(factor === "motp" ? 10 : 30, abi.RECORD_PERIOD);
  form[abi.RECORD_FORWARD] = 1;
  form.set(Buffer.from(key), abi.RECORD_KEY);
  return form;
}

/** Edits of a form, record or request. */
export const u16 = (at: number, value: number) => (form: Buffer) => void form.writeUInt16LE(value, at);
export const u8 = (at: number, value: number) => (form: Buffer) => void (form[at] = value);
export const all =
  (...edits: ((form: Buffer) => void)[]) =>
  (form: Buffer) =>
    edits.forEach((edit) => edit(form));
