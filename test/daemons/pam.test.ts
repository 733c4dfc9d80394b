// PAM: any program that asks it for a login, here pamtester, with pam_radius_auth; in one step and in two.
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { Lab } from "./lab.ts";
import { testLogin, testTwoSteps } from "./logins.ts";
import type { User } from "./users.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open("pam");
  const conf = "/etc/pam_radius_auth.conf";
  const folder = lab.place("pam", { [conf]: join(lab.folder, "pam/pam_radius_auth.conf") });
  chmodSync(join(folder, "pam_radius_auth.conf"), 0o600);
});
afterAll(() => lab?.close());

/** Asks PAM, a line for each prompt; whether it lets in. */
async function authenticate({ name }: User, ...words: string[]): Promise<boolean> {
  // A namespace of ours has mounts of its own: there, this folder is PAM's.
  const command = `mount --bind ${join(lab.folder, "pam")} /etc/pam.d && exec pamtester service ${name} authenticate`;
  const input = words.map((word) => `${word}\n`).join("");
  const { status, output } = await lab.run("server", ["sh", "-c", command], { input });
  expect(output).toMatch(/successfully authenticated|Authentication failure/);
  return status === 0;
}

testLogin("pam_radius_auth", () => lab, authenticate);
testLogin("pam_radius_auth, password and code", () => lab, authenticate, "password+code");
testTwoSteps("pam_radius_auth", () => lab, authenticate);
