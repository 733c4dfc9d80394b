// The module that digests RADIUS packets, at every length around its blocks, against RFC 1321 and node:crypto.
import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { md5, message, MESSAGE_BYTES } from "../../host/radius/md5.ts";

function digestOf(text: Uint8Array): string {
  message.set(text);
  return Buffer.from(md5(text.length)).toString("hex");
}

test.each([
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  [
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
    "57edf4a22be3c955ac49da2e2107b67a",
  ],
])("RFC 1321 appendix A.5: %j", (text, expected) => {
  expect(digestOf(Buffer.from(text))).toBe(expected);
});

test("every length to three blocks, and the longest, after longer ones", () => {
  const lengths = [MESSAGE_BYTES, 4096, ...Array.from({ length: 200 }, (_, i) => 199 - i), MESSAGE_BYTES];
  for (const length of lengths) {
    const text = randomBytes(length);
    expect(digestOf(text), `${length} bytes`).toBe(createHash("md5").update(text).digest("hex"));
  }
});
