// dialward dial: acts as a NAS and sends one login, for trying things out.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline/promises";
import { InvalidArgumentError, Option, type Command } from "commander";
import { DialwardError } from "../errors.ts";
import { readEndpoint } from "../config/endpoint.ts";
import { PEER_PROOFS, type PeerProof, type PeerResult } from "../radius/client/peer.ts";
import { readSecretFile } from "./input.ts";
import { print, warn } from "./output.ts";
import type { CommonOptions } from "./session.ts";
import { terminal } from "./terminal.ts";

interface DialOptions extends CommonOptions {
  proof: PeerProof;
  server?: string;
  secretFile?: string;
  timeout: number;
}

const OUTCOMES: Record<PeerResult["outcome"], string> = {
  accept: "accepted",
  refuse: "refused",
  "no-answer":
    "no answer: is the service running there, does it know this address, and is the secret the same?",
  wrong: "refused: the answer is not to be trusted",
};

/** Adds `dial` to `program`. */
export function addDial(program: Command): void {
  program
    .command("dial")
    .description(
      "send one login as a NAS would; the code comes from the terminal or standard input, a line each",
    )
    .argument("<name>", "the user")
    .addOption(new Option("--proof <proof>", "how to prove the code").choices(PEER_PROOFS).default("pap"))
    .option("--server <host:port>", "the RADIUS server (default: the configuration's own)", readServer)
    .option("--secret-file <file>", "the shared secret (default: the one in the data folder)")
    .addOption(
      new Option("--timeout <seconds>", "how long each of three tries waits for the answer")
        .argParser(readSeconds)
        .default(2),
    )
    .action(async (name: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<DialOptions>();
      const { dialIn, NAS_ATTRIBUTES } = await import("../radius/client/peer.ts");
      const secret = await readSecret(options);
      const server = await readEndpoint(options.server ?? (await ownServer(options)), "--server");
      const lines = new Lines();
      try {
        const password = await lines.ask("Code: ");
        if (password === undefined)
          throw new DialwardError("usage", "Give the code, or password and code, on standard input.");
        const result = await dialIn({
          server,
          secret,
          user: name,
          password,
          proof: options.proof,
          attributes: NAS_ATTRIBUTES,
          timeout: options.timeout * 1000,
          ask: (prompt) => lines.ask(prompt),
        });
        const { message, attributes = [] } = result;
        const how = OUTCOMES[result.outcome] + (message === undefined ? "" : ` (${message})`);
        print(options.json, result, [how, ...attributes.map((line) => `  ${line}`)].join("\n"));
        terminal().status = result.outcome === "accept" ? 0 : 1;
      } finally {
        lines.close();
      }
    });
}

function readServer(text: string): string {
  if (!/^(\[[^\]]+\]|[^:[\]\s]+):\d{1,5}$/.test(text))
    throw new InvalidArgumentError("It must be HOST:PORT, such as 127.0.0.1:1812 or [::1]:1812.");
  return text;
}

function readSeconds(text: string): number {
  if (/^\d{1,3}(\.\d{1,3})?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("It must be a number of seconds, such as 2 or 0.5.");
}

/** Where the service of this configuration is reached from its own machine. */
async function ownServer(options: DialOptions): Promise<string> {
  const { loadConfig } = await import("../config/config.ts");
  const [listen] = [loadConfig(options.config, options.data).radius.listen].flat();
  return listen!.replace(/^0\.0\.0\.0:/, "127.0.0.1:").replace("[::]:", "[::1]:");
}

/** The shared secret: of --secret-file, else what the configuration or `serve` has for this machine. */
async function readSecret(options: DialOptions): Promise<string> {
  if (options.secretFile === "-")
    throw new DialwardError("usage", "--secret-file: standard input is for the code; name a file.");
  if (options.secretFile !== undefined) return readSecretFile(options.secretFile, "--secret-file");
  const [{ loadClients, loadConfig, readClients }, { Clients }, { asOwner }] = await Promise.all([
    import("../config/config.ts"),
    import("../radius/clients.ts"),
    import("../service/privileges.ts"),
  ]);
  const config = loadConfig(options.config, options.data);
  if (config.radius.clients.length === 0 && !existsSync(join(config.data, "radius-secret")))
    throw new DialwardError(
      "usage",
      `There is no secret in ${config.data}: start \`dialward serve\` first, or give --secret-file.`,
    );
  const configured = readClients(config, warn);
  const { clients } = await asOwner(config, async () => loadClients(config, warn, configured));
  const client = new Clients(clients).find("127.0.0.1");
  if (client !== undefined) return client.secret;
  throw new DialwardError(
    "usage",
    "This machine is not a RADIUS client in the configuration: give --secret-file.",
  );
}

/** Lines of standard input, each asked for on a terminal. */
class Lines {
  #input: Interface | undefined;
  #lines: AsyncIterator<string> | undefined;

  /** The next line; undefined at the end. */
  async ask(prompt: string): Promise<string | undefined> {
    if (terminal().stdin.isTTY) {
      const { isCancel, password } = await import("@clack/prompts");
      const answer = await password({ message: prompt.trim(), output: terminal().stderr });
      return isCancel(answer) ? undefined : answer;
    }
    this.#input ??= createInterface({ input: terminal().stdin });
    this.#lines ??= this.#input[Symbol.asyncIterator]();
    const next = await this.#lines.next();
    return next.done === true ? undefined : next.value;
  }

  close(): void {
    this.#input?.close();
  }
}
