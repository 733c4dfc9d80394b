// The documents: every link in them leads to something that is there, and to a heading that it has; every command of ours
// exists, with each option that stands there. What README and the firmware's README show is run as well, elsewhere.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { buildProgram } from "../host/cli/program.ts";

const root = resolve(import.meta.dirname, "..");
const NOT_OURS = new Set(["node_modules", "dist", ".git"]);

function documents(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : documents(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(documents(root))("%s: its links lead somewhere", (file) => {
  const prose = readFileSync(file, "utf8").replace(/^```[^]*?^```/gm, "");
  const broken = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].filter(([, link]) => {
    if (/^(https?|mailto):/.test(link!)) return false;
    const [path = "", anchor] = link!.split("#");
    const target = path === "" ? file : join(dirname(file), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchors(readFileSync(target, "utf8")).includes(anchor);
  });
  expect(broken.map(([, link]) => link)).toEqual([]);
});

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
const program = buildProgram();

/** Lines of shell blocks, and what stands as code within a sentence. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block!);
  const lines = blocks.join("\n").replaceAll("\\\n", " ").split("\n");
  const inline = [...text.replace(/^```[^]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  return [...lines, ...inline];
}

/** What is wrong with a line that calls the program: a word that is no command, an option that it does not have. */
function faultOf(line: string): string | undefined {
  const [, script] = /^npm run ([\w:]+)/.exec(line) ?? [];
  if (script !== undefined) return script in scripts ? undefined : `no script ${script}`;
  const call = /^(?:node dist\/)?dialward(?:\.mjs)? (.*?)(?: +#.*| [|<>].*)?$/.exec(line);
  if (!call) return undefined;
  const words = call[1]!.replaceAll(/'[^']*'|"[^"]*"/g, "VALUE").split(/\s+/);
  let command: Command = program;
  const options = () => [...program.options, ...command.options];
  for (const [index, word] of words.entries()) {
    if (word.startsWith("--")) {
      const known = options().some(({ long }) => long === word.split("=")[0]);
      if (!known && word !== "--help") return `${command.name()} has no ${word}`;
      continue;
    }
    const next = command.commands.find((one) => one.name() === word);
    if (next) command = next;
    else if (command.commands.length > 0 && /^[a-z-]+$/.test(word) && !words[index - 1]?.startsWith("--"))
      return `${command.name()} has no command ${word}`;
  }
  return undefined;
}

test.each(documents(root))("%s: its commands exist, with their options", (file) => {
  const lines = commandsIn(readFileSync(file, "utf8"));
  const faults = lines.map((line) => [line, faultOf(line.trim())]).filter(([, fault]) => fault !== undefined);
  expect(faults).toEqual([]);
});

test("a command or an option that is not there is found", () => {
  expect(faultOf("dialward user ad alice")).toContain("no command ad");
  expect(faultOf("dialward user add alice --secretfile x")).toContain("no --secretfile");
  expect(faultOf("npm run tests")).toContain("no script");
  expect(faultOf("dialward --data folder user add 'a name' --factor totp # comment")).toBeUndefined();
});
