// Noise for what the C host and the RADIUS daemon read from outside, under ASan and UBSan. More of it:
// dist/engines/fuzz ROUNDS SEED, and ROUNDS=100000 npx vitest run --config test/engines/vitest.config.ts fuzz

import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openNas } from "../radius/fixture.ts";
import { Daemon } from "./daemon.ts";
import { makeNoise, STATUS_IDENTIFIER } from "./noise.ts";
import {
  buildDaemon,
  BUILT,
  FILES,
  FIRMWARE,
  needs,
  PROCESSORS,
  run,
  TESTS,
  translate,
} from "./toolchain.ts";

it("flash, users' lines and requests of any kind end no program, and let nobody in", (context) => {
  needs(context, "gcc", "wasm2c");
  translate();
  const program = join(BUILT, "fuzz");
  const common = ["-std=gnu99", "-g", "-O1", `-I${FIRMWARE}`, `-I${BUILT}`];
  run("gcc", [...common, "-w", "-c", join(BUILT, "core.c"), "-o", join(BUILT, "fuzz-core.o")]);
  const files = [...FILES, join(FIRMWARE, "engine-wasm2c.c")];
  run("gcc", [
    ...common,
    ...["-fsanitize=address,undefined", "-fno-sanitize-recover", "-Wall", "-Wextra", "-Werror"],
    ...[join(TESTS, "fuzz.c"), ...files, join(BUILT, "fuzz-core.o"), "-o", program],
  ]);
  const seed = String(Date.now() % 1_000_000);
  expect(run(program, ["2000", seed]), `seed ${seed}`).toBe("survived\n");
});

describe("dialward-radiusd", () => {
  const native = PROCESSORS.find(({ name }) => name === "x86-64")!;
  const flags = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover"];
  const processor = { ...native, name: "x86-64 with sanitizers", emulator: "", flags };
  let daemon: Daemon | undefined;
  afterAll(() => daemon?.close());

  it("stands datagrams and files of any kind, and lets nobody in", async (context) => {
    needs(context, "gcc", "wasm2c");
    translate();
    daemon = new Daemon(processor, buildDaemon(processor));
    const [users, clients] = [
      "eap hotp GEZDGNBVGY3TQOJQ\ntwo hotp GEZDGNBVGY3TQOJQ password=Geheim mode=two-steps\n",
      "127.0.0.1 testing123 signed=may chap=unsigned challenge=yes\n",
    ];
    daemon.write(users, clients);
    await daemon.start();
    const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    const rounds = Number(process.env["ROUNDS"] ?? 3000);
    const noise = makeNoise(seed);
    const nas = await openNas("127.0.0.1", daemon.port);
    const accounting = await openNas("127.0.0.1", daemon.accountingPort);
    const reasons = new Set<string>();
    const replies = async (): Promise<void> => {
      nas.send(noise.status());
      for (;;) {
        const reply = await nas.next();
        expect(reply, `seed ${seed}\n${daemon!.log.slice(-2000)}`).toBeDefined();
        if (reply![1] === STATUS_IDENTIFIER) break;
        noise.hear(reply!);
      }
      expect(daemon!.log, `seed ${seed}`).not.toMatch(/^accept/m);
      for (const [, reason] of daemon!.log.matchAll(/ reason=(\S+)$/gm)) reasons.add(reason!);
      daemon!.log = "";
    };
    for (let round = 0; round < rounds; round++) {
      (noise.below(8) === 0 ? accounting : nas).send(noise.datagram());
      if (round % 16 === 0) await replies();
      if (round % 500 === 499) {
        await replies();
        daemon.write(noise.bend(users), noise.bend(clients));
        await daemon.reload(/^(the old ones stay|read again)$/m);
        daemon.write(users, clients);
        await daemon.reload(/^read again$/m);
      }
    }
    await replies();
    // It comes far: to verdicts, and into conversations.
    expect(reasons, `seed ${seed}`).toContain("wrong-code");
    expect(reasons.size, `seed ${seed}: ${[...reasons].join(" ")}`).toBeGreaterThan(5);
    nas.close();
    accounting.close();
    await daemon.stop();
    expect(daemon.log).not.toMatch(/Sanitizer|runtime error/);
  });
});
