import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FACTORS } from "../../host/users/profile.ts";
import { SecretMarks } from "../../host/users/secret-marks.ts";

test("a mark is the beginning of Node's HMAC over factor, step and key, one after the other", () => {
  const key = randomBytes(32);
  const marks = new SecretMarks(Buffer.from(key));
  fc.assert(
    fc.property(
      fc.constantFrom(...FACTORS),
      fc.option(fc.integer({ min: 1, max: 2 ** 32 - 1 }), { nil: undefined }),
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      (factor, period, secret) => {
        const text = `${factor} ${period ?? 0} `;
        const hash = createHmac("sha256", key).update(text).update(secret).digest().subarray(0, 16);
        expect(marks.of({ factor, period }, secret)).toEqual({ hash, period: period ?? 0 });
      },
    ),
  );
});
