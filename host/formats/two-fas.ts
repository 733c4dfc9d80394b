// 2FAS (backups of schema 1 to 4, as in its tests and those of apps that read them): {services: [{name, secret, otp:
// {account, tokenType, …}}], schemaVersion}; in an encrypted one servicesEncrypted.
import { encryptedBy, listOf, readAccounts, toUser, within } from "./app.ts";
import { accountOf } from "./otpauth.ts";
import type { Format } from "./source.ts";

export const twoFas: Format = {
  name: "2fas",
  title: "2FAS, backup without a password",
  recognises: ({ json }) =>
    Array.isArray(within(json, "services")) && within(json, "schemaVersion") !== undefined,
  *read({ json }) {
    if (within(json, "servicesEncrypted"))
      throw encryptedBy("2FAS", "In 2FAS: Settings, 2FAS Backup, Export, without a password");
    yield* readAccounts(listOf(json, "services"), "service", (fields, notes) => {
      const otp = fields.record("otp");
      const label = otp.text("label");
      otp.take("link");
      const user = toUser(
        {
          name: otp.text("account") ?? (label === undefined ? undefined : accountOf(label)),
          type: otp.text("tokenType") ?? "totp",
          secret: fields.text("secret"),
          algorithm: otp.text("algorithm"),
          digits: otp.number("digits"),
          period: otp.number("period"),
          counter: otp.number("counter"),
        },
        notes,
      );
      otp.leave(notes);
      return user;
    });
  },
};
