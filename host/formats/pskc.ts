// PSKC, the portable symmetric key container (RFC 6030), read: clear, or encrypted under a passphrase or an agreed key.
import { DialwardError } from "../errors.ts";
import { formatSecret } from "../users/profile.ts";
import { openKeys, type ContainerKeys } from "./pskc-keys.ts";
import {
  decodeBase64,
  Fields,
  parseAlgorithm,
  readRow,
  refuse,
  refuseFactor,
  takeDrift,
  wholeNumber,
  type NewUser,
  type Notes,
  type ReadRow,
} from "./row.ts";
import type { Format } from "./source.ts";
import { at, parseXml, textOf, type Node } from "./xml.ts";

export const pskc: Format = {
  name: "pskc",
  title: "PSKC (RFC 6030) of token makers and other servers, clear or encrypted",
  recognises: ({ head }) => head.startsWith("<") && /<([\w-]+:)?KeyContainer[\s>]/.test(head),
  async *read(source, options): AsyncGenerator<ReadRow> {
    const container = await parseXml(source.text, "KeyContainer", ["KeyPackage"]);
    const packages = container["KeyPackage"];
    if (!Array.isArray(packages))
      throw new DialwardError("usage", "This is no PSKC file: it has no KeyPackage.");
    const keys = await openKeys(container, options);
    const pins = new Map(
      packages
        .map((one) => at(one, "Key") as Node)
        .filter(isPin)
        .map((key) => [textOf(key["@_Id"]) ?? "", key]),
    );
    for (const [i, one] of packages.entries()) {
      if (isPin(at(one, "Key") as Node)) continue;
      yield readRow(`key ${i + 1}`, (notes) => {
        if (container["Signature"] !== undefined) notes.lose("the container's signature is not checked");
        return readPackage(one as Node, keys, pins, notes, options.now);
      });
    }
  },
};

