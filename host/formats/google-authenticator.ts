// ~/.google_authenticator of Google Authenticator's PAM module (its FILEFORMAT): the secret, options behind a quotation
// mark, emergency codes of eight digits. The file does not name its user; a folder of them does, by its names.
import { readRow, refuse, takeDrift, wholeNumber, type NewUser, type Notes, type ReadRow } from "./row.ts";
import type { Format } from "./source.ts";

export const googleAuthenticator: Format = {
  name: "google-authenticator",
  title: "~/.google_authenticator of Google Authenticator's PAM module, one or a folder of them",
  recognises: ({ head }) => /^[A-Z2-7]{16,}\s*\n" [A-Z]/.test(head),
  *read({ text }, { name }): Generator<ReadRow> {
    yield readRow("the file", (notes) => {
      if (name === undefined) return refuse("does not name its user: give --name");
      notes.name = name;
      const lines = text.split("\n").map((line) => line.trim());
      return readFile(lines.filter(Boolean), name, notes);
    });
  },
};

function readFile([secret = "", ...lines]: string[], name: string, notes: Notes): NewUser {
  const options = new Map<string, string>();
  let codes = 0;
  for (const line of lines) {
    const [, key, value = ""] = /^" ([A-Z0-9_]+) ?(.*)$/.exec(line) ?? [];
    if (key !== undefined) options.set(key, value.trim());
    else if (/^\d{8}$/.test(line)) codes++;
    else return refuse("has a line that is neither an option nor an emergency code");
  }
  const take = (key: string): string | undefined => {
    const value = options.get(key);
    options.delete(key);
    return value;
  };
  if (codes > 0)
    notes.lose(
      `its ${codes} emergency codes are left behind: eight digits can be guessed; make recovery codes in their place`,
    );
  const skew = take("TIME_SKEW");
  const counter = take("HOTP_COUNTER");
  const spent = take("DISALLOW_REUSE");
  const period = wholeNumber(take("STEP_SIZE") ?? "30", "STEP_SIZE");
  take("TOTP_AUTH");
  const rest = [...options.keys()].filter((key) => key !== "RESETTING_TIME_SKEW");
  if (rest.length > 0) notes.lose(`left behind: ${rest.join(", ")}`);
  // It holds the counter of the next code.
  if (counter !== undefined)
    return { name, factor: "hotp", secret, counter: wholeNumber(counter, "HOTP_COUNTER") };
  // The steps whose codes were used.
  const steps = (spent ?? "")
    .split(/\s+/)
    .filter(Boolean)
    .map((step) => wholeNumber(step, "DISALLOW_REUSE"));
  const next = steps.length > 0 ? Math.max(...steps) + 1 : undefined;
  return { name, factor: "totp", secret, period, drift: takeDrift(skew, "totp", notes), next };
}
