// Mail to users through the SMTP server of [mail] (RFC 5321, by nodemailer). Only links to enrol are sent.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { warnIfReadable } from "../config/private-file.ts";

/** Sends one mail; rejects with the server's words. */
export type SendMail = (to: string, subject: string, text: string) => Promise<void>;

const TIMEOUT_MS = 15_000;

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
