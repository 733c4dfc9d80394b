// The encryption of PSKC (RFC 6030 section 6; XML Encryption 1.1): the container's key, given or derived from a
// passphrase, the values under it, and their MACs.
import { createDecipheriv, createHmac, pbkdf2 as derive, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { DialwardError } from "../errors.ts";
import { decodeBase64, refuse } from "./row.ts";
import { at, textOf, type Node } from "./xml.ts";

/** In a thread of its own: logins wait for none. */
const pbkdf2 = promisify(derive);

/** More work than this for one passphrase is a trap. */
const MOST_ITERATIONS = 10_000_000;

const HASHES: Record<string, string> = {
  sha1: "sha1",
  sha224: "sha224",
  sha256: "sha256",
  sha384: "sha384",
  sha512: "sha512",
};

/** What was agreed on with whoever wrote the file. */
export interface Agreed {
  passphrase?: (() => Promise<string>) | undefined;
  key?: Buffer | undefined;
}

/** Opens the values of one container. */
export interface ContainerKeys {
  /** The bytes of an EncryptedValue with its MAC, if any. Throws DialwardError("usage"). */
  open(encrypted: unknown, mac: unknown): Buffer;
}

/** The keys of a container; undefined where it has none. Throws DialwardError("usage"). */
export async function openKeys(container: Node, agreed: Agreed): Promise<ContainerKeys | undefined> {
  const encryption = container["EncryptionKey"];
  if (encryption === undefined) return undefined;
  const derived = at(encryption, "DerivedKey");
  const key = derived === undefined ? givenKey(encryption, agreed) : await deriveKey(derived, agreed);
  const method = container["MACMethod"];
  const macHash =
    method === undefined ? undefined : hashOf(textOf(at(method, "@_Algorithm")) ?? "", "MACMethod");
  const sealedMac = at(method, "MACKey");
  const macKey = sealedMac === undefined ? key : openMacKey(sealedMac, key);
  return {
    open(encrypted, mac) {
      const method = textOf(at(encrypted, "EncryptionMethod", "@_Algorithm")) ?? "";
      const sealed = decodeBase64(textOf(at(encrypted, "CipherData", "CipherValue")) ?? "", "CipherValue");
      const given = textOf(mac);
      if (given !== undefined && macHash !== undefined) {
        const right = createHmac(macHash, macKey).update(sealed).digest();
        const told = decodeBase64(given, "ValueMAC");
        if (right.length !== told.length || !timingSafeEqual(right, told))
          return refuse("does not open: wrong passphrase or key, or the file was changed (its MAC differs)");
      } else if (!/gcm$/i.test(method))
        refuse("is encrypted without a MAC: whether it was changed cannot be told");
      return decrypt(encrypted, key);
    },
  };
}

function openMacKey(sealed: unknown, key: Buffer): Buffer {
  try {
    return decrypt(sealed, key);
  } catch (error) {
    throw new DialwardError("usage", `The container ${(error as Error).message}.`);
  }
}

function givenKey(encryption: unknown, { key }: Agreed): Buffer {
  if (key) return key;
  if (at(encryption, "X509Data") !== undefined)
    throw new DialwardError(
      "usage",
      "The keys are encrypted for a certificate's owner; only that one can open them.",
    );
  const name = textOf(at(encryption, "KeyName"));
  throw new DialwardError(
    "usage",
    `The keys are encrypted under a key that was agreed on${name === undefined ? "" : ` ("${name.slice(0, 64)}")`}: ` +
      "give it by --key-file, in hexadecimal.",
  );
}

async function deriveKey(derived: unknown, { passphrase }: Agreed): Promise<Buffer> {
  const method = at(derived, "KeyDerivationMethod");
  if (!/#pbkdf2$/i.test(textOf(at(method, "@_Algorithm")) ?? ""))
    throw new DialwardError("usage", "The key is derived otherwise than by PBKDF2, which is not known here.");
  const params = at(method, "PBKDF2-params");
  const salt = decodeBase64(
    textOf(at(params, "Salt", "Specified")) ?? textOf(at(params, "Salt")) ?? "",
    "Salt",
  );
  const iterations = Number(textOf(at(params, "IterationCount")));
  const length = Number(textOf(at(params, "KeyLength")) ?? 16);
  const prf = textOf(at(params, "PRF", "@_Algorithm"));
  const hash = prf === undefined ? "sha1" : hashOf(prf, "PRF");
  if (
    !Number.isInteger(iterations) ||
    iterations < 1 ||
    iterations > MOST_ITERATIONS ||
    ![16, 24, 32].includes(length)
  )
    throw new DialwardError("usage", "The parameters of PBKDF2 are out of range.");
  if (!passphrase)
    throw new DialwardError("usage", "The keys are encrypted under a passphrase: give --passphrase-file.");
  return pbkdf2(await passphrase(), salt, iterations, length, hash);
}

/** The hash of an algorithm's name, such as http://www.w3.org/2001/04/xmldsig-more#hmac-sha256. */
function hashOf(algorithm: string, what: string): string {
  const hash =
    HASHES[
      /hmac-?(sha\d+)(-digest)?$|hmacWith(sha\d+)$/i.exec(algorithm)?.slice(1).find(Boolean)?.toLowerCase() ??
        ""
    ];
  if (hash !== undefined) return hash;
  throw new DialwardError("usage", `The algorithm of ${what} is not known here.`);
}

/** IV and text under AES in CBC or GCM mode, padded as XML Encryption has it: the last byte tells how many are dropped. */
function decrypt(encrypted: unknown, key: Buffer): Buffer {
  const method = textOf(at(encrypted, "EncryptionMethod", "@_Algorithm")) ?? "";
  const [, bits, mode = ""] = /aes-?(128|192|256)-(cbc|gcm)$/i.exec(method) ?? [];
  if (bits === undefined)
    return refuse("is encrypted by an algorithm that is not known here (AES in CBC or GCM mode is)");
  if (key.length * 8 !== Number(bits))
    return refuse(`takes a key of ${bits} bits, and the one given has ${key.length * 8}`);
  const sealed = decodeBase64(textOf(at(encrypted, "CipherData", "CipherValue")) ?? "", "CipherValue");
  const wrong = "does not open: wrong passphrase or key, or the file was changed";
  try {
    if (mode.toLowerCase() === "gcm") {
      const opener = createDecipheriv(`aes-${bits as "128"}-gcm`, key, sealed.subarray(0, 12));
      opener.setAuthTag(sealed.subarray(-16));
      return Buffer.concat([opener.update(sealed.subarray(12, -16)), opener.final()]);
    }
    const opener = createDecipheriv(`aes-${bits}-cbc`, key, sealed.subarray(0, 16)).setAutoPadding(false);
    const padded = Buffer.concat([opener.update(sealed.subarray(16)), opener.final()]);
    const padding = padded.at(-1) ?? 0;
    if (padding < 1 || padding > 16 || padding > padded.length) return refuse(wrong);
    return padded.subarray(0, -padding);
  } catch {
    return refuse(wrong);
  }
}
