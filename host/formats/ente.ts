// Ente Auth (help.ente.io, "Exporting your data"): its plain export is a list of otpauth:// URIs (otpauth.ts); the
// encrypted one is JSON with kdfParams and encryptedData.
import { encryptedBy, within } from "./app.ts";
import type { Format } from "./source.ts";

export const ente: Format = {
  name: "ente",
  title: "Ente Auth, plain text (which is otpauth)",
  recognises: ({ json }) =>
    within(json, "kdfParams") !== undefined && within(json, "encryptedData") !== undefined,
  read() {
    throw encryptedBy("Ente Auth", "In Ente Auth: Settings, Data, Export codes, Plain text");
  },
};
