// One conversation with the core as data: bytes to write, verbs to call, regions to read. Every engine and processor
// runs it and prints what it got; all must print the same. What the verdicts have to be is worked out here, with codes
// and responses that come from node:crypto and not from the core.

import { createHash } from "node:crypto";
import * as abi from "../../assembly/abi.ts";
import { respondMsChapV2 } from "../../host/radius/client/peer-mschapv2.ts";
import { hotp, motp, recovery, totp } from "../codes.ts";

export type Verb = "version" | "features" | "selfTest" | "enrol" | "verify" | "generate" | "unlock" | "wipe";

export type Step =
  | { kind: "write"; at: number; bytes: Buffer }
  | { kind: "call"; verb: Verb; first: number; second: number }
  | { kind: "read"; at: number; length: number };

/** Something that the transcript must say: bytes at an offset of what step number `step` read, or its answer. */
export interface Expectation {
  step: number;
  what: string;
  at: number;
  bytes: Buffer;
}

interface User {
  factor: number;
  algorithm: number;
  digits: number;
  key: Buffer;
  back: number;
  forward: number;
  period: number;
  mode: number;
  standing: number;
  password: Buffer;
  active: number;
  types: number;
  /** Generation of the recovery codes. */
  recovery?: number;
}

interface Ask {
  record: number;
  time: number;
  text?: string | undefined;
  chap?: { id: number; challenge: Buffer; password: string } | undefined;
  mschapv2?: { authenticator: Buffer; peer: Buffer; name: string; password: string } | undefined;
  flags?: number;
  source?: number;
  type?: number;
}

const TIME = 1_900_000_000;
const SECRET = Buffer.from("12345678901234567890");
const MOTP_SECRET = "0123456789abcdef";
const PIN = "6666";
/** In UTF-8, with letters of two, three and four bytes: MS-CHAPv2 hashes it as UTF-16. */
const PASSWORD = "gr\u00fc\u20ac\u{1f511}-";

const bytes = (length: number, seed: number) =>
  Buffer.from(Array.from({ length }, (_, i) => (seed * 73 + i * 29) & 255));

/** A number as one answer or as little-endian bytes. */
function little(number: number | bigint, length: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt.asUintN(64, BigInt(number)));
  return out.subarray(0, length);
}

const TOTP: User = {
  factor: abi.FACTOR_TOTP,
  algorithm: abi.ALGORITHM_SHA1,
  digits: 6,
  key: SECRET,
  back: 1,
  forward: 1,
  period: 30,
  mode: abi.MODE_CODE,
  standing: abi.STANDING_ENABLED,
  password: Buffer.alloc(0),
  active: 1,
  types: abi.TYPE_ANY,
};
const MOTP: User = {
  ...TOTP,
  factor: abi.FACTOR_MOTP,
  algorithm: abi.ALGORITHM_MD5,
  key: Buffer.from(MOTP_SECRET + PIN),
  back: 6,
  forward: 6,
  period: 10,
};
const HOTP: User = { ...TOTP, factor: abi.FACTOR_HOTP, back: 0, forward: 10, period: 1 };
const SHA256: User = {
  ...TOTP,
  algorithm: abi.ALGORITHM_SHA256,
  digits: 8,
  key: bytes(32, 1),
  back: 2,
  forward: 2,
};
const SHA512: User = { ...TOTP, algorithm: abi.ALGORITHM_SHA512, digits: 7, key: bytes(64, 2) };
const WITH_PASSWORD: User = { ...TOTP, mode: abi.MODE_PASSWORD_CODE, password: Buffer.from(PASSWORD) };
const FIRST_PASSWORD: User = {
  ...TOTP,
  mode: abi.MODE_PASSWORD_THEN_CODE,
  password: Buffer.from("clientPass"),
};

class Writer {
  readonly steps: Step[] = [];
  readonly expectations: Expectation[] = [];

  write(at: number, data: Buffer): void {
    this.steps.push({ kind: "write", at, bytes: data });
  }

  /** Calls a verb, whose answer must be `answer`. */
  call(verb: Verb, answer: number, first = 0, second = 0): void {
    this.expectations.push({ step: this.steps.length, what: verb, at: 0, bytes: little(answer, 4) });
    this.steps.push({ kind: "call", verb, first, second });
  }

