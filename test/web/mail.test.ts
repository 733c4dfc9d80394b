// Why a mail was not sent is said in the reader's language, with the server's own words behind it.
import { createServer, type AddressInfo, type Server } from "node:net";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../host/config/config.ts";
import { openMail } from "../../host/web/mail.ts";
import { de } from "../../host/web/words/de.ts";
import { en } from "../../host/web/words/en.ts";
import { openPages } from "./open-pages.ts";

const HOST = "127.0.0.1";

/** A server that greets, offers logins, and answers each command by `answers`, or 250. */
async function startServer(answers: Record<string, string>): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("220 here\r\n");
    socket.on("data", (chunk) => {
      // The mail itself begins with "From".
      const verb = /^[A-Z]+/.exec(chunk.toString())?.[0] ?? "";
      socket.write(`${answers[verb] ?? (verb === "EHLO" ? "250-here\r\n250 AUTH PLAIN" : "250 ok")}\r\n`);
    });
  });
  await new Promise<void>((done) => server.listen(0, HOST, done));
  return server;
}

type Fault = keyof typeof en.links.mailFaults;
const CASES: [Fault, Record<string, string> | undefined, object][] = [
  ["unreachable", undefined, { tls: "never" }],
  ["secure", { STARTTLS: "454 not now" }, { tls: "starttls" }],
  ["login", { AUTH: "535 no" }, { tls: "never", user: "vpn" }],
  ["address", { RCPT: "550 no such user" }, { tls: "never" }],
  ["passwordFile", {}, { tls: "never", user: "vpn", passwordFile: "nothing-here" }],
  ["later", { RCPT: "450 grey-listed" }, { tls: "never" }],
  ["other", { DATA: "354 go on", F: "554 no" }, { tls: "never" }],
];

test.each(CASES)("%s", async (fault, answers, mail) => {
  const server = await startServer(answers ?? {});
  const { port } = server.address() as AddressInfo;
  if (answers === undefined) await new Promise((done) => server.close(done));
  const folder = mkdtempSync(join(tmpdir(), "dialward-mail-"));
  const config = loadConfig(undefined, folder);
  const own = { ...config, folder, mail: { host: HOST, port, from: "vpn@example.org", ...mail } };
  const send = openMail(own as typeof config, () => {})!;
  const { ask, logIn, users, close } = await openPages({ mail: send });
  const csrf = await logIn();
  await users.add({ name: "anna", secret: "JBSWY3DPEHPK3PXP" });
  const form = { csrf, name: "anna", valid: "day", mail: "anna@example.org" };
  for (const [language, words] of Object.entries({ en, de })) {
    const headers = { "accept-language": language };
    const { location } = await ask("/users/link", form, { headers });
    const { text } = await ask(location, undefined, { headers });
    const [, note] = /class="note bad"[^>]*>([^]*?)<\/p>/.exec(text) ?? [];
    expect(note ?? "").toContain(words.links.mailFaults[fault]);
    // The link is there all the same.
    expect(text).toMatch(/<code id="link"/);
  }
  await close();
  server.close();
});
