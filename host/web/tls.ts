// TLS for the pages: a certificate that is given, or one made by openssl and kept in the data folder.
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import { replacePrivateFile } from "../config/private-file.ts";
import { isWithin } from "../config/networks.ts";

/** Days of a made certificate: browsers refuse longer ones. */
const DAYS = 397;

/**
 * Certificate and key as PEM; undefined for plain HTTP, which is for loopback only.
 * Throws DialwardError("config") where there is none and none can be made.
 */
export function readTls(
  config: Config,
  address: string,
  warn: (message: string) => void,
): { cert: Buffer; key: Buffer } | undefined {
  const { cert, key, tls } = config.web;
  if (cert !== undefined && key !== undefined)
    return read(resolve(config.folder, cert), resolve(config.folder, key));
  const loopback = isWithin(address, ["127.0.0.0/8", "::1/128"]);
  if (loopback && !tls) return undefined;
  const made = { cert: join(config.data, "web-cert.pem"), key: join(config.data, "web-key.pem") };
  if (!existsSync(made.cert) || !existsSync(made.key)) {
    make(made, address);
    warn(
      `made a certificate for the pages: ${made.cert}. Browsers will ask once; or give web.cert and web.key.`,
    );
  }
  return read(made.cert, made.key);
}

/** The DNS names that a certificate is for (RFC 5280 section 4.2.1.6). */
export function namesOf(cert: Buffer): string[] {
  const { subjectAltName = "" } = new X509Certificate(cert);
  return [...subjectAltName.matchAll(/DNS:([^,\s]+)/g)].map(([, name = ""]) => name.toLowerCase());
}

function make({ cert, key }: { cert: string; key: string }, address: string): void {
  const names = [
    "DNS:localhost",
    "IP:127.0.0.1",
    ...(isIP(address) && !/^[0:.]+$/.test(address) ? [`IP:${address}`] : []),
  ];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const about = ["-subj", "/CN=Dialward", "-addext", `subjectAltName=${names.join(",")}`];
  let made: string;
  try {
    const to = ["-keyout", "-", "-out", "-"];
    made = execFileSync("openssl", ["req", "-x509", ...curve, "-days", String(DAYS), ...about, ...to], {
      stdio: "pipe",
      encoding: "latin1",
    });
  } catch (cause) {
    const text =
      "The pages need a certificate beyond loopback, and openssl is not there to make one: give web.cert and web.key.";
    throw new DialwardError("config", text, { cause });
  }
  // The key comes first.
  const at = made.indexOf("-----BEGIN CERTIFICATE-----");
  replacePrivateFile(key, made.slice(0, at));
  replacePrivateFile(cert, made.slice(at));
}

function read(cert: string, key: string): { cert: Buffer; key: Buffer } {
  try {
    return { cert: readFileSync(cert), key: readFileSync(key) };
  } catch (error) {
    throw new DialwardError(
      "config",
      `The certificate of the pages cannot be read: ${(error as Error).message}`,
    );
  }
}