  read(at: number, length: number): void {
    this.steps.push({ kind: "read", at, length });
  }

  /** The read that follows must hold these bytes. */
  expect(what: string, at: number, data: Buffer): void {
    this.expectations.push({ step: this.steps.length, what, at, bytes: data });
  }

  enrol(record: number, user: User, status = abi.STATUS_OK, keep = 0, counter = 0): void {
    const form = Buffer.alloc(abi.RECORD_BYTES);
    form[abi.RECORD_FACTOR] = user.factor;
    form[abi.RECORD_ALGORITHM] = user.algorithm;
    form[abi.RECORD_DIGITS] = user.digits;
    form[abi.RECORD_MODE] = user.mode;
    form[abi.RECORD_TYPES] = user.types;
    form[abi.RECORD_STANDING] = user.standing;
    form[abi.RECORD_KEY_LENGTH] = user.key.length;
    form[abi.RECORD_PASSWORD_LENGTH] = user.password.length;
    form.set(little(user.period, 4), abi.RECORD_PERIOD);
    form.set(little(user.back, 2), abi.RECORD_BACK);
    form.set(little(user.forward, 2), abi.RECORD_FORWARD);
    form.set(little(user.factor === abi.FACTOR_HOTP ? 0 : 4, 2), abi.RECORD_DRIFT_BOUND);
    form[abi.RECORD_RECOVERY] = user.recovery ?? 0;
    form.set(user.key, abi.RECORD_KEY);
    form.set(user.password, abi.RECORD_PASSWORD);
    form[abi.RECORD_STATE + abi.STATE_ACTIVE] = user.active;
    form.set(little(counter, 8), abi.RECORD_STATE + abi.STATE_NEXT);
    this.write(abi.ENROLMENT_AT, form);
    this.call("enrol", status, record, keep);
    this.read(abi.RECORDS_AT + Math.min(record, abi.RECORDS - 1) * abi.RECORD_BYTES, abi.RECORD_BYTES);
  }

  /** Verifies a batch; each dial-in must get its verdict, and its offset if one is given. */
  verify(asks: readonly { ask: Ask; verdict: number; offset?: number }[]): void {
    this.write(abi.REQUESTS_AT, Buffer.concat(asks.map(({ ask }) => request(ask))));
    this.call("verify", abi.STATUS_OK, asks.length);
    asks.forEach(({ ask, verdict, offset }, i) => {
      const at = i * abi.RESULT_BYTES;
      this.expect("verdict", at + abi.RESULT_VERDICT, little(verdict, 1));
      if (offset !== undefined) this.expect("offset", at + abi.RESULT_OFFSET, little(offset, 4));
      const keyed = ask.mschapv2 && (verdict === abi.VERDICT_ACCEPT || verdict === abi.VERDICT_CONTINUE);
      if (keyed) this.expect("keys", at + abi.RESULT_AUTHENTICATOR_RESPONSE, msChapV2Keys(ask));
    });
    this.read(abi.RESULTS_AT, asks.length * abi.RESULT_BYTES);
    for (const record of new Set(asks.map(({ ask }) => ask.record))) {
      if (record < abi.RECORDS) this.read(abi.RECORDS_AT + record * abi.RECORD_BYTES, abi.RECORD_BYTES);
    }
  }

  one(ask: Ask, verdict: number, offset?: number): void {
    this.verify([offset === undefined ? { ask, verdict } : { ask, verdict, offset }]);
  }
}

function peerOf({ authenticator, peer, name, password }: NonNullable<Ask["mschapv2"]>) {
  return respondMsChapV2({
    authenticatorChallenge: authenticator,
    peerChallenge: peer,
    name: Buffer.from(name),
    password,
  });
}

function msChapV2Keys(ask: Ask): Buffer {
  const { authenticatorResponse, masterKey, sendKey, receiveKey } = peerOf(ask.mschapv2!);
  return Buffer.concat([authenticatorResponse, masterKey, sendKey, receiveKey]);
}

