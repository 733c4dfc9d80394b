// dialward completion: what a shell needs to complete commands, options and their values, made from the commands
// themselves. (bash(1) "Programmable Completion"; zshcompsys(1); fish's complete(1).)
import { Argument, type Command, type Option } from "commander";
import { terminal } from "./terminal.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** Adds `completion` to `program`. */
export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description(
      'print what a shell needs to complete this program\'s words: eval "$(dialward completion bash)"',
    )
    .addArgument(new Argument("<shell>", "which shell").choices(SHELLS))
    .action((shell: Shell) => {
      terminal().stdout.write({ bash, zsh, fish }[shell](commandsOf(program)));
    });
}

/** A command as completion sees it. */
interface Known {
  /** "" is the program itself, "/user/add" a command of a command. */
  path: string;
  description: string;
  commands: Command[];
  options: Option[];
  /** Its arguments are files. */
  files: boolean;
  choices: readonly string[];
}

/** All commands that are for people, the program first. */
export function commandsOf(program: Command): Known[] {
  const global = program.options.filter((option) => !option.hidden);
  const known: Known[] = [];
  const visit = (command: Command, path: string, inherited: readonly Option[]): void => {
    const own = command.options.filter((option) => !option.hidden);
    const options = command === program ? own : [...own, ...inherited];
    const commands = visible(command);
    known.push({
      path,
      description: command.description(),
      commands,
      options,
      files: command.registeredArguments.some((argument) => /file|folder/.test(argument.name())),
      choices: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
    });
    for (const one of commands) visit(one, `${path}/${one.name()}`, command === program ? global : options);
  };
  visit(program, "", []);
  return known;
}

function visible(command: Command): Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => one.name() !== "help");
}

function flagsOf(option: Option): string[] {
  return [option.long, option.short].filter((flag) => flag !== undefined);
}

/** Every option that takes a value, once. */
function valued(known: readonly Known[]): string[] {
  const takes = known.flatMap(({ options }) =>
    options.filter((one) => one.required || one.optional).flatMap(flagsOf),
  );
  return [...new Set(takes)].toSorted();
}

function takesFile(option: Option): boolean {
  return /<[^>]*(file|dir|folder)[^>]*>/.test(option.flags);
}

/** For a shell's single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The part that finds the command: the same in bash and zsh but for where words begin. */
function find(known: readonly Known[], words: string, first: string, end: string): string {
  const paths = known.flatMap(({ path }) => (path === "" ? [] : [quote(path)])).join("|");
  return `  at=""
  for ((i = ${first}; i < ${end}; i++)); do
    case "\${${words}[i]}" in
      ${valued(known).join("|")}) ((i++)) ;;
      -*) ;;
      *)
        case "$at/\${${words}[i]}" in
          ${paths}) at="$at/\${${words}[i]}" ;;
        esac
        ;;
    esac
  done`;
}

function bash(known: readonly Known[]): string {
  const values = known.flatMap(({ path, options }) =>
    options.flatMap((option) => {
      if (!option.required && !option.optional) return [];
      const cases = flagsOf(option)
        .map((flag) => quote(`${path} ${flag}`))
        .join("|");
      const reply = option.argChoices
        ? `COMPREPLY=($(compgen -W ${quote(option.argChoices.join(" "))} -- "$cur"))`
        : takesFile(option)
          ? `COMPREPLY=($(compgen -f -- "$cur"))`
          : `COMPREPLY=()`;
      return [`    ${cases}) ${reply}; return ;;`];
    }),
  );
  const words = known.map(({ path, commands, options, files, choices }) => {
    const all = [...commands.map((one) => one.name()), ...choices, ...options.flatMap(flagsOf), "--help"];
    const more = files ? ` files=1` : "";
    return `    ${quote(path)}) words=${quote(all.join(" "))}${more} ;;`;
  });
  return `# bash completion for dialward; made by: dialward completion bash
_dialward() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" at i words="" files=""
${find(known, "COMP_WORDS", "1", "COMP_CWORD")}
  case "$at $prev" in
${values.join("\n")}
  esac
  case "$at" in
${words.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -n $files && $cur != -* ]]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _dialward dialward
`;
}

function zsh(known: readonly Known[]): string {
  const values = known.flatMap(({ path, options }) =>
    options.flatMap((option) => {
      if (!option.required && !option.optional) return [];
      const cases = flagsOf(option)
        .map((flag) => quote(`${path} ${flag}`))
        .join("|");
      const reply = option.argChoices
        ? `compadd -- ${option.argChoices.map(quote).join(" ")}`
        : takesFile(option)
          ? "_files"
          : ":";
      return [`    ${cases}) ${reply}; return ;;`];
    }),
  );
  const describe = (name: string, text: string): string => quote(`${name.replaceAll(":", "\\:")}:${text}`);
  const names = known.map(({ path, commands, options, files, choices }) => {
    const all = [
      ...commands.map((one) => describe(one.name(), one.description())),
      ...choices.map((one) => describe(one, "")),
      ...options.flatMap((option) => flagsOf(option).map((flag) => describe(flag, option.description))),
      describe("--help", "show help"),
    ];
    return `    ${quote(path)}) names=(${all.join(" ")})${files ? "; files=1" : ""} ;;`;
  });
  return `#compdef dialward
# zsh completion for dialward; made by: dialward completion zsh
_dialward() {
  local at i files=""
  local -a names
${find(known, "words", "2", "CURRENT")}
  case "$at \${words[CURRENT-1]}" in
${values.join("\n")}
  esac
  case "$at" in
${names.join("\n")}
  esac
  _describe dialward names
  if [[ -n $files ]]; then _files; fi
}
if [[ "$funcstack[1]" = _dialward ]]; then _dialward "$@"; else compdef _dialward dialward; fi
`;
}

function fish(known: readonly Known[]): string {
  const paths = known.flatMap(({ path }) => (path === "" ? [] : [quote(path)])).join(" ");
  const when = (path: string): string => `-n ${quote(`__dialward_at ${quote(path)}`)}`;
  const lines = known.flatMap(({ path, commands, options, files, choices }) => [
    ...commands.map(
      (one) => `complete -c dialward ${when(path)} -a ${one.name()} -d ${quote(one.description())}`,
    ),
    ...choices.map((one) => `complete -c dialward ${when(path)} -a ${one}`),
    ...options.map((option) => {
      const long = option.long ? ` -l ${option.long.slice(2)}` : "";
      const short = option.short ? ` -s ${option.short.slice(1)}` : "";
      const takes = option.required || option.optional ? " -r" : "";
      const value = option.argChoices
        ? ` -f -a ${quote(option.argChoices.join(" "))}`
        : takesFile(option)
          ? " -F"
          : takes && " -f";
      return `complete -c dialward ${when(path)}${long}${short}${takes}${value} -d ${quote(option.description)}`;
    }),
    ...(files ? [`complete -c dialward ${when(path)} -F`] : []),
  ]);
  return `# fish completion for dialward; made by: dialward completion fish
function __dialward_at
    set -l at ""
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${valued(known).join(" ")}
                set skip 1
            case '-*'
            case '*'
                if contains -- "$at/$word" ${paths}
                    set at "$at/$word"
                end
        end
    end
    test "$at" = "$argv[1]"
end
complete -c dialward -f
complete -c dialward -l help -s h -d 'show help'
${lines.join("\n")}
`;
}
