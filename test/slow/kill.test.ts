// SIGKILL at 500 random instants under load, between a request's receipt and its reply: every code of every round is
// sent again to the service that starts next, and over both lives it is accepted once at most.
import { fork, type ChildProcess } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Core } from "../../host/core/core.ts";
import * as field from "../../assembly/radius/dictionary.ts";
import { randomAuthenticator, SharedSecret } from "../../host/radius/client/digest.ts";
import { attribute, encodePacket } from "../../host/radius/client/packet.ts";
import { openEmbedded } from "../store/open.ts";
import { Sealer } from "../../host/store/seal.ts";
import { Users } from "../../host/users/users.ts";
import { totp } from "../codes.ts";
import { bundle } from "./bundle.ts";

const KILLS = 500; // that find requests on their way
const NAMES = Array.from({ length: 48 }, (_, i) => `user${i}`);
const STEPS = [-1, 0, 1];
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const SEALING_KEY = Buffer.alloc(32, 5);
const RADIUS_SECRET = "testing123";
const shared = new SharedSecret(RADIUS_SECRET);

let folder: string;
let program: string;
let socket: Socket;
let victim: ChildProcess | undefined;
let port = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dialward-kill-"));
  const store = await openEmbedded(join(folder, "data"));
  const rows = NAMES.map((name) => ({ name, secret: SECRET, active: true }));
  expect(await new Users(Core.load(), store, new Sealer([SEALING_KEY])).import(rows)).toEqual([]);
  await store.close();
  program = await bundle("victim", folder);
  socket = createSocket("udp4");
  socket.on("error", () => {}); // the service is dead
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await kill();
  socket.close();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<void> {
  victim = fork(program, [join(folder, "data"), SEALING_KEY.toString("hex"), RADIUS_SECRET]);
  const [ready] = await Promise.race([once(victim, "message"), once(victim, "exit")]);
  if (typeof ready !== "object") throw new Error("the service did not start");
  ({ port } = ready);
}

async function kill(): Promise<void> {
  const child = victim;
  victim = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const dead = once(child, "exit");
  child.kill("SIGKILL");
  await dead;
}

/** Sets the service's clock; the reasons of its verdicts up to now. */
async function setTime(time: number): Promise<string[]> {
  const answer = once(victim!, "message");
  victim!.send(time);
  return ((await answer) as [{ reasons: string[] }])[0].reasons;
}

/**
 * Each user sends its codes one after the other, all users at once; resolves when all are answered, or `dead` does.
 * Answers how many requests were on their way then.
 */
async function dialAll(time: number, accepts: Map<string, number>, dead: Promise<void>): Promise<number> {
  let open = NAMES.length;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const next = NAMES.map(() => 0);
  const send = (user: number): void => {
    if (next[user]! >= STEPS.length) {
      if (--open === 0) finish();
      return;
    }
    const authenticator = randomAuthenticator();
    const code = Buffer.from(totp(KEY, time + STEPS[next[user]!]! * 30));
    const request = encodePacket(field.ACCESS_REQUEST, user, authenticator, [
      attribute(field.USER_NAME, NAMES[user]!),
      attribute(field.USER_PASSWORD, shared.hidePassword(code, authenticator)),
    ])!;
    shared.sign(request, authenticator, true);
    socket.send(request, port, "127.0.0.1");
  };
  let taken = 0;
  const take = (reply: Buffer): void => {
    taken++;
    const user = reply[1]!;
    const key = `${user} ${Math.floor(time / 30) + STEPS[next[user]!]!}`;
    if (reply[0] === field.ACCESS_ACCEPT) accepts.set(key, (accepts.get(key) ?? 0) + 1);
    next[user]!++;
    send(user);
  };
  socket.on("message", take);
  NAMES.forEach((_, user) => send(user));
  await Promise.race([finished, dead]);
  // All that has arrived, until the socket has nothing for two turns: what is left would count for the next life.
  for (let idle = 0; idle < 2; idle++) {
    const before = taken;
    await new Promise((resolve) => setImmediate(resolve));
    if (taken > before) idle = -1;
  }
  socket.off("message", take);
  return open;
}

test(`killed ${KILLS} times under load, no code is accepted twice`, { timeout: 1_800_000 }, async () => {
  const never = new Promise<void>(() => {});
  let time = 1_800_000_000;
  await start();
  await setTime(time);
  const begun = performance.now();
  await dialAll(time, new Map(), never); // also warms up
  let span = performance.now() - begun; // of the instants; it follows how long the load takes
  let interrupted = 0;
  let lostReplies = 0;
  let accepted = 0;
  let kills = 0;
  for (; interrupted < KILLS && kills < 2 * KILLS; kills++) {
    const accepts = new Map<string, number>();
    time += 120;
    expect(await setTime(time)).not.toContain("must-wait");
    // Sleep is by whole milliseconds; the rest is spent waiting.
    const until = performance.now() + Math.random() * span;
    const dead = (async () => {
      while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
      await kill();
    })();
    const onTheirWay = await dialAll(time, accepts, dead);
    if (onTheirWay > 0) interrupted++;
    span *= onTheirWay > 0 ? 1.05 : 0.85;
    await dead;
    const before = accepts.size;
    await start();
    await setTime(time);
    await dialAll(time, accepts, never);
    const most = Math.max(...accepts.values());
    if (most > 1) throw new Error(`kill ${kills + 1}: a code was accepted ${most} times`);
    accepted += accepts.size;
    if (accepts.size < NAMES.length * STEPS.length && before < accepts.size) lostReplies++;
  }
  expect(await setTime(time)).not.toContain("must-wait"); // refusals were for spent codes
  // The instants were where it matters: with requests on their way, and some codes spent without a reply.
  expect(interrupted).toBe(KILLS);
  expect(lostReplies).toBeGreaterThan(KILLS / 10);
  expect(accepted).toBeGreaterThan(kills * NAMES.length);
});