function request(ask: Ask): Buffer {
  const out = Buffer.alloc(abi.REQUEST_BYTES);
  out.set(little(ask.record, 2), abi.REQUEST_RECORD);
  out[abi.REQUEST_FLAGS] = ask.flags ?? 0;
  out[abi.REQUEST_TYPE] = ask.type ?? 0;
  out.set(little(ask.source ?? 0, 4), abi.REQUEST_SOURCE);
  out.set(little(ask.time, 8), abi.REQUEST_TIME);
  if (ask.text !== undefined) {
    out[abi.REQUEST_PROOF] = abi.PROOF_CLEAR;
    out[abi.REQUEST_LENGTH] = Buffer.byteLength(ask.text);
    out.set(Buffer.from(ask.text), abi.REQUEST_TEXT);
  } else if (ask.chap) {
    const { id, challenge, password } = ask.chap;
    out[abi.REQUEST_PROOF] = abi.PROOF_CHAP;
    out[abi.REQUEST_CHAP_ID] = id;
    out[abi.REQUEST_LENGTH] = challenge.length;
    out.set(challenge, abi.REQUEST_CHAP_CHALLENGE);
    const digest = createHash("md5").update(Buffer.of(id)).update(password).update(challenge).digest();
    out.set(digest, abi.REQUEST_RESPONSE);
  } else if (ask.mschapv2) {
    const { authenticator, peer, name } = ask.mschapv2;
    out[abi.REQUEST_PROOF] = abi.PROOF_MSCHAPV2;
    out[abi.REQUEST_NAME_LENGTH] = Buffer.byteLength(name);
    out.set(authenticator, abi.REQUEST_CHALLENGE);
    out.set(peer, abi.REQUEST_PEER_CHALLENGE);
    out.set(Buffer.from(name), abi.REQUEST_NAME);
    out.set(peerOf(ask.mschapv2).response, abi.REQUEST_RESPONSE);
  }
  return out;
}

const NAMES: Record<number, string> = {
  [abi.ALGORITHM_SHA1]: "sha1",
  [abi.ALGORITHM_SHA256]: "sha256",
  [abi.ALGORITHM_SHA512]: "sha512",
};

/** A user's code at a time; HOTP: at a counter. */
function codeOf(user: User, at: number): string {
  if (user.factor === abi.FACTOR_MOTP) return motp(MOTP_SECRET, PIN, at);
  if (user.factor === abi.FACTOR_HOTP) return hotp(user.key, at, user.digits);
  return totp(user.key, at, user.digits, NAMES[user.algorithm]);
}

const wrong = (code: string) => code.replace(/.$/, (last) => (last === "0" ? "1" : "0"));

/** Every step of every window: accepted there, and nowhere again; one beyond is refused. */
function windows(w: Writer): void {
  [TOTP, SHA256, SHA512, MOTP, HOTP].forEach((user, record) => {
    const hasClock = user.factor !== abi.FACTOR_HOTP;
    for (let i = -user.back - 1; i <= user.forward + 1; i++) {
      const inside = i >= -user.back && i <= user.forward;
      const counter = 1000;
      w.enrol(record, user, abi.STATUS_OK, 0, hasClock ? 0 : counter);
      const text = codeOf(user, hasClock ? TIME + i * user.period : counter + i);
      // A counter that begins at 1000 has spent the one before.
      const last = !hasClock && i === -1;
      const first = inside ? abi.VERDICT_ACCEPT : last ? abi.VERDICT_SPENT : abi.VERDICT_WRONG;
      w.one({ record, time: TIME, text }, first, inside || last ? i : 0);
      w.one({ record, time: TIME, text }, inside || last ? abi.VERDICT_SPENT : abi.VERDICT_WRONG);
      w.one({ record, time: TIME, text: wrong(text) }, abi.VERDICT_WRONG);
    }
  });
}

/** Failures push the next attempt away; unlock ends it; a known source is counted apart. */
function backOff(w: Writer): void {
  const record = 5;
  w.enrol(record, TOTP);
  const home = 7;
  w.one({ record, time: TIME, text: codeOf(TOTP, TIME), source: home }, abi.VERDICT_ACCEPT, 0);
  let time = TIME + 60;
  // The same wrong proof again would cost nothing.
  for (let i = 0; i < abi.FREE_FAILURES; i++) w.one({ record, time, text: `x${i}` }, abi.VERDICT_WRONG);
  w.one({ record, time, text: codeOf(TOTP, time) }, abi.VERDICT_WAIT);
  w.one({ record, time, text: codeOf(TOTP, time), source: home }, abi.VERDICT_ACCEPT, 0);
  time += abi.FIRST_WAIT_SECONDS;
  w.one({ record, time, text: "" }, abi.VERDICT_WRONG);
  w.one({ record, time: time + abi.FIRST_WAIT_SECONDS, text: codeOf(TOTP, time) }, abi.VERDICT_WAIT);
  w.call("unlock", abi.STATUS_OK, record);
  w.one({ record, time, text: codeOf(TOTP, time) }, abi.VERDICT_ACCEPT, 0);
  w.call("unlock", abi.STATUS_INDEX, abi.RECORDS);
}

