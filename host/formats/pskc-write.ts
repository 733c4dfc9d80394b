// PSKC, the portable symmetric key container (RFC 6030), written: encrypted under a passphrase (section 6.2), with a MAC
// over each value, or in clear. A password before the code is a PIN of its own key, as section 5's PINPolicy has it.
import { createCipheriv, createHmac, pbkdf2 as derive, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { XMLBuilder } from "fast-xml-parser";
import type { MovedUser } from "../users/moved.ts";
import { parseSecret } from "../users/profile.ts";

/** In a thread of its own: logins wait for none. */
const pbkdf2 = promisify(derive);

const NAMESPACE = "urn:ietf:params:xml:ns:keyprov:pskc";
const ITERATIONS = 600_000;
const CIPHER = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const MAC = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";

/** How a value lies in the container. */
interface Keys {
  head: object;
  value(bytes: Buffer): object;
}

/**
 * A container with the keys of `users` (TOTP and HOTP), encrypted under `passphrase`, or in clear without one; `issuer`
 * names the installation, `iterations` are those of PBKDF2.
 */
export async function writePskc(
  users: readonly MovedUser[],
  issuer: string,
  passphrase?: string,
  iterations = ITERATIONS,
): Promise<string> {
  const keys = passphrase === undefined ? inClear() : await underPassphrase(passphrase, iterations);
  const packages = users.flatMap((user, i) => packagesOf(user, String(i + 1), issuer, keys));
  const builder = new XMLBuilder({ ignoreAttributes: false, format: true });
  return builder.build({
    "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
    KeyContainer: {
      "@_Version": "1.0",
      "@_xmlns": NAMESPACE,
      "@_xmlns:xenc": "http://www.w3.org/2001/04/xmlenc#",
      "@_xmlns:xenc11": "http://www.w3.org/2009/xmlenc11#",
      "@_xmlns:pkcs5": "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#",
      ...keys.head,
      KeyPackage: packages,
    },
  }) as string;
}

function packagesOf(user: MovedUser, id: string, issuer: string, keys: Keys): object[] {
  const { name, factor, secret, mode, password, algorithm = "sha1", drift } = user;
  const pinId = `${id}-pin`;
  // A password that the directory has is none that could be written.
  const prepended = mode === "password+code" ? password : undefined;
  const key = {
    "@_Id": id,
    "@_Algorithm": `${NAMESPACE}:${factor}`,
    Issuer: issuer,
    AlgorithmParameters: {
      ...(algorithm !== "sha1" && { Suite: `HMAC-${algorithm.toUpperCase()}` }),
      ResponseFormat: { "@_Encoding": "DECIMAL", "@_Length": String(user.digits) },
    },
    Data: {
      Secret: keys.value(parseSecret(factor, secret)),
      ...(factor === "hotp"
        ? { Counter: { PlainValue: String(user.counter ?? 0) } }
        : { TimeInterval: { PlainValue: String(user.period) } }),
      ...(drift !== undefined && drift !== 0 && { TimeDrift: { PlainValue: String(drift) } }),
    },
    UserId: name,
    ...(prepended !== undefined && {
      Policy: { PINPolicy: { "@_PINKeyId": pinId, "@_PINUsageMode": "Prepend" }, KeyUsage: "OTP" },
    }),
  };
  if (prepended === undefined) return [{ Key: key }];
  const pin = {
    "@_Id": pinId,
    "@_Algorithm": `${NAMESPACE}:pin`,
    Issuer: issuer,
    AlgorithmParameters: {
      ResponseFormat: { "@_Encoding": "ALPHANUMERIC", "@_Length": String(prepended.length) },
    },
    Data: { Secret: keys.value(Buffer.from(prepended)) },
  };
  return [{ Key: key }, { Key: pin }];
}

function inClear(): Keys {
  return { head: {}, value: (bytes) => ({ PlainValue: bytes.toString("base64") }) };
}

async function underPassphrase(passphrase: string, iterations: number): Promise<Keys> {
  const salt = randomBytes(16);
  const key = await pbkdf2(passphrase, salt, iterations, 32, "sha256");
  const macKey = randomBytes(32);
  const encrypt = (bytes: Buffer): Buffer => {
    const iv = randomBytes(16);
    const cipher = createCipheriv("aes-256-cbc", key, iv);
    return Buffer.concat([iv, cipher.update(bytes), cipher.final()]);
  };
  const encrypted = (sealed: Buffer): object => ({
    "xenc:EncryptionMethod": { "@_Algorithm": CIPHER },
    "xenc:CipherData": { "xenc:CipherValue": sealed.toString("base64") },
  });
  const head = {
    EncryptionKey: {
      "xenc11:DerivedKey": {
        "xenc11:KeyDerivationMethod": {
          "@_Algorithm": "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2",
          "pkcs5:PBKDF2-params": {
            Salt: { Specified: salt.toString("base64") },
            IterationCount: String(iterations),
            KeyLength: "32",
            PRF: { "@_Algorithm": MAC },
          },
        },
        "xenc11:MasterKeyName": "passphrase",
      },
    },
    MACMethod: { "@_Algorithm": MAC, MACKey: encrypted(encrypt(macKey)) },
  };
  return {
    head,
    value(bytes) {
      const sealed = encrypt(bytes);
      return {
        EncryptedValue: encrypted(sealed),
        ValueMAC: createHmac("sha256", macKey).update(sealed).digest("base64"),
      };
    },
  };
}