function isPin(key: Node | undefined): boolean {
  return /[:#]pin$/i.test(textOf(key?.["@_Algorithm"]) ?? "");
}

function readPackage(
  one: Node,
  keys: ContainerKeys | undefined,
  pins: ReadonlyMap<string, Node>,
  notes: Notes,
  now: number,
): NewUser {
  const fields = new Fields(one);
  const device = fields.record("DeviceInfo");
  const key = fields.record("Key");
  const id = textOf(key.take("@_Id"));
  const serial = textOf(device.take("SerialNo"));
  const deviceUser = textOf(device.take("UserId"));
  const who = textOf(key.take("UserId")) ?? deviceUser ?? serial ?? id ?? "";
  // A distinguished name such as CN=alice, O=… names its CN.
  const name = /^CN=([^,]+)/i.exec(who)?.[1]?.trim() ?? who;
  notes.name = name;
  const algorithm = textOf(key.take("@_Algorithm")) ?? "";
  const factor = /(?:^|[:#/])(hotp|totp)$/i.exec(algorithm)?.[1]?.toLowerCase();
  if (factor === undefined) return refuseFactor("is neither for TOTP nor for HOTP");
  if (key.take("KeyProfileId", "KeyReference") !== undefined)
    refuse("refers to a profile or key that is not in the file");
  const user: NewUser = { name, factor, secret: "", ...readParameters(key.record("AlgorithmParameters")) };
  const data = key.record("Data");
  const secret = openValue(data, "Secret", keys) ?? refuse("has no secret");
  user.secret = formatSecret("totp", secret);
  const number = (element: string): number | undefined => readNumber(data, element, keys);
  const counter = number("Counter");
  const period = number("TimeInterval");
  const [time, drift] = [number("Time"), number("TimeDrift")];
  if (factor === "totp") Object.assign(user, { period, drift: takeDrift(drift?.toString(), factor, notes) });
  else Object.assign(user, { counter: counter ?? 0 });
  if (factor === "totp" && time) notes.lose("left behind: Time");
  Object.assign(user, readPolicy(key.take("Policy") as Node | undefined, keys, pins, notes, now));
  device.leave(notes);
  key.leave(notes);
  data.leave(notes);
  fields.leave(notes);
  return user;
}

function readParameters(parameters: Fields): { digits?: number; algorithm?: string | undefined } {
  const algorithm = parseAlgorithm(textOf(parameters.take("Suite")));
  if (parameters.take("ChallengeFormat") !== undefined)
    refuseFactor("answers challenges, which no login here asks");
  const format = parameters.record("ResponseFormat");
  const encoding = format.text("@_Encoding") ?? "DECIMAL";
  if (encoding.toUpperCase() !== "DECIMAL")
    refuse(`shows codes in ${/^hex/i.test(encoding) ? "hexadecimal" : "letters"}, not in decimal digits`);
  const check = format.text("@_CheckDigits", "@_CheckDigit");
  if (check !== undefined && /^(true|1)$/i.test(check)) refuse("adds a check digit to its codes");
  const length = format.text("@_Length");
  return { algorithm, ...(length !== undefined && { digits: wholeNumber(length, "Length") }) };
}

/** The bytes of a value that lies in clear or encrypted; undefined where there is none. */
function openValue(data: Fields, element: string, keys: ContainerKeys | undefined): Buffer | undefined {
  const node = data.take(element);
  if (node === undefined) return undefined;
  const encrypted = at(node, "EncryptedValue");
  if (encrypted === undefined) return decodeBase64(textOf(at(node, "PlainValue")) ?? "", element);
  if (keys === undefined) return refuse("is encrypted, and the file does not say under which key");
  return keys.open(encrypted, at(node, "ValueMAC"));
}

/** A number: decimal digits in clear, big-endian bytes where it is encrypted. */
function readNumber(data: Fields, element: string, keys: ContainerKeys | undefined): number | undefined {
  const node = data.take(element);
  if (node === undefined) return undefined;
  if (at(node, "EncryptedValue") === undefined) {
    const text = textOf(at(node, "PlainValue")) ?? "";
    return /^-\d{1,9}$/.test(text) ? Number(text) : wholeNumber(text, element);
  }
  const bytes = openValue(new Fields({ [element]: node }), element, keys)!;
  // Some write the decimal digits all the same.
  const digits = bytes.toString("latin1");
  if (bytes.length !== 4 && bytes.length !== 8 && /^\d+$/.test(digits)) return wholeNumber(digits, element);
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.isSafeInteger(value) ? value : refuse(`${element}: is too large`);
}

const POLICIES = new Set(["KeyUsage", "ExpiryDate", "PINPolicy", "StartDate", "NumberOfTransactions"]);

/** What a policy (section 5) means here: a PIN before the code is the password, an expired key is disabled. */
function readPolicy(
  node: Node = {},
  keys: ContainerKeys | undefined,
  pins: ReadonlyMap<string, Node>,
  notes: Notes,
  now: number,
): Partial<NewUser> {
  const found: Partial<NewUser> = {};
  const policy = new Fields(node);
  const usage = policy.take("KeyUsage");
  const usages = [usage ?? []].flat().map(textOf);
  if (usages.length > 0 && !usages.includes("OTP")) refuse("is not meant for one-time passwords (KeyUsage)");
  const expiry = policy.text("ExpiryDate");
  if (expiry !== undefined) {
    const time = Date.parse(expiry) / 1000;
    if (!Number.isFinite(time)) refuse("ExpiryDate: is no date");
    if (time <= now) found["enabled"] = false;
    notes.lose(
      time <= now ? "has expired: it is taken disabled" : "left behind: ExpiryDate, until when it is valid",
    );
  }
  const pin = policy.record("PINPolicy");
  const mode = pin.text("@_PINUsageMode")?.toLowerCase();
  const pinKey = pins.get(pin.text("@_PINKeyId") ?? "");
  if (mode === "algorithmic") refuse("mixes a PIN into its codes in a way of its own");
  else if (mode === "prepend" && pinKey) {
    const value = openValue(new Fields(at(pinKey, "Data") as Node), "Secret", keys);
    Object.assign(found, { mode: "password+code", password: value?.toString("utf8") });
  } else if (mode === "prepend" || mode === "append")
    notes.weaken(
      `asks for a PIN ${mode === "append" ? "behind" : "before"} the code, which is not in the file or not possible here`,
    );
  pin.leave(notes, "PINPolicy ");
  for (const element of ["StartDate", "NumberOfTransactions"]) {
    if (policy.take(element) !== undefined) notes.lose(`left behind: ${element}`);
  }
  const rest = Object.keys(node).filter((element) => !POLICIES.has(element));
  // Section 5: who does not know a policy must not use the key as if it had none.
  if (rest.length > 0) notes.weaken(`has a policy that is not known here (${rest.join(", ")})`);
  return found;
}
