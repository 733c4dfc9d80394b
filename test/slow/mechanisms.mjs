// Takes each mechanism out of a copy of the sources and shows that the test of its promise fails then:
// `npm run test:mechanisms`, with `-- --short` for those that .ci/run tries, or with words for the promises that hold one of them.
// The lists are in mechanisms/; host/SECURITY.md has the promises.
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ADMIN } from "./mechanisms/admin.mjs";
import { CALLERS } from "./mechanisms/callers.mjs";
import { ONCE } from "./mechanisms/once.mjs";
import { RULES } from "./mechanisms/rules.mjs";
import { SERVICE } from "./mechanisms/service.mjs";

/**
 * One mechanism: where it stands, what stands there instead, and the test that fails then, all of the file or those that
 * `name` matches. `short`: .ci/run tries it. `simd`: the core with SIMD is built, else the strict one.
 * @typedef {{ promise: string, file: string, from: string | RegExp, to: string, test: string, name?: string,
 *   short?: boolean, simd?: boolean }} Mechanism
 */

const root = new URL("../..", import.meta.url).pathname;
const PARTS = [
  "host",
  "assembly",
  "test",
  "bench",
  "dist",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "asconfig.json",
  "README.md",
];
/** Tests that use ports and namespaces, or all of the processor, run one at a time. */
const isAlone = ({ test }) => test.startsWith("test/slow/") || test.startsWith("test/service/");
const MOST_MS = 600_000;

const { values, positionals } = parseArgs({
  options: { short: { type: "boolean", default: false }, check: { type: "boolean", default: false } },
  allowPositionals: true,
});
/** @type {Mechanism[]} */
const wanted = [...RULES, ...ONCE, ...CALLERS, ...SERVICE, ...ADMIN].filter(
  ({ promise, short }) =>
    (positionals.length === 0 || positionals.some((word) => promise.includes(word))) &&
    (short || !values.short),
);

/** A file without its mechanism. Throws where that is not there, or there twice. */
function takeOut({ promise, file, from, to }, folder) {
  const path = join(folder, file);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const found =
    from instanceof RegExp ? [...text.matchAll(new RegExp(from, "g"))].length : text.split(from).length - 1;
  if (found !== 1)
    throw new Error(
      `${promise}: ${file} holds ${found} times what is to be taken out. Mend its entry in test/slow/mechanisms.`,
    );
  return { path, without: text.replace(from, to) };
}

function run(folder, args, timeout = MOST_MS) {
  const env = { ...process.env, FIRST_FAILURE: "1", NO_COLOR: "1" };
  return new Promise((resolve) =>
    execFile(process.execPath, args, { cwd: folder, timeout, env, maxBuffer: 1 << 26 }, (error, out, err) =>
      resolve({ failed: error !== null, text: out + err }),
    ),
  );
}

/** Builds what of the file the tests run; throws where it does not compile. */
async function build(folder, { file, simd }) {
  const asc = ["node_modules/assemblyscript/bin/asc.js", "--target"];
  const built = file.startsWith("assembly/radius/")
    ? await run(folder, ["host/build/build.mjs"])
    : file.startsWith("assembly/")
      ? await run(folder, [...asc, simd ? "simd" : "strict"])
      : await run(folder, ["-e", 'import("./host/build/bundle.mjs").then((m) => m.bundle())']);
  if (built.failed) throw new Error(`${file} does not compile without it:\n${built.text.slice(-2000)}`);
}

/** With its times: build.mjs makes what is older than its sources. */
function copy(part, folder) {
  cpSync(join(root, part), join(folder, part), { recursive: true, preserveTimestamps: true });
}

/** Whether the test fails without the mechanism. */
async function isCaught(mechanism, folder) {
  const { path, without } = takeOut(mechanism, folder);
  const { file, test, name } = mechanism;
  writeFileSync(path, without);
  try {
    await build(folder, mechanism);
    const suite = /^test\/(slow|daemons|engines|browser)\//.exec(test)?.[1];
    const config = suite ? `test/${suite}/vitest.config.ts` : "test/vitest.config.ts";
    const args = ["node_modules/vitest/vitest.mjs", "run", "--bail", "1", "--config", config, test];
    if (name) args.push("-t", name);
    const { failed, text: said } = await run(folder, args);
    return failed && /(Tests|Test Files) .*failed/.test(said);
  } finally {
    const products = readdirSync(join(root, "dist")).filter((one) => /\.(wasm|mjs)$/.test(one));
    for (const one of [file, ...products.map((name) => join("dist", name))]) copy(one, folder);
  }
}

for (const one of wanted) takeOut(one, root);
if (values.check) {
  console.log(`${wanted.length} mechanisms stand where the lists say.`);
  process.exit();
}
const survivors = [];
const queue = { together: wanted.filter((one) => !isAlone(one)), alone: wanted.filter(isAlone) };
async function work(takes) {
  const folder = mkdtempSync(join(tmpdir(), "dialward-mechanism-"));
  try {
    for (const part of PARTS) copy(part, folder);
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (let one = takes(); one; one = takes()) {
      const started = Date.now();
      const caught = await isCaught(one, folder);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      console.log(`${caught ? "fails   " : "SURVIVES"}  ${one.promise} (${seconds} s)`);
      if (!caught) survivors.push(one.promise);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const workers = Math.min(availableParallelism(), queue.together.length);
await Promise.all(Array.from({ length: workers }, () => work(() => queue.together.shift())));
if (queue.alone.length > 0) await work(() => queue.alone.shift());
if (survivors.length > 0) console.log(`\nNo test notices that these are gone: ${survivors.join("; ")}`);
else console.log(`\nEach of ${wanted.length} mechanisms is missed by its test.`);
process.exitCode = survivors.length > 0 ? 1 : 0;
