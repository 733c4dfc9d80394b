// FreeOTP+ (its export as JSON): {tokens: [{algo, counter, digits, issuerExt, label, period, secret: [bytes], type}],
// tokenOrder}. The bytes are signed, as Java has them; the counter is that of the last code.
import { listOf, readAccounts, toUser, within } from "./app.ts";
import { refuse } from "./row.ts";
import type { Format } from "./source.ts";

export const freeOtp: Format = {
  name: "freeotp-plus",
  title: "FreeOTP+, exported as JSON",
  recognises: ({ json }) =>
    Array.isArray(within(json, "tokens")) && Array.isArray(within(json, "tokenOrder")),
  *read({ json }) {
    yield* readAccounts(listOf(json, "tokens"), "token", (fields, notes) => {
      const type = fields.text("type") ?? "";
      const counter = fields.number("counter");
      const [issuer, inner] = [fields.text("issuerExt"), fields.text("issuerInt")];
      if (issuer ?? inner) notes.lose("left behind: issuer");
      return toUser(
        {
          name: fields.text("label"),
          type,
          secret: bytesOf(fields.take("secret")),
          algorithm: fields.text("algo"),
          digits: fields.number("digits"),
          period: fields.number("period"),
          counter: counter === undefined ? undefined : counter + 1,
        },
        notes,
      );
    });
  },
};

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const isByte = (one: unknown): boolean =>
    Number.isInteger(one) && (one as number) >= -128 && (one as number) <= 255;
  if (Array.isArray(value) && value.every(isByte)) return Uint8Array.from(value as number[]);
  return refuse("secret: is no list of bytes");
}
