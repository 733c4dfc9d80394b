// `npm test`: the checks, the core's own tests and the unit suite, side by side; the time it took stands at the end.
// Plain JavaScript: it only starts programs. With arguments it runs the unit suite alone, on the files that they name.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const begun = performance.now();
const seconds = () => ((performance.now() - begun) / 1000).toFixed(1);
const files = process.argv.slice(2);
const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));

/** Runs a script of package.json, without another npm; what it says is shown where it fails, or in any case with `shown`. */
function runScript(name, shown = false, more = []) {
  const stdio = shown ? "inherit" : ["ignore", "pipe", "pipe"];
  const child = spawn("sh", ["-c", `${scripts[name]} "$@"`, "sh", ...more], { stdio });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += chunk));
  return new Promise((resolve) => {
    child.on("close", (status) => {
      if (status !== 0) console.error(`${said}\nnpm run ${name}: failed`);
      resolve(status === 0);
    });
  });
}

/** What needs a processor alone, one after the other; the unit suite waits for services meanwhile. */
async function runChecks() {
  let passed = true;
  for (const name of [
    "check:types",
    "check:lint",
    "check:unused",
    "check:package",
    "check:format",
    "test:core",
  ])
    passed = (await runScript(name)) && passed;
  return passed;
}

const results = await Promise.all([files.length > 0 || runChecks(), runScript("test:unit", true, files)]);
const passed = results.every(Boolean);
console.log(`${passed ? "All of it passed" : "Something failed"}, after ${seconds()} s.`);
process.exitCode = passed ? 0 : 1;