/** CHAP and MS-CHAPv2 over codes, password and code, and the fixed password of RFC 2759's example. */
function hashedProofs(w: Writer): void {
  const challenge = bytes(24, 3);
  const ms = { authenticator: bytes(16, 4), peer: bytes(16, 5), name: "alice" };
  const example = {
    authenticator: Buffer.from("5b5d7c7d7b3f2f3e3c2c602132262628", "hex"),
    peer: Buffer.from("21402324255e262a28295f2b3a337c7e", "hex"),
    name: "User",
  };
  [TOTP, MOTP, SHA512, WITH_PASSWORD].forEach((user, i) => {
    const fixed = user === WITH_PASSWORD ? PASSWORD : "";
    for (const at of [-1, 0, 1]) {
      const record = 10 + i;
      const password = fixed + codeOf(user, TIME + at * user.period);
      const chap = { id: 200 + at, challenge, password };
      w.enrol(record, user);
      w.one({ record, time: TIME, chap }, abi.VERDICT_ACCEPT, at);
      w.one({ record, time: TIME, chap }, abi.VERDICT_SPENT);
      w.one({ record, time: TIME, chap: { ...chap, password: wrong(password) } }, abi.VERDICT_WRONG);
      w.enrol(record, user);
      w.one({ record, time: TIME, mschapv2: { ...ms, password } }, abi.VERDICT_ACCEPT, at);
      w.one({ record, time: TIME, mschapv2: { ...ms, password } }, abi.VERDICT_SPENT);
      w.one({ record, time: TIME, mschapv2: { ...ms, password: wrong(password) } }, abi.VERDICT_WRONG);
    }
  });
  const record = 14;
  const password = "clientPass";
  w.enrol(record, FIRST_PASSWORD);
  w.one({ record, time: TIME, mschapv2: { ...example, password } }, abi.VERDICT_CONTINUE);
  w.one({ record, time: TIME, mschapv2: { ...example, password: "clientPasS" } }, abi.VERDICT_WRONG);
  w.one({ record, time: TIME, chap: { id: 1, challenge: bytes(64, 6), password } }, abi.VERDICT_CONTINUE);
  const second = { record, time: TIME, flags: abi.FLAG_SECOND };
  w.one({ ...second, text: password }, abi.VERDICT_WRONG);
  w.one({ ...second, text: codeOf(TOTP, TIME) }, abi.VERDICT_ACCEPT, 0);
}

