// What README and host/api.md show is what happens: the first login line by line, and each example as a program of its own. On ports of
// its own, so that it may run beside `npm start` and beside itself.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { createHmac } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { freeUdpPort } from "./free-port.ts";

const root = resolve(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map((m) => m[1]!);
const folder = mkdtempSync(join(tmpdir(), "dialward-readme-"));
let service: ChildProcess | undefined;

afterAll(async () => {
  // It writes until it has ended.
  if (service && service.exitCode === null)
    await new Promise((resolve) => service!.once("close", resolve).kill());
  rmSync(folder, { recursive: true, force: true });
});

/** RFC 6238 with node:crypto, from the secret as `user add` prints it. */
function totp(base32: string, step: number): string {
  const bits = [...base32]
    .map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(step, 4);
  const mac = createHmac("sha1", key).update(counter).digest();
  const binary = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff;
  return String(binary % 1e6).padStart(6, "0");
}

const config = join(folder, "dialward.toml");

/** Runs a line of README in a shell, as a person would in the clone's folder, but with a configuration of its own. */
function sh(line: string, input = ""): Promise<{ status: number; output: string }> {
  return new Promise((done) => {
    const child = execFile(
      "sh",
      ["-c", line.replace("dist/dialward.mjs", `dist/dialward.mjs --config ${config}`)],
      { cwd: root },
      (error, out, err) => done({ status: error ? Number(error.code) : 0, output: out + err }),
    );
    child.stdin!.end(input);
  });
}

test("the first login ends accepted, and the same code again is refused", async () => {
  const [add, verify, dial] = blocks("sh")[1]!.trim().split("\n") as [string, string, string];
  const port = await freeUdpPort();
  writeFileSync(
    config,
    `data = "data"
[radius]
listen = "127.0.0.1:${port}"
accounting = "127.0.0.1:0"
[web]
listen = "127.0.0.1:0"
`,
  );
  service = spawn("node", ["dist/dialward.mjs", "--config", config, "serve"], { cwd: root });
  let out = "";
  service.stderr!.on("data", (text) => (out += text));
  await new Promise<void>((ready, ended) => {
    service!.stdout!.on("data", (text) => /^ready$/m.test((out += text)) && ready());
    service!.once("close", (status) => ended(new Error(`serve ended with ${status}: ${out}`)));
  });
  const added = await sh(add);
  expect(added.status).toBe(0);
  const secret = /\b[A-Z2-7]{32}\b/.exec(added.output)![0];
  // This step's code and the next one's: a step that begins meanwhile makes neither of them too old.
  const step = Math.floor(Date.now() / 30_000);
  expect(await sh(verify, totp(secret, step) + "\n")).toMatchObject({ status: 0 });
  expect(await sh(dial, totp(secret, step + 1) + "\n")).toMatchObject({
    status: 0,
    output: expect.stringContaining("accepted"),
  });
  expect(await sh(dial, totp(secret, step + 1) + "\n")).toMatchObject({
    status: 1,
    output: expect.stringContaining("refused"),
  });
});

const api = readFileSync(join(root, "host/api.md"), "utf8");
const examples = [readme, api].flatMap((text) =>
  [...text.matchAll(/^```ts\n(.*?)^```/gms)].map((m) => m[1]!),
);

test.each(examples)("example %#: it prints what its comments say", async (example) => {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  const link = join(folder, "node_modules", "dialward");
  if (!existsSync(link)) symlinkSync(root, link);
  writeFileSync(join(folder, "example.mjs"), example);
  const { output } = await sh(`node ${join(folder, "example.mjs")}`);
  const said = [...example.matchAll(/console\.log\(.*\/\/ (.*)/g)].map(([, text]) => text!);
  expect(output.trim().split("\n")).toEqual(said);
});
