// What a NAS sees of a router is what it sees of the service: one script of conversations runs against `dialward serve` and
// against dialward-radiusd, and the bytes of all replies are compared.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { command, startService, type RunningService } from "../serve.ts";
import { Daemon } from "./daemon.ts";
import { CLIENTS_FILE, CLIENTS_TOML, play, USER_ROWS, USERS_FILE, type Transcript } from "./radius-script.ts";
import { buildDaemon, makeDaemon, needs, PROCESSORS, translate } from "./toolchain.ts";

const folder = mkdtempSync(join(tmpdir(), "dialward-script-"));
const seconds = Date.now() / 1000;
let service: RunningService;
let theirs: Transcript;

beforeAll(async () => {
  const any = '"127.0.0.1:0"';
  const config = `data = "data"
[radius]
listen = ${any}
accounting = ${any}
${CLIENTS_TOML}[metrics]
listen = ${any}
[web]
listen = "off"
`;
  writeFileSync(join(folder, "dialward.toml"), config, { mode: 0o600 });
  await command(folder, ["init"]);
  await command(folder, ["user", "import", "-"], JSON.stringify({ users: USER_ROWS }));
  service = await startService(folder);
  theirs = await play([service.radius.port, service.accountingPort], seconds);
});
afterAll(async () => {
  service?.signal("SIGTERM");
  await service?.ended;
  rmSync(folder, { recursive: true });
});

async function compare(daemon: Daemon): Promise<void> {
  try {
    daemon.write(USERS_FILE, CLIENTS_FILE);
    await daemon.start();
    expect(await play([daemon.port, daemon.accountingPort], seconds)).toEqual(theirs);
  } finally {
    await daemon.close();
  }
}

for (const processor of PROCESSORS.filter(({ name }) => ["x86-64", "mips"].includes(name)))
  it(`dialward-radiusd on ${processor.name} says what the service says, byte by byte`, async (context) => {
    needs(context, "wasm2c", processor.compiler, processor.emulator);
    translate();
    await compare(new Daemon(processor, buildDaemon(processor)));
  });

it("so does the small one on a MIPS", async (context) => {
  const mips = PROCESSORS.find(({ name }) => name === "mips")!;
  needs(context, "wasm2c", "make", mips.compiler, mips.emulator);
  translate();
  const { tool } = buildDaemon(mips);
  await compare(
    new Daemon(mips, { daemon: makeDaemon(mips, "SIZE=small"), tool }, "-L", "/usr/mips-linux-gnu"),
  );
});
