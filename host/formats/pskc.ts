// PSKC, the portable symmetric key container (RFC 6030), with keys in clear: read and written.
import { XMLBuilder, XMLParser } from "fast-xml-parser";
import { DialwardError } from "../errors.ts";
import { formatSecret, parseSecret, type Profile } from "../users/profile.ts";
import type { Row } from "./row.ts";

const NAMESPACE = "urn:ietf:params:xml:ns:keyprov:pskc";
const HMACS: Record<string, string> = { "HMAC-SHA256": "sha256", "HMAC-SHA512": "sha512" };

type Node = Record<string, unknown>;

/** The rows of a container; a user is named by UserId, else by the key's Id. Throws DialwardError("usage"). */
export function readPskc(text: string): Row[] {
  const parser = new XMLParser({
    removeNSPrefix: true,
    ignoreAttributes: false,
    parseTagValue: false,
    processEntities: false,
    isArray: (name) => name === "KeyPackage",
  });
  let container: Node;
  try {
    container = (parser.parse(text) as { KeyContainer?: Node }).KeyContainer ?? {};
  } catch {
    throw new DialwardError("usage", "This is no XML.");
  }
  const packages = container["KeyPackage"];
  if (!Array.isArray(packages))
    throw new DialwardError("usage", "This is no PSKC file: it has no KeyPackage.");
  return packages.map((one: Node, i) => readKey(one, i + 1));
}

function readKey(one: Node, number: number): Row {
  const key = at(one, "Key") as Node | undefined;
  const bad = (why: string): DialwardError => new DialwardError("usage", `Key ${number} ${why}.`);
  const value = (...path: string[]): string | undefined => text(at(key, ...path));
  const algorithm = text(key?.["@_Algorithm"]) ?? "";
  const kind = /pskc[:#](totp|hotp)/i.exec(algorithm)?.[1]?.toLowerCase();
  if (kind === undefined) throw bad("is neither for TOTP nor for HOTP");
  if (at(key, "Data", "Secret", "EncryptedValue"))
    throw bad("is encrypted: decrypt it first, such as by pskctool");
  const secret = Buffer.from(value("Data", "Secret", "PlainValue") ?? "", "base64");
  if (secret.length === 0) throw bad("has no secret");
  const row: Row = {
    name: text(at(one, "Key", "UserId")) ?? text(at(one, "UserId")) ?? text(key?.["@_Id"]) ?? "",
    factor: kind,
    secret: formatSecret("totp", secret),
  };
  const digits = text((at(key, "AlgorithmParameters", "ResponseFormat") as Node | undefined)?.["@_Length"]);
  if (digits !== undefined) row["digits"] = Number(digits);
  const hash = HMACS[value("AlgorithmParameters", "Suite") ?? ""];
  if (hash !== undefined) row["algorithm"] = hash;
  const period = value("Data", "TimeInterval", "PlainValue");
  if (kind === "totp" && period !== undefined) row["period"] = Number(period);
  if (kind === "hotp") row["counter"] = Number(value("Data", "Counter", "PlainValue") ?? 0);
  // A distinguished name such as CN=alice, O=… names its CN.
  row.name = /^CN=([^,]+)/i.exec(row.name)?.[1] ?? row.name;
  return row;
}

/** A container with the keys in clear. mOTP is not in it: PSKC has no name for it. */
export function writePskc(users: readonly { profile: Profile; counter: number }[]): string {
  const packages = users.map(({ profile, counter }, i) => ({
    Key: {
      "@_Id": String(i + 1),
      "@_Algorithm": `${NAMESPACE}:${profile.factor}`,
      Issuer: "Dialward",
      AlgorithmParameters: {
        ...(profile.algorithm !== "sha1" && { Suite: `HMAC-${profile.algorithm?.toUpperCase()}` }),
        ResponseFormat: { "@_Encoding": "DECIMAL", "@_Length": String(profile.digits) },
      },
      Data: {
        Secret: { PlainValue: parseSecret(profile.factor, profile.secret).toString("base64") },
        ...(profile.factor === "hotp"
          ? { Counter: { PlainValue: String(counter) } }
          : { TimeInterval: { PlainValue: String(profile.period) } }),
      },
      UserId: profile.name,
    },
  }));
  const builder = new XMLBuilder({ ignoreAttributes: false, format: true });
  const container = { "@_Version": "1.0", "@_xmlns": NAMESPACE, KeyPackage: packages };
  return builder.build({
    "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
    KeyContainer: container,
  }) as string;
}

function at(node: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((here, name) => (here as Node | undefined)?.[name], node);
}

function text(value: unknown): string | undefined {
  if (typeof value === "string") return unescape(value.trim()) || undefined;
  // A text beside attributes.
  return typeof value === "object" && value !== null ? text((value as Node)["#text"]) : undefined;
}

/** XML's five own entities, and no others: what a file declares itself is not expanded. */
function unescape(value: string): string {
  const plain: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return value.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => plain[name]!);
}