/** What the judge refuses whatever the code, and forms and requests that are out of range. */
function refusals(w: Writer): void {
  const text = codeOf(TOTP, TIME);
  const record = 20;
  w.enrol(record, { ...TOTP, standing: abi.STANDING_DISABLED });
  w.one({ record, time: TIME, text }, abi.VERDICT_DISABLED);
  w.enrol(record, { ...TOTP, standing: abi.STANDING_DECOY });
  w.one({ record, time: TIME, text }, abi.VERDICT_UNKNOWN);
  w.enrol(record, { ...TOTP, active: 0, types: abi.TYPE_L2TP });
  w.one({ record, time: TIME, text }, abi.VERDICT_PENDING);
  w.one({ record, time: TIME, text, type: abi.TYPE_PPTP, flags: abi.FLAG_ACTIVATE }, abi.VERDICT_TYPE);
  w.one({ record, time: TIME, text, type: abi.TYPE_L2TP, flags: abi.FLAG_ACTIVATE }, abi.VERDICT_ACCEPT, 0);
  w.enrol(record, { ...TOTP, digits: 8 }, abi.STATUS_OK, 1);
  w.one({ record, time: TIME, text: codeOf({ ...TOTP, digits: 8 }, TIME) }, abi.VERDICT_SPENT);
  w.one({ record: abi.RECORDS, time: TIME, text }, abi.VERDICT_BAD_REQUEST);
  w.one({ record: 99, time: TIME, text }, abi.VERDICT_BAD_RECORD);
  w.one({ record, time: abi.TIME_END, text }, abi.VERDICT_BAD_REQUEST);
  w.one({ record, time: TIME, text, flags: abi.FLAG_SECOND }, abi.VERDICT_BAD_REQUEST);
  w.enrol(abi.RECORDS, TOTP, abi.STATUS_INDEX);
  w.enrol(record, { ...TOTP, factor: 9 }, abi.STATUS_FACTOR);
  w.enrol(record, { ...TOTP, algorithm: abi.ALGORITHM_MD5 }, abi.STATUS_ALGORITHM);
  w.enrol(record, { ...TOTP, digits: 9 }, abi.STATUS_DIGITS);
  w.enrol(record, { ...TOTP, mode: abi.MODE_PASSWORD_CODE }, abi.STATUS_PASSWORD);
  w.enrol(record, { ...TOTP, back: 32, forward: 32 }, abi.STATUS_WINDOW);
  w.enrol(record, { ...MOTP, key: Buffer.from("0123456789ABCDEF6666") }, abi.STATUS_KEY);
  w.call("verify", abi.STATUS_COUNT, abi.REQUESTS + 1);
}

/** A full batch: many users, all factors and proofs, one user twice. Then the codes of a few of them. */
function fullBatch(w: Writer): void {
  const users = [TOTP, SHA256, SHA512, MOTP, HOTP, WITH_PASSWORD];
  const asks = Array.from({ length: abi.REQUESTS }, (_, i) => {
    const user = users[i % users.length]!;
    const record = 100 + i - (i === abi.REQUESTS - 1 ? users.length : 0);
    const fixed = user === WITH_PASSWORD ? PASSWORD : "";
    const right = fixed + codeOf(user, user === HOTP ? 3 : TIME);
    const miss = i % 5 === 4;
    const password = miss ? wrong(right) : right;
    const ask: Ask = { record, time: TIME };
    if (i % 3 === 0) ask.text = password;
    else if (i % 3 === 1) ask.chap = { id: i, challenge: bytes(i, i), password };
    else ask.mschapv2 = { authenticator: bytes(16, i), peer: bytes(16, i + 1), name: `user${i}`, password };
    const twice = i === abi.REQUESTS - 1;
    if (!twice) w.enrol(record, user);
    return { ask, verdict: miss ? abi.VERDICT_WRONG : twice ? abi.VERDICT_SPENT : abi.VERDICT_ACCEPT };
  });
  w.verify(asks);

  const asked = users.map((_, i) => ({ record: 100 + i, time: users[i] === HOTP ? 0 : TIME }));
  w.write(abi.REQUESTS_AT, Buffer.concat(asked.map(request)));
  w.call("generate", abi.STATUS_OK, asked.length);
  users.forEach((user, i) => {
    const code = codeOf(user, user === HOTP ? 0 : TIME); // its user typed a wrong one
    w.expect("code", i * abi.RESULT_BYTES + abi.RESULT_CODE, Buffer.from(code));
  });
  w.read(abi.RESULTS_AT, asked.length * abi.RESULT_BYTES);
}

/** The whole conversation, and what must come of it. */
export function converse(): { steps: Step[]; expectations: Expectation[] } {
  const w = new Writer();
  w.call("version", abi.ABI_VERSION);
  w.call("selfTest", abi.STATUS_OK);
  windows(w);
  backOff(w);
  hashedProofs(w);
  refusals(w);
  fullBatch(w);
  w.expect("digests", 0, Buffer.alloc(abi.DIGESTS_BYTES));
  w.read(0, abi.DIGESTS_BYTES);
  w.expect("scratch", 0, Buffer.alloc(abi.SCRATCH_BYTES));
  w.read(abi.SCRATCH_AT, abi.SCRATCH_BYTES);
  w.read(abi.RECORDS_AT, abi.RECORDS * abi.RECORD_BYTES);
  w.call("wipe", abi.STATUS_OK);
  const rest = abi.PAGE_BYTES - abi.SCRATCH_AT;
  w.expect("a wiped page", 0, Buffer.alloc(rest));
  w.read(abi.SCRATCH_AT, rest);
  return w;
}

