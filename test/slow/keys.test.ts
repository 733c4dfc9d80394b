// Keys cannot be lost: rotations, imports and edits at once, and rotations under 200 logins a second, while the service
// is killed and started again. Afterwards everybody who was there is, with what was said to be done.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { askService } from "../../host/cli/control-client.ts";
import { dialIn } from "../../host/radius/client/peer.ts";
import type { Desk } from "../../host/service/desk.ts";
import { hotp } from "../codes.ts";
import { command, makeFolder, startService, type RunningService } from "../serve.ts";

const short = Boolean(process.env["CI"]);
const USERS = short ? 2000 : 20_000;
const KILLS = short ? 6 : 25;
/** Of one import: more than one write of the database. */
const ROWS = 2500;
const EDITED = 40;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const KEY = Buffer.from("12345678901234567890");
const TYPES = ["pptp", "l2tp", "ikev2-eap", "openvpn"] as const;

let folder = "";
let service: RunningService | undefined;

afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<Desk> {
  service = await startService(folder);
  return (await askService(join(folder, "data")))!;
}

async function kill(): Promise<void> {
  service?.signal("SIGKILL");
  await service?.ended;
  service = undefined;
}

const rowsOf = (names: readonly string[], factor = "totp") =>
  names.map((name) => ({ name, factor, secret: SECRET, active: true }));
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test(
  `${USERS} users: rotations, imports and edits at once, with ${KILLS} kills, lose nobody`,
  { timeout: 3_600_000 },
  async () => {
    folder = makeFolder();
    const base = Array.from({ length: USERS }, (_, i) => `user${i}`);
    await command(folder, ["init"]);
    let desk = await start();
    expect(await desk.users.import(rowsOf(base))).toEqual([]);
    const there = new Set(base);
    /** Imports whose end nobody heard of: all of it is there, or nothing. */
    const unknown: string[][] = [];
    /** What a user's types may be: the last that was said to be done, and what was asked for since. */
    const typesOf = new Map<string, string[]>();
    const done = { rotations: 0, imports: 0, edits: 0 };
    let span = 3000;
    for (let round = 0; round < KILLS; round++) {
      const names = Array.from({ length: ROWS }, (_, i) => `r${round}-${i}`);
      const rotating = (async () => {
        for (;;) {
          await desk.keys.rotate();
          done.rotations++;
        }
      })();
      const importing = (async () => {
        unknown.push(names);
        expect(await desk.users.import(rowsOf(names))).toEqual([]);
        unknown.pop();
        for (const name of names) there.add(name);
        done.imports++;
      })();
      const editing = (async () => {
        for (let i = 0; ; i++) {
          const name = `user${(i * 31 + round) % EDITED}`;
          const type = TYPES[(i + round) % TYPES.length]!;
          typesOf.set(name, [...(typesOf.get(name) ?? []), type]);
          await desk.users.edit(name, { types: [type] });
          typesOf.set(name, [type]);
          done.edits++;
        }
      })();
      const before = { ...done };
      const all = Promise.allSettled([rotating, importing, editing]);
      await pause(Math.random() * span);
      await kill();
      await all;
      // The instants are spread over what rotation and import take, however fast this machine is.
      span *= done.imports > before.imports && done.rotations > before.rotations ? 0.8 : 1.5;
      desk = await start();
    }
    for (const [what, count] of Object.entries(done)) expect([what, count]).not.toEqual([what, 0]);
    // The keys of before are gone after two more.
    for (let i = 0; i < 2; i++) await desk.keys.rotate();
    await kill();
    desk = await start();
    const found = new Map<string, string>();
    const problems: string[] = [];
    for await (const one of desk.users.list()) {
      if ("profile" in one) found.set(one.profile.name, one.profile.types.join());
      else problems.push(one.problem);
    }
    expect(problems).toEqual([]);
    for (const names of unknown)
      expect([0, names.length]).toContain(names.filter((name) => found.has(name)).length);
    for (const names of unknown) for (const name of names) if (found.has(name)) there.add(name);
    expect([...there].filter((name) => !found.has(name))).toEqual([]);
    expect(found.size).toBe(there.size);
    for (const [name, types] of typesOf)
      expect([name, types]).toEqual([name, expect.arrayContaining([found.get(name)])]);
    expect(await desk.store.check()).toEqual({ damaged: [] });
    console.log(`${found.size} users; done between ${KILLS} kills: ${JSON.stringify(done)}`);
  },
);

test(
  `keys rotated again and again under 200 logins a second, with ${KILLS} kills: nobody is kept out, no code counts twice`,
  { timeout: 3_600_000 },
  async () => {
    folder = makeFolder();
    const names = Array.from({ length: 500 }, (_, i) => `user${i}`);
    await command(folder, ["init"]);
    let desk = await start();
    expect(await desk.users.import(rowsOf(names, "hotp"))).toEqual([]);
    /** Each user's next counter, and the accepts of each code. */
    const next = names.map(() => 0);
    const accepts = new Map<string, number>();
    let [accepted, unanswered] = [0, 0];
    const login = async (user: number, counter: number): Promise<string> => {
      const once = {
        user: names[user]!,
        password: hotp(KEY, counter),
        proof: "pap",
        secret: "testing123",
      } as const;
      const { outcome } = await dialIn({ ...once, server: service!.radius, tries: 1, timeout: 2000 });
      const code = `${user} ${counter}`;
      if (outcome === "accept") accepts.set(code, (accepts.get(code) ?? 0) + 1);
      return outcome;
    };
    /** The user's next code; one without an answer may be spent. */
    const logIn = async (user: number): Promise<void> => {
      const outcome = await login(user, next[user]!++);
      if (outcome === "accept") accepted++;
      else unanswered++;
    };
    let output = "";
    for (let round = 0; round < KILLS; round++) {
      const rotating = (async () => {
        for (;;) await desk.keys.rotate();
      })().catch(() => {}); // by the kill
      const under: Promise<void>[] = [];
      const until = performance.now() + 200 + Math.random() * 800;
      for (let user = round; performance.now() < until; user++) {
        under.push(logIn(user % names.length));
        await pause(5);
      }
      output += service!.output();
      await kill();
      await Promise.allSettled([rotating, ...under]);
      desk = await start();
      // What was answered is spent, whatever key the profile is sealed with by now.
      for (let user = 0; user < names.length; user += 50)
        if (next[user]! > 0) expect(await login(user, next[user]! - 1)).not.toBe("no-answer");
    }
    expect(Math.max(...accepts.values())).toBe(1);
    expect(accepted).toBeGreaterThan(unanswered);
    expect(output).not.toMatch(/bad-record|cannot be used/);
    for (let i = 0; i < 2; i++) await desk.keys.rotate();
    for (const [user] of names.entries())
      expect([user, await login(user, next[user]!++)]).toEqual([user, "accept"]);
    console.log(`${accepted} logins, ${unanswered} cut off by ${KILLS} kills`);
  },
);
