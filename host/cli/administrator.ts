// dialward administrator … and dialward management: what the pages of the same names do.
import { type Command } from "commander";
import { DialwardError } from "../errors.ts";
import { installRules, printRules, removeRules } from "../admin/firewall.ts";
import { SERVICE_NAMES, type ServiceName, type Settings } from "../admin/settings.ts";
import type { Desk } from "../service/desk.ts";
import { asRoot } from "../service/privileges.ts";
import { askNewSecret, readLine, readSecretFile } from "./input.ts";
import { print } from "./output.ts";
import { describeReason } from "./reason.ts";
import { withDesk } from "./session.ts";
import { terminal } from "./terminal.ts";

/** Adds `administrator` and its commands to `program`. */
export function addAdministrator(program: Command): void {
  const group = program.command("administrator").description("the account that opens the pages");

  group
    .command("show")
    .description("show the account and whence it may log in")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async ({ administrator, settings }, { json }) => {
        const { name, enrolled } = await administrator.show();
        const { advanced, lan } = await settings.read();
        const shown = { name: name ?? null, advanced, enrolled, lan };
        const lines = [
          `name      ${shown.name ?? "- (no password is set)"}`,
          `from WAN  ${advanced ? (shown.enrolled ? "with password and code" : "no: no code is enrolled") : "no"}`,
          `LAN       ${lan.join(", ")}`,
        ];
        print(json, shown, lines.join("\n"));
      });
    });

  group
    .command("password")
    .description("set the password")
    .option("--name <name>", "the account's name (default: the one there is, else admin)")
    .option("--password-file <file>", "the password; - is standard input")
    .action(async ({ name, passwordFile }: { name?: string; passwordFile?: string }, command: Command) => {
      const password =
        passwordFile === undefined
          ? await askNewSecret("New password")
          : readSecretFile(passwordFile, "--password-file");
      if (password === undefined)
        throw new DialwardError("usage", "Give --password-file, or use a terminal.");
      await withDesk(command, async ({ administrator }, { json }) => {
        const chosen = name ?? (await administrator.show()).name ?? "admin";
        await administrator.setPassword(chosen, password);
        print(json, { name: chosen }, `The password of "${chosen}" is set.`);
      });
    });

  group
    .command("code")
    .description("enrol an authenticator for logins from the WAN: shows the secret, reads a first code")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async ({ administrator }, { json }) => {
        const { id, secret, uri } = await administrator.beginCode();
        const { default: encodeQR } = await import("qr");
        const shown = [`secret  ${secret}`, `uri     ${uri}`];
        if (!json) shown.push("", encodeQR(uri, terminal().stderr.isTTY ? "term" : "ascii"));
        terminal().stderr.write(shown.join("\n") + "\n");
        const code = await readLine("Code that the device shows now: ");
        const { outcome, reason, findings } = await administrator.finishCode(id, code);
        if (outcome !== "accept") {
          const found = findings.map(({ text }) => `\n- ${text}`).join("");
          throw new DialwardError("refused", `Nothing is saved: ${describeReason(reason)}${found}`);
        }
        print(json, { enrolled: true }, "Logins from the WAN take the password and a code from now on.");
      });
    });

  group
    .command("unlock")
    .description("end the waiting time after failures")
    .action(async (_: object, command: Command) => {
      await withDesk(command, async ({ administrator }, { json }) => {
        await administrator.unlock();
        print(json, { unlocked: true }, "The administrator need not wait any more.");
      });
    });

  group
    .command("access")
    .description("say what the LAN is, and whether logins from elsewhere are possible")
    .option("--lan <prefixes>", "the LAN's networks, separated by commas")
    .option("--advanced", "let the administrator in from the WAN with password and code")
    .option("--no-advanced", "let nobody in from the WAN")
    .action(async ({ lan, advanced }: { lan?: string; advanced?: boolean }, command: Command) => {
      await withDesk(command, async ({ settings }, { json }) => {
        const asked = lan === undefined && advanced === undefined;
        const now = asked
          ? await settings.read()
          : await changeSettings(settings, (old) => ({
              ...old,
              lan: lan === undefined ? old.lan : lan.split(/[\s,]+/).filter(Boolean),
              advanced: advanced ?? old.advanced,
            }));
        const shown = { lan: now.lan, advanced: now.advanced };
        const lines = [
          `LAN       ${now.lan.join(", ")}`,
          `from WAN  ${now.advanced ? "with password and code" : "no"}`,
        ];
        print(json, shown, lines.join("\n"));
      });
    });
}

/** Adds `management` to `program`. */
export function addManagement(program: Command): void {
  program
    .command("management")
    .description("choose what is open to the Internet, and print the nftables rules for it")
    .option("--allow <services>", `services to open, of ${SERVICE_NAMES.join(",")}`)
    .option("--off", "no management from the Internet")
    .option("--ping", "answer pings from the Internet")
    .option("--no-ping", "do not answer them")
    .option("--install", "put the rules into the kernel, now and at each start")
    .option("--no-install", "take them out")
    .action(
      async (
        given: { allow?: string; off?: boolean; ping?: boolean; install?: boolean },
        command: Command,
      ) => {
        await withDesk(command, async ({ settings }, { json }) => {
          const open = given.allow?.split(",").map((name) => name.trim());
          const stranger = open?.find((name) => !SERVICE_NAMES.includes(name as ServiceName));
          if (stranger !== undefined) throw new DialwardError("usage", `"${stranger}" is no service.`);
          const before = (await settings.read()).management.install;
          const changed = await changeSettings(settings, (old) => {
            const management = { ...old.management };
            for (const name of SERVICE_NAMES) {
              if (open) management[name] = { ...management[name], open: open.includes(name) };
            }
            if (open) management.enabled = true;
            if (given.off) management.enabled = false;
            if (given.ping !== undefined) management.disablePing = !given.ping;
            if (given.install !== undefined) management.install = given.install;
            return { ...old, management };
          });
          if (changed.management.install) await asRoot(() => installRules(changed));
          else if (before) await asRoot(removeRules);
          const rules = printRules(changed);
          print(json, { ...changed.management, rules }, rules.trimEnd());
        });
      },
    );
}

/** Changes the settings, again where somebody else has changed them meanwhile. */
async function changeSettings(
  settings: Desk["settings"],
  change: (old: Settings) => Settings,
): Promise<Settings> {
  for (;;) {
    const before = await settings.read();
    try {
      return await settings.replace(before, change(before));
    } catch (error) {
      if (!(error instanceof DialwardError) || error.code !== "conflict") throw error;
    }
  }
}