/** The steps as lines of text, for run.c and shell.js: `w at hex`, `c verb first second`, `r at length`. */
export function printScript(steps: readonly Step[]): string {
  return steps
    .map((step) => {
      if (step.kind === "write") return `w ${step.at} ${step.bytes.toString("hex")}\n`;
      if (step.kind === "call") return `c ${step.verb} ${step.first} ${step.second}\n`;
      return `r ${step.at} ${step.length}\n`;
    })
    .join("");
}

/** One dial-in to be measured: `prepare` enrols its user and writes the request, with the right code `offset` steps away. */
export interface Measured {
  name: string;
  prepare: string;
}

export type Situation = keyof typeof SITUATIONS;

interface Setting {
  /** What of the user is not as usual. */
  user?: Partial<User>;
  /** What is shown in place of the right code. */
  text?: (right: string, user: User) => string;
  /** Dial-ins before the one that is measured: how many wrong ones, and whether it is itself shown before. */
  failures?: number;
  twice?: boolean;
}

const WAITING = { failures: abi.FREE_FAILURES };
/** Recovery codes look alike: that they are computed is told by the form of the text alone. */
const RECOVERY = (user: User) => recovery(user.factor === abi.FACTOR_MOTP ? "motp" : "totp", user.key, 1, 3);
const RECOVERING = { user: { recovery: 1 }, text: (_: string, user: User) => RECOVERY(user) };
/** Another one of the same letters: how long each takes to read is no secret. */
const MISTYPED = (_: string, user: User) => RECOVERY(user).replace(/(.)(.)(.)(.)$/, "$4$3$2$1");

const SITUATIONS = {
  right: {},
  wrong: { text: wrong },
  spent: { twice: true },
  waiting: WAITING,
  "waiting, wrong": { ...WAITING, text: wrong },
  nobody: { user: { standing: abi.STANDING_DECOY } },
  disabled: { user: { standing: abi.STANDING_DISABLED } },
  pending: { user: { active: 0 } },
  elsewhere: { user: { types: abi.TYPE_L2TP } },
  recovered: RECOVERING,
  "recovered, wrong": { ...RECOVERING, text: MISTYPED },
  "recovered, spent": { ...RECOVERING, twice: true },
  "recovered, waiting": { ...RECOVERING, ...WAITING },
  "recovered, nobody": { ...RECOVERING, user: { recovery: 1, standing: abi.STANDING_DECOY } },
  "recovered, disabled": { ...RECOVERING, user: { recovery: 1, standing: abi.STANDING_DISABLED } },
  "recovered, none": { text: MISTYPED },
} satisfies Record<string, Setting>;

/** A dial-in by a proof, of a user of the usual policy of a factor. */
export function measure(
  factor: "totp" | "motp",
  proof: "clear" | "chap" | "mschapv2",
  situation: Situation,
  offset = 0,
): Measured {
  const setting: Setting = SITUATIONS[situation];
  const user: User = { ...(factor === "totp" ? TOTP : MOTP), ...setting.user };
  const right = codeOf(user, TIME + offset * user.period);
  const asked = (password: string): Ask => {
    const ask: Ask = { record: 0, time: TIME, type: abi.TYPE_PPTP };
    if (proof === "clear") ask.text = password;
    else if (proof === "chap") ask.chap = { id: 1, challenge: bytes(16, 3), password };
    else ask.mschapv2 = { authenticator: bytes(16, 4), peer: bytes(16, 5), name: "alice", password };
    return ask;
  };
  const ask = asked(setting.text?.(right, user) ?? right);
  const w = new Writer();
  w.enrol(0, user);
  for (let i = 0; i < (setting.failures ?? 0); i++) w.one(asked(`x${i}`), abi.VERDICT_WRONG);
  if (setting.twice) w.one(ask, setting.text ? abi.VERDICT_RECOVERED : abi.VERDICT_ACCEPT);
  w.write(abi.REQUESTS_AT, request(ask));
  return {
    name: `${factor} ${proof} ${situation}${situation === "right" ? ` ${offset}` : ""}`,
    prepare: printScript(w.steps),
  };
}
