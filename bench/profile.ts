// Where does a RADIUS login spend its time? Runs the service under Node's processor profiler, drives it with PAP logins,
// and sums the samples by module of the bundle.

import { readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, hotp } from "./cases.ts";
import { Conversation, type LoadProof } from "./conversation.ts";
import { SharedSecret } from "../host/radius/client/digest.ts";
import { Generator } from "./load.ts";
import { canPin, GENERATOR_CORE, makeUsers, pinSelf, SECRET, SERVER_CORE, startDialward } from "./servers.ts";

const USERS = 5_000;
const ROUNDS = 8;

interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
}

/** Prints what share of the service's busy time each module and each function takes, for logins of one proof. */
export async function profile(dist: string, folder: string, proof: LoadProof): Promise<void> {
  const users = makeUsers(USERS);
  const core = canPin() ? SERVER_CORE : undefined;
  const server = await startDialward(`${folder}/profile`, {
    dist,
    users,
    factor: "hotp",
    core,
    nodeArguments: ["--cpu-prof", "--cpu-prof-interval", "200", `--cpu-prof-dir=${folder}/profiles`],
  });
  if (core !== undefined) pinSelf(String(GENERATOR_CORE));
  const generator = await Generator.open(server.endpoint, 64);
  const secret = new SharedSecret(SECRET);
  let logins = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const batch = users.map(({ name, key }) => new Conversation(secret, name, hotp(key, round), proof));
    const result = await generator.saturate(batch, 30);
    expect("accepts", result.accepts, USERS);
    logins += result.accepts;
  }
  generator.close();
  await server.stop();
  const [file] = readdirSync(`${folder}/profiles`);
  const cpu = JSON.parse(readFileSync(`${folder}/profiles/${file}`, "utf8")) as CpuProfile;
  const { busy, modules, functions } = summarise(cpu, pathToFileURL(dist).href);
  console.log(`\n${proof}: ${logins} logins, ${(busy / logins).toFixed(1)} µs of the main thread for each`);
  const print = (title: string, times: Map<string, number>, most: number) => {
    console.log(`\n  ${title}`);
    for (const [name, time] of [...times].sort((a, b) => b[1] - a[1]).slice(0, most)) {
      const share = ((100 * time) / busy).toFixed(1).padStart(5);
      console.log(`  ${share} %  ${(time / logins).toFixed(2).padStart(6)} µs  ${name}`);
    }
  };
  print("by module, without what it calls", modules, 30);
  print("by function, without what it calls", functions, 50);
}

/** Microseconds by module and by function; a native function counts for the module that called it. */
function summarise(
  cpu: CpuProfile,
  bundle: string,
): {
  busy: number;
  modules: Map<string, number>;
  functions: Map<string, number>;
} {
  const moduleAt = new Map<string, string[]>();
  const nodes = new Map(cpu.nodes.map((node) => [node.id, node]));
  const parentOf = new Map<number, number>();
  for (const node of cpu.nodes) for (const child of node.children ?? []) parentOf.set(child, node.id);
  const moduleOf = (id: number): string => {
    const { callFrame } = nodes.get(id)!;
    if (callFrame.functionName === "(garbage collector)") return "garbage collection";
    if (callFrame.functionName === "(program)") return "(program)";
    if (callFrame.url.startsWith("wasm")) return "the core (WebAssembly)";
    if (callFrame.url.startsWith(bundle)) {
      let modules = moduleAt.get(callFrame.url);
      if (modules === undefined) moduleAt.set(callFrame.url, (modules = readModules(callFrame.url)));
      return modules[callFrame.lineNumber] ?? "the bundle";
    }
    if (callFrame.url.includes("node_modules/"))
      return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(callFrame.url)![1]! + " (npm)";
    if (callFrame.url.startsWith("node:")) return callFrame.url;
    const parent = parentOf.get(id);
    return parent === undefined ? "(other)" : moduleOf(parent);
  };
  const modules = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  cpu.samples.forEach((id, i) => {
    const { functionName } = nodes.get(id)!.callFrame;
    const time = cpu.timeDeltas[i] ?? 0;
    if (functionName === "(idle)" || functionName === "(root)") return;
    const module = moduleOf(id);
    busy += time;
    modules.set(module, (modules.get(module) ?? 0) + time);
    const name = `${functionName || "(anonymous)"}  ${module}`;
    functions.set(name, (functions.get(name) ?? 0) + time);
  });
  return { busy, modules, functions };
}

/** The module of each line of a bundled file: esbuild writes "// host/radius/client/packet.ts" before each. */
function readModules(url: string): string[] {
  let current = "the bundle";
  return readFileSync(new URL(url), "utf8")
    .split("\n")
    .map((line) => {
      current = /^\/\/ ((?:host|assembly|node_modules)\/\S+)$/.exec(line)?.[1] ?? current;
      return current.replace(/^node_modules\/((?:@[^/]+\/)?[^/]+)\/.*/, "$1 (npm)");
    });
}
