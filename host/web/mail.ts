// Mail to users through the SMTP server of [mail] (RFC 5321, by nodemailer). Only links to enrol are sent.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { warnIfReadable } from "../config/private-file.ts";

/** Sends one mail; rejects with the server's words or the library's, which are English; mailFault() says what they mean. */
export type SendMail = (to: string, subject: string, text: string) => Promise<void>;

const TIMEOUT_MS = 15_000;

/** Why a mail was not sent: where to look. */
export type MailFault = "unreachable" | "secure" | "login" | "address" | "later" | "passwordFile" | "other";

const FAULT_OF: Record<string, MailFault> = {
  ...{ ECONNECTION: "unreachable", ETIMEDOUT: "unreachable", ESOCKET: "unreachable", EDNS: "unreachable" },
  ...{ ETLS: "secure", EREQUIRETLS: "secure" },
  ...{ EAUTH: "login", ENOAUTH: "login", EOAUTH2: "login" },
  ...{ EENVELOPE: "address" },
  ...{ ENOENT: "passwordFile", EACCES: "passwordFile", EISDIR: "passwordFile" },
};

/** What kind of fault an error of SendMail is, by nodemailer's codes (nodemailer.com, "Error reference") or the system's. */
export function mailFault(error: unknown): MailFault {
  const { code = "", responseCode = 0 } = error as { code?: string; responseCode?: number };
  const fault = FAULT_OF[code] ?? "other";
  // RFC 5321 section 4.2.1: 4 is for now, such as grey-listing.
  const forNow = responseCode >= 400 && responseCode < 500;
  return forNow && (fault === "address" || fault === "other") ? "later" : fault;
}

/** A function that sends mail; undefined where no server is configured. */
export function openMail({ mail, folder }: Config, warn: (message: string) => void): SendMail | undefined {
  if (mail === undefined) return undefined;
  const { host, port, tls, user, passwordFile, from } = mail;
  return async (to, subject, text) => {
    // Loaded when it is first used.
    const { createTransport } = await import("nodemailer");
    const file = passwordFile === undefined ? undefined : resolve(folder, passwordFile);
    if (file !== undefined) warnIfReadable(file, warn);
    const pass = file === undefined ? "" : readFileSync(file, "utf8").replace(/\r?\n$/, "");
    const transport = createTransport({
      host,
      port,
      secure: tls === "always",
      requireTLS: tls === "starttls",
      ignoreTLS: tls === "never",
      ...(user !== undefined && { auth: { user, pass } }),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    await transport.sendMail({ from, to: { name: "", address: to }, subject, text });
  };
}
