// Sealing: a sealed profile opens with its key, for its user, whole, or says by name why not.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { environmentKeys, loadKeys, Sealer } from "../../host/store/seal.ts";

const KEY = Buffer.alloc(32, 1);
const OTHER = Buffer.alloc(32, 2);
const TEXT = Buffer.from("JBSWY3DPEHPK3PXP");
const sealedError = (message: RegExp) =>
  expect.objectContaining({ name: "DialwardError", code: "sealed", message: expect.stringMatching(message) });

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-seal-"));
  file = join(folder, "key");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test("opens what it sealed, and never seals the same way twice", () => {
  const sealer = new Sealer([KEY]);
  const [one, two] = [sealer.seal("alice", TEXT), sealer.seal("alice", TEXT)];
  expect(sealer.open("alice", one)).toEqual(TEXT);
  expect(Buffer.compare(one, two)).not.toBe(0);
  expect(Buffer.from(one).includes(TEXT)).toBe(false);
});

test("refuses another user's profile, another key, every flipped bit and every cut, by name", () => {
  const sealer = new Sealer([KEY]);
  const sealed = sealer.seal("alice", TEXT);
  expect(() => sealer.open("bob", sealed)).toThrow(sealedError(/"bob".*another user/));
  expect(() => new Sealer([OTHER]).open("alice", sealed)).toThrow(sealedError(/"alice".*another key/));
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const damaged = Buffer.from(sealed);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => sealer.open("alice", damaged)).toThrow(sealedError(/"alice"/));
  }
  for (let length = 0; length < sealed.length; length++) {
    expect(() => sealer.open("alice", sealed.slice(0, length))).toThrow(sealedError(/"alice"/));
  }
});

test("a key that was rotated out still opens, and the first key seals", () => {
  const sealed = new Sealer([OTHER]).seal("alice", TEXT);
  const both = new Sealer([KEY, OTHER]);
  expect(both.open("alice", sealed)).toEqual(TEXT);
  expect(new Sealer([KEY]).open("alice", both.seal("alice", TEXT))).toEqual(TEXT);
});

test("derived keys differ by label and by key", () => {
  const derived = [
    new Sealer([KEY]).derive("a"),
    new Sealer([KEY]).derive("b"),
    new Sealer([OTHER]).derive("a"),
  ];
  expect(new Set(derived.map((key) => key.toString("hex"))).size).toBe(3);
  expect(derived.every((key) => key.length === 32)).toBe(true);
});

test("the key file is made once, with mode 0600, and read ever after", () => {
  const warn = vi.fn();
  const [made] = loadKeys(file, true, warn).keys;
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "latin1")).toMatch(/^[0-9a-f]{64}\n$/);
  expect(loadKeys(file, true, warn).keys).toEqual([made]);
  expect(warn).not.toHaveBeenCalled();
});

test("a missing key file is not replaced where users are sealed already", () => {
  expect(() => loadKeys(file, false, () => {})).toThrow(sealedError(/put it back/));
});

test("a key file that others can read earns a warning that says what to do", () => {
  loadKeys(file, true, () => {});
  chmodSync(file, 0o644);
  const warn = vi.fn();
  loadKeys(file, true, warn);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/mode 644.*chmod 600/));
});

test("DIALWARD_KEY is used instead of a file, and a bad one is refused without being shown", () => {
  vi.stubEnv("DIALWARD_KEY", KEY.toString("hex"));
  expect(loadKeys(file, true, () => {}).keys).toEqual([KEY]);
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
  vi.stubEnv("DIALWARD_KEY", "deadbeef");
  expect(() => loadKeys(file, true, () => {})).toThrow(sealedError(/^(?!.*deadbeef).*64 hexadecimal digits/));
  vi.stubEnv("DIALWARD_KEY", "");
  expect(environmentKeys()).toBe(""); // nothing of it stays for tests that follow
  expect(process.env["DIALWARD_KEY"]).toBeUndefined();
});

test("a key file may hold older keys below the current one", () => {
  writeFileSync(file, `${KEY.toString("hex")}\n# before\n${OTHER.toString("hex")}\n`, { mode: 0o600 });
  expect(loadKeys(file, false, () => {})).toMatchObject({ keys: [KEY, OTHER], root: OTHER });
  writeFileSync(file, "\n", { mode: 0o600 });
  expect(() => loadKeys(file, false, () => {})).toThrow(sealedError(/64 hexadecimal digits/));
});
