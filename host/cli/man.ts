// The man pages, made from the commands' own texts (man(7), man-pages(7)): one for the program, one for each command.
import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Command, Option } from "commander";
import { version } from "../../package.json";
import { notesOf } from "./notes.ts";

/** Adds `man` to `program`, unseen: the build calls it. */
export function addMan(program: Command): void {
  program
    .command("man <folder>", { hidden: true })
    .description("write the man pages into a folder, compressed")
    .action((folder: string) => {
      mkdirSync(folder, { recursive: true });
      // A page of a command that is gone does not stay.
      for (const old of readdirSync(folder))
        if (/^dialward[\w-]*\.1(\.gz)?$/.test(old)) unlinkSync(join(folder, old));
      for (const [name, text] of manPages(program))
        writeFileSync(join(folder, `${name}.gz`), gzipSync(text, { level: 9 }));
    });
}

/** The pages by their file's name, such as dialward-user-add.1. */
export function manPages(program: Command): Map<string, string> {
  const pages = new Map<string, string>();
  const visit = (command: Command, words: readonly string[]): void => {
    pages.set(`${words.join("-")}.1`, page(command, words));
    for (const one of visible(command)) visit(one, [...words, one.name()]);
  };
  visit(program, ["dialward"]);
  return pages;
}

function visible(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== "help");
}

function page(command: Command, words: readonly string[]): string {
  const help = command.createHelp();
  const name = words.join("-");
  const usage = `${words.slice(0, -1).join(" ")} ${command.name()} ${command.usage()}`.trim();
  const parts = [
    `.TH ${escape(name.toUpperCase())} 1 "" "dialward ${version}" "Dialward"`,
    `.SH NAME\n${escape(name)} \\- ${escape(firstClause(command.description()))}`,
    `.SH SYNOPSIS\n.B ${escape(usage)}`,
    `.SH DESCRIPTION\n${escape(sentence(command.description()))}`,
    section(
      "ARGUMENTS",
      help.visibleArguments(command).map((one) => [help.argumentTerm(one), help.argumentDescription(one)]),
    ),
    section(
      "COMMANDS",
      visible(command).map((one) => [`${words.join(" ")} ${one.name()}`, one.description()]),
    ),
    section(
      "OPTIONS",
      help.visibleOptions(command).map((one) => [one.flags, help.optionDescription(one)]),
    ),
    section(
      "COMMON OPTIONS",
      inherited(command).map((one) => [one.flags, one.description]),
    ),
    ...notesOf(command).map(
      ({ title, lines }) => `.SH ${escape(title.toUpperCase())}\n.nf\n${lines.map(escape).join("\n")}\n.fi`,
    ),
    `.SH EXIT STATUS\n0, or 1 where something was refused or is not there, or 2 where the words or the configuration are off. With \\-\\-json an error is a JSON object on standard error, with \\fIerror.code\\fR and \\fIerror.message\\fR.`,
    seeAlso(command, words),
  ];
  return parts.filter(Boolean).join("\n") + "\n";
}

/** Options of the commands that it belongs to. */
function inherited(command: Command): Option[] {
  return command.parent ? [...inherited(command.parent), ...command.parent.options] : [];
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "";
  return `.SH ${title}\n${rows.map(([term, text]) => `.TP\n.B ${escape(term)}\n${escape(text || term)}`).join("\n")}`;
}

function seeAlso(command: Command, words: readonly string[]): string {
  const others = [
    ...(words.length > 1 ? [words.slice(0, -1).join("-")] : []),
    ...visible(command).map((one) => [...words, one.name()].join("-")),
  ];
  return others.length === 0
    ? ""
    : `.SH SEE ALSO\n${others.map((one) => `.BR ${escape(one)} (1)`).join(",\n")}`;
}

function firstClause(text: string): string {
  return text.split(/[;:]/, 1)[0]!;
}

function sentence(text: string): string {
  return text === "" ? "" : text[0]!.toUpperCase() + text.slice(1).replace(/\.?$/, ".");
}

/** Text as roff takes it: no backslash, hyphen or line's first letter means anything. */
function escape(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1");
}
