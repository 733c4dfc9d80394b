// dialward config check: whether the configuration and the files that it names are right, before the service finds out.
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { DialwardError, describeFailure } from "../errors.ts";
import { many, print, warn } from "./output.ts";
import type { CommonOptions } from "./session.ts";
import { terminal } from "./terminal.ts";

/** Adds `config` to `program`. */
export function addConfig(program: Command): void {
  program
    .command("config")
    .description("look at the configuration")
    .command("check")
    .description("check the configuration and the files that it names; nothing is started or changed")
    .action(async (_: object, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      if (options.config === undefined)
        throw new DialwardError("usage", "Give the configuration: dialward --config FILE config check");
      const { loadConfig } = await import("../config/config.ts");
      const config = loadConfig(options.config, options.data);
      const problems = await findProblems(config);
      const summary = summarise(config);
      const lines = [
        ...problems.map((one) => `- ${one}`),
        `${many(problems.length, "thing is", "things are")} wrong in ${options.config}.`,
      ];
      const right = summary.map(([key, value]) => `${key.padEnd(12)}${value}`).join("\n");
      print(
        options.json,
        { problems, ...Object.fromEntries(summary) },
        problems.length > 0 ? lines.join("\n") : `${right}\n${options.config} is right.`,
      );
      if (problems.length > 0) terminal().status = 2;
    });
}

async function findProblems(config: Config): Promise<string[]> {
  const [{ readClients, readDirectory, readOpenvpns, readRedis }, { runIds }] = await Promise.all([
    import("../config/config.ts"),
    import("../service/privileges.ts"),
  ]);
  const problems: string[] = [];
  const look = (what: string, at: () => unknown): void => {
    try {
      at();
    } catch (error) {
      problems.push(error instanceof DialwardError ? error.message : `${what}: ${describeFailure(error)}`);
    }
  };
  // Without clients the service makes a secret of its own, when it starts.
  for (const client of config.radius.clients)
    look("radius.clients", () =>
      readClients({ ...config, radius: { ...config.radius, clients: [client] } }, warn),
    );
  look("store", () => readRedis(config, warn));
  look("directory", () => readDirectory(config, warn));
  look("run", () => runIds(config));
  for (const { passwordFile } of readOpenvpns(config))
    if (passwordFile !== undefined)
      look("openvpn.passwordFile", () => accessSync(passwordFile, constants.R_OK));
  const mailFile = config.mail?.passwordFile;
  if (mailFile !== undefined)
    look("mail.passwordFile", () => accessSync(resolve(config.folder, mailFile), constants.R_OK));
  const { cert, key } = config.web;
  if (cert !== undefined && key !== undefined)
    look("web.cert and web.key", () => {
      const read = (file: string): Buffer => readFileSync(resolve(config.folder, file));
      createSecureContext({ cert: read(cert), key: read(key) });
    });
  const { audit } = config.log;
  if (audit !== undefined) {
    const file = resolve(config.folder, audit);
    look("log.audit", () => accessSync(existsSync(file) ? file : dirname(file), constants.W_OK));
  }
  return problems;
}

function summarise(config: Config): [string, string][] {
  const { radius, web, metrics, openvpn } = config;
  return [
    ["name", config.service.name],
    ["data", config.data],
    ["RADIUS", String(radius.listen)],
    ["accounting", String(radius.accounting)],
    [
      "clients",
      radius.clients.length === 0
        ? "this machine"
        : radius.clients.map((one) => one.name ?? one.address).join(", "),
    ],
    ["OpenVPN", openvpn.length === 0 ? "none" : openvpn.map(({ name }) => name).join(", ")],
    ["pages", web.listen ?? "127.0.0.1:8080, if it is free"],
    ["metrics", metrics.listen ?? "off"],
  ];
}
