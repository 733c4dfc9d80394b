// TLS for the pages: a certificate that is given, or one made by openssl and kept in the data folder.
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { DialwardError, describeFailure } from "../errors.ts";
import { replacePrivateFile } from "../config/private-file.ts";
import type { Tls } from "./listener.ts";
import { isWithin } from "../config/networks.ts";

/** Days of a made certificate: browsers refuse longer ones. */
const DAYS = 397;

/** A certificate that is made here is made anew when it has fewer days left. */
const RENEW_DAYS = 30;

/**
 * Certificate and key: of the configuration, else those given on the pages, else made here; undefined for plain HTTP,
 * which is for loopback only. Throws DialwardError("config") where there is none and none can be made.
 */
export function readTls(
  config: Config,
  address: string,
  warn: (message: string) => void,
): (Tls & { made: boolean }) | undefined {
  const { cert, key, tls } = config.web;
  if (cert !== undefined && key !== undefined)
    return { ...read(resolve(config.folder, cert), resolve(config.folder, key)), made: false };
  const loopback = isWithin(address, ["127.0.0.0/8", "::1/128"]);
  if (loopback && !tls) return undefined;
  const given = filesOf(config, "given");
  if (existsSync(given.cert) && existsSync(given.key)) return { ...read(given.cert, given.key), made: false };
  const made = filesOf(config, "web");
  const there = existsSync(made.cert) && existsSync(made.key);
  if (!there || daysLeft(readFileSync(made.cert)) < RENEW_DAYS || !isFor(readFileSync(made.cert), address)) {
    make(made, address, config.web.names);
    warn(
      `made a certificate for the pages: ${made.cert}. Browsers will ask once; or give one, in web.cert and web.key or on the page System.`,
    );
  }
  return { ...read(made.cert, made.key), made: true };
}

/** Keeps a certificate and key that were given on the pages. */
export function keepGiven(config: Config, cert: string, key: string): void {
  const files = filesOf(config, "given");
  replacePrivateFile(files.key, key);
  replacePrivateFile(files.cert, cert);
}

/** Forgets them: one is made here in their place. */
export function forgetGiven(config: Config): void {
  for (const file of Object.values(filesOf(config, "given"))) rmSync(file, { force: true });
}

/** Whole days until a certificate expires. */
export function daysLeft(cert: Buffer): number {
  return Math.floor((Date.parse(new X509Certificate(cert).validTo) - Date.now()) / 86_400_000);
}

function filesOf({ data }: Config, what: "web" | "given"): { cert: string; key: string } {
  return { cert: join(data, `${what}-cert.pem`), key: join(data, `${what}-key.pem`) };
}

/** Whether a certificate names an address; one that stands for all is named by none. */
function isFor(cert: Buffer, address: string): boolean {
  return (
    isIP(address) === 0 ||
    /^[0:.]+$/.test(address) ||
    new X509Certificate(cert).checkIP(address) !== undefined
  );
}

/** The DNS names that a certificate is for (RFC 5280 section 4.2.1.6). */
export function namesOf(cert: Buffer): string[] {
  const { subjectAltName = "" } = new X509Certificate(cert);
  return [...subjectAltName.matchAll(/DNS:([^,\s]+)/g)].map(([, name = ""]) => name.toLowerCase());
}

function make({ cert, key }: { cert: string; key: string }, address: string, more: readonly string[]): void {
  const all = /^[0:.]+$/.test(address);
  const own = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  const addresses = all ? own.filter(({ internal }) => !internal).map((one) => one.address) : [address];
  const hosts = new Set(["localhost", hostname(), ...more].filter((name) => /^[\w.*-]+$/.test(name)));
  const names = [
    ...[...hosts].map((name) => `DNS:${name}`),
    ...[...new Set(["127.0.0.1", ...addresses])].filter((one) => isIP(one)).map((one) => `IP:${one}`),
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

function read(cert: string, key: string): Tls {
  try {
    return { cert: readFileSync(cert), key: readFileSync(key) };
  } catch (error) {
    throw new DialwardError(
      "config",
      `The certificate of the pages cannot be read: ${describeFailure(error)}`,
    );
  }
}
