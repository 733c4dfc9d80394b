// sshd: logins from another machine by keyboard-interactive, through PAM and pam_radius_auth, in one step and in two.
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { Lab, SERVER } from "./lab.ts";
import { testLogin, testTwoSteps } from "./logins.ts";
import { usersOf, type User } from "./users.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open("ssh");
  const folder = join(lab.folder, "ssh");
  chmodSync(join(folder, "pam_radius_auth.conf"), 0o600);
  const key = join(folder, "ssh_host_ed25519_key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  // sshd lets in who has an account; these are in a passwd of its own.
  const accounts = usersOf().map(({ name }, i) => `${name}:x:${20_000 + i}:65534::/:/bin/sh\n`);
  const passwd = lab.write("passwd", readFileSync("/etc/passwd", "utf8") + accounts.join(""));
  const mounts = `mount --bind ${folder} /etc/pam.d && mount --bind ${passwd} /etc/passwd && mount -t tmpfs tmpfs /run`;
  const sshd = `mkdir -m 755 /run/sshd && exec /usr/sbin/sshd -D -e -f ${join(folder, "sshd_config")}`;
  const daemon = lab.start("server", "sshd", ["sh", "-c", `${mounts} && ${sshd}`]);
  await lab.until("sshd listens", () => daemon.log().includes("Server listening on 0.0.0.0"));
});
afterAll(() => lab?.close());

/** Types a line for each prompt; whether sshd lets in. */
async function login({ name }: User, ...words: string[]): Promise<boolean> {
  const answers = lab.write("answers", words.map((word) => `${word}\n`).join(""), 0o600);
  const ask = lab.write("askpass", `#!/bin/sh\nhead -n 1 ${answers}\nsed -i 1d ${answers}\n`, 0o700);
  const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "NumberOfPasswordPrompts=1"];
  const all = [...options, "PreferredAuthentications=keyboard-interactive"].flatMap((one) => ["-o", one]);
  const command = ["ssh", "-F", "none", ...all, `${name}@${SERVER}`, "echo let in"];
  const env = { SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: "force", DISPLAY: "none" };
  const { status, output } = await lab.run("client", command, { env });
  expect(output).toMatch(/let in|Permission denied/);
  return status === 0;
}

testLogin("sshd", () => lab, login);
testLogin("sshd, password and code", () => lab, login, "password+code");
testTwoSteps("sshd", () => lab, login);
