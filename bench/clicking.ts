// A process of administrators who click: what it stops for itself delays no login that another process measures.
// Its arguments: where the pages are, the session's cookie, how many administrators. It goes on until it is ended.

import { setTimeout as pause } from "node:timers/promises";
import { click, get } from "./clicks.ts";

/** Between two clicks of one of them. */
const PAUSE_MS = 1000;

const [, , url, cookie, many] = process.argv as [string, string, string, string, string];
const administrators = Number(many);

async function go(i: number): Promise<never> {
  await pause((PAUSE_MS / administrators) * i);
  for (let n = i * 100; ; n++) {
    await get(url, cookie, click(n));
    await pause(PAUSE_MS);
  }
}

for (let i = 0; i < administrators; i++) void go(i);
