// A certificate authority and the VPN server's certificate, made anew for each lab by openssl.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { SERVER } from "./lab.ts";

/** The server's name in its certificate. */
export const SERVER_NAME = "vpn.example.com";

/** Writes ca.pem, vpn.pem and vpn.key (EC P-256, two days) into `folder`. */
export function makeCertificates(folder: string): void {
  const at = (name: string) => join(folder, name);
  const common = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" ");
  const openssl = (...args: string[]) => execFileSync("openssl", [...common, ...args], { stdio: "pipe" });
  openssl("-subj", "/CN=Test CA", "-keyout", at("ca.key"), "-out", at("ca.pem"));
  const issuer = ["-CA", at("ca.pem"), "-CAkey", at("ca.key")];
  const extensions = [
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=digitalSignature",
    "extendedKeyUsage=serverAuth",
    `subjectAltName=DNS:${SERVER_NAME},IP:${SERVER}`,
  ].flatMap((extension) => ["-addext", extension]);
  const subject = ["-subj", `/CN=${SERVER_NAME}`];
  openssl(...issuer, ...subject, ...extensions, "-keyout", at("vpn.key"), "-out", at("vpn.pem"));
}
