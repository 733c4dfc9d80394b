// No secret, password, PIN or code in anything that the service writes or shows: a conversation of all proofs, right and
// wrong, at the most talkative log level, and then a search through all of it for each of them in every spelling.
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dialIn, PEER_PROOFS } from "../../host/radius/client/peer.ts";
import { hotp, motp } from "../codes.ts";
import { command, configure, makeFolder, startService } from "../serve.ts";

const RADIUS_SECRET = "s3cret-of-the-nas";
const PASSWORD = "Tr0ub4dor-and-3";
const PIN = "7391846";
const WRONG = "90817263";

/** RFC 4648 base32, without padding. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(five.padEnd(5, "0"), 2)])
    .join("");
}

function spellings(secret: Buffer): [string, Buffer][] {
  const texts = [
    secret.toString("hex"),
    secret.toString("base64"),
    secret.toString("base64url"),
    base32(secret),
  ];
  const all = texts.flatMap((text) => [text, text.toLowerCase(), text.toUpperCase()]);
  return [secret, ...all.map((text) => Buffer.from(text))].map((bytes) => [bytes.toString("latin1"), bytes]);
}

/** Whether `text` stands in `where` by itself: a code's digits may be part of a longer number. */
function holds(where: Buffer, text: Buffer): boolean {
  for (let at = where.indexOf(text); at >= 0; at = where.indexOf(text, at + 1)) {
    const around = String.fromCharCode(where[at - 1] ?? 0, where[at + text.length] ?? 0);
    if (!/[0-9A-Za-z]/.test(around)) return true;
  }
  return false;
}

test("nothing that the service writes holds a secret, a password, a PIN or a code", async () => {
  const folder = makeFolder();
  configure(folder, "", RADIUS_SECRET, "debug");
  const key = randomBytes(20);
  const phone = randomBytes(8);
  const hotpUser = { factor: "hotp", digits: 8, secret: base32(key), active: true };
  const users = [
    { ...hotpUser, name: "code" },
    { ...hotpUser, name: "both", mode: "password+code", password: PASSWORD },
    { ...hotpUser, name: "steps", mode: "password-then-code", password: PASSWORD },
    { name: "phone", factor: "motp", secret: phone.toString("hex"), pin: PIN, active: true },
  ];
  await command(folder, ["init"]);
  await command(folder, ["user", "import", "-"], JSON.stringify({ users }));
  const service = await startService(folder);
  const codes = new Set<string>();
  const outcomes = new Map<string, number>();
  let counter = 0;
  const log = async (user: string, password: string, proof: (typeof PEER_PROOFS)[number], secret: string) => {
    const ask = async () => code;
    const code = hotp(key, counter, 8);
    codes.add(code);
    const once = { server: service.radius, tries: 1, timeout: secret === RADIUS_SECRET ? 10_000 : 100, ask };
    const { outcome } = await dialIn({
      ...once,
      user,
      password: password.replace("CODE", code),
      proof,
      secret,
    });
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };
  let shown: string[];
  try {
    for (const proof of PEER_PROOFS) {
      await log("code", "CODE", proof, RADIUS_SECRET);
      await log("both", `${PASSWORD}CODE`, proof, RADIUS_SECRET);
      await log("steps", PASSWORD, proof, RADIUS_SECRET);
      counter++;
    }
    const now = motp(phone.toString("hex"), PIN, Date.now() / 1000);
    codes.add(now);
    await log("phone", now, "pap", RADIUS_SECRET);
    await log("code", WRONG, "pap", RADIUS_SECRET);
    await log("nobody", WRONG, "mschapv2", RADIUS_SECRET);
    await log("code", "CODE", "pap", "another secret");
    // Errors that name a file must not name what is in it.
    writeFileSync(join(folder, "dialward.toml"), `[radius]\nclients = [{ secret = "${RADIUS_SECRET}" ]`);
    service.signal("SIGHUP");
    await expect.poll(service.output).toContain("was not read again");
    const get = async (path: string) => (await fetch(`${service.monitor}${path}`)).text();
    const process = (file: string) => readFileSync(`/proc/${service.pid}/${file}`, "latin1");
    shown = [await get("/metrics"), await get("/healthz"), process("cmdline"), process("environ")];
  } finally {
    service.signal("SIGTERM");
    await service.ended;
  }
  // The conversation was what it is meant to be: all kinds of outcomes, and logins that succeeded.
  expect(outcomes.get("accept")).toBeGreaterThan(8);
  expect(outcomes.get("refuse")).toBeGreaterThan(2);

  const sealing = readFileSync(join(folder, "data", "key"), "utf8").trim();
  const written = new Map<string, Buffer>([
    ["output", Buffer.from(service.output())],
    ["audit log", readFileSync(join(folder, "audit.jsonl"))],
    ["metrics, health, arguments, environment", Buffer.from(shown.join("\n"))],
  ]);
  const inData = (name: string): string => join(folder, "data", name);
  for (const name of readdirSync(inData(""), { recursive: true, encoding: "utf8" })) {
    if (name === "key" || !statSync(inData(name)).isFile()) continue;
    const room = name.split("/")[0]!;
    const before = written.get(room) ?? Buffer.alloc(0);
    written.set(room, Buffer.concat([before, readFileSync(inData(name))]));
  }
  expect([...written.keys()]).toEqual(expect.arrayContaining(["profiles", "spent"]));
  const secrets = [key, phone, Buffer.from(sealing, "hex")].flatMap(spellings);
  for (const text of [RADIUS_SECRET, PASSWORD, PIN, WRONG, ...codes]) secrets.push([text, Buffer.from(text)]);
  for (const [place, bytes] of written)
    for (const [name, secret] of secrets) expect(holds(bytes, secret), `${name} in ${place}`).toBe(false);
  // What this test looks with does find: a user's name is in all of them that hold names.
  for (const place of ["output", "audit log", "profiles"])
    expect(written.get(place)!.includes("phone"), place).toBe(true);
  rmSync(folder, { recursive: true });
});
