// What do ten administrators who click through a list of 100,000 users cost the service, and the logins beside them?

import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Case, Finding, Latency } from "./case.ts";
import { expect, hotp } from "./cases.ts";
import { click, get } from "./clicks.ts";
import { Conversation } from "./conversation.ts";
import { SharedSecret } from "../host/radius/client/digest.ts";
import { Generator } from "./load.ts";
import { cpuNanoseconds, makeUsers, SECRET, startDialward, stop } from "./servers.ts";

const USERS = 100_000;
const PAGES = 60;
const MOST_MILLISECONDS = 50;
const ADMINISTRATORS = 10;
const PER_SECOND = 200;
const SECONDS = 10;
const LIMIT_SECONDS = 15;
/** How long a service may take to open all profiles after its start. */
const WARMING_SECONDS = 120;

const secret = new SharedSecret(SECRET);

export const pages: Case = {
  name: "pages",
  ticks: () => 4,
  async run(setting) {
    const title = "The list of users on the pages, and logins while administrators click through it";
    const count = setting.short ? 200 : USERS;
    const users = makeUsers(count);
    const counters = new Array<number>(count).fill(0);
    let turn = 0;
    const next = (many: number): Conversation[] =>
      Array.from({ length: many }, () => {
        const u = (turn += 7) % count;
        const { name, key } = users[u]!;
        return new Conversation(secret, name, hotp(key, counters[u]!++), "PAP");
      });
    setting.progress("pages: importing users");
    // Nothing is pinned or hurried: a page is also made by the service's other threads, and of equals with real-time
    // priority on one core each runs up to 100 ms while the others wait.
    const folder = `${setting.folder}/pages`;
    const server = await startDialward(folder, { dist: setting.dist, users, factor: "hotp" });
    const generator = await Generator.open(server.endpoint, 256);
    try {
      const url = server.pages!;
      const cookie = await setUp(url, `${folder}/data/setup-link`);
      const text = await get(url, cookie, "users?q=user1");
      expect("the list has users", /user1\b/.test(text), true);
      if (setting.short) return { title, unit: "pages", rates: [], findings: [] };
      setting.progress("pages: waiting until all profiles are open");
      await rest(server.pid);
      const before = cpuNanoseconds(server.pid);
      for (let i = 0; i < PAGES; i++) await get(url, cookie, click(i));
      const each = (cpuNanoseconds(server.pid) - before) / PAGES / 1e6;
      setting.progress("pages: a page");
      const latencies: Latency[] = [];
      const stream = async (name: string): Promise<number> => {
        const result = await generator.stream(next(PER_SECOND * SECONDS), PER_SECOND, LIMIT_SECONDS);
        expect(`${name}: accepted`, result.accepts, PER_SECOND * SECONDS);
        latencies.push({ name: `${PER_SECOND} logins a second, ${name}`, ...result.latencies });
        setting.progress(`pages: ${name}`);
        return result.latencies.p99;
      };
      await stream("first logins");
      latencies.length = 0;
      const alone = await stream("nobody on the pages");
      const clicks = fork(fileURLToPath(new URL("clicking.mjs", import.meta.url)), [
        url,
        cookie,
        String(ADMINISTRATORS),
      ]);
      const beside = await stream(`${ADMINISTRATORS} administrators clicking`);
      expect("the administrators are still clicking", clicks.exitCode, null);
      await stop(clicks);
      const findings: Finding[] = [
        {
          question: `A page of the list of ${USERS} users (search, filter, order, page): the service's processor time`,
          target: `< ${MOST_MILLISECONDS} ms`,
          measured: `${each.toFixed(1)} ms`,
          met: each < MOST_MILLISECONDS,
          value: each,
        },
        {
          question: `Logins' p99 with ${ADMINISTRATORS} administrators who click once a second, against none`,
          measured: `${beside.toFixed(1)} ms; ${alone.toFixed(1)} ms`,
          value: beside / alone,
        },
      ];
      return { title, unit: "pages", rates: [], findings, latencies };
    } finally {
      generator.close();
      await server.stop();
    }
  },
};

/** Returns when a process has all but stopped working. */
async function rest(pid: number): Promise<void> {
  for (let second = 0; second < WARMING_SECONDS; second++) {
    const before = cpuNanoseconds(pid);
    await pause(1000);
    if (cpuNanoseconds(pid) - before < 20e6) return;
  }
  throw new Error(`the service was still busy after ${WARMING_SECONDS} s`);
}

/** Chooses the administrator's password, and returns the session's cookie. */
async function setUp(url: string, file: string): Promise<string> {
  const code = readFileSync(file, "utf8").trim().split("#")[1]!;
  const password = "a password of the bench";
  const body = new URLSearchParams({ setup: code, name: "admin", password, again: password });
  const answer = await fetch(`${url}setup`, { method: "POST", body, redirect: "manual" });
  const [cookie = ""] = answer.headers.getSetCookie();
  expect("set up", answer.status, 303);
  return cookie.split(";")[0]!;
}
