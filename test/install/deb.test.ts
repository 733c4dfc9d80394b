// The .deb on a copy of this machine: installed, used, upgraded, removed, purged. The codes are RFC 4226's (appendix D).
import { execFileSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { runInCopy } from "./copy.ts";

const users = JSON.stringify({
  users: [{ name: "alice", factor: "hotp", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", active: true }],
});
let [first, second] = ["", ""];
const make = (...version: string[]) =>
  execFileSync(process.execPath, ["host/build/deb.mjs", ...version], { encoding: "utf8" }).trim();

beforeAll(() => {
  [first, second] = [make(), make("99.0.0")];
});

const SERVE = `
  serve() {
    setpriv --reuid dialward --regid dialward --init-groups /usr/bin/dialward serve >/tmp/serve.log 2>&1 & service=$!
    for i in $(seq 300); do grep -q ^ready /tmp/serve.log && return; sleep 0.1; done
    cat /tmp/serve.log; return 1
  }
  stop() { kill $service; wait $service; }`;

test("installed, used, upgraded, removed and purged", async () => {
  const said = await runInCopy(`${SERVE}
    dpkg -i ${first}
    dialward --version
    stat -c 'state %U:%G %a' /var/lib/dialward
    stat -c 'configuration %U:%G %a' /etc/dialward/dialward.toml
    dpkg --verify dialward
    test -e /lib/systemd/system/dialward.service
    ! grep DynamicUser /lib/systemd/system/dialward.service
    bash -n /usr/share/bash-completion/completions/dialward
    zcat /usr/share/man/man1/dialward.1.gz | grep '^.TH'
    serve
    echo '${users}' | dialward user import -
    echo 755224 | dialward dial alice
    echo 755224 | dialward dial alice || echo "status $?"
    stop

    echo '# mine' >>/etc/dialward/dialward.toml
    dpkg -i ${second}
    dpkg-query -W -f '\${Version}\\n' dialward
    tail -n 1 /etc/dialward/dialward.toml
    serve
    echo 755224 | dialward dial alice || echo "status $?"
    echo 287082 | dialward dial alice
    stop

    dpkg -r dialward
    ls /usr/lib/dialward /usr/bin/dialward 2>&1 || true
    ls /var/lib/dialward /etc/dialward
    dpkg -P dialward
    for path in /var/lib/dialward /etc/dialward; do test ! -e $path; done
    getent passwd dialward || echo "the user is gone"`);
  for (const part of [
    "state dialward:dialward 700",
    "configuration root:dialward 640",
    /accepted\nrefused[^]*status 1[^]*99\.0\.0\n# mine\nrefused[^]*status 1\naccepted/,
    /cannot access '\/usr\/lib\/dialward'/,
    "radius-secret",
    /the user is gone\n$/,
  ])
    expect(said).toMatch(part);
});

test("host/README's chapter on operation, as root, on what the package has installed", async () => {
  const said = await runInCopy(`${SERVE}
    dpkg -i ${first} >/dev/null
    serve
    echo '${users}' | dialward user import -
    echo 755224 | dialward dial alice
    echo correct horse battery staple >/root/passphrase
    dialward backup /root/backup --passphrase-file /root/passphrase
    dialward backup /root/without --no-keys
    stat -c 'backup %U %a' /root/backup
    dialward key add
    dialward key rotate
    dialward store check
    dialward store digest
    stat -c 'key %U %a' /var/lib/dialward/key
    kill -HUP $service
    for i in $(seq 100); do grep -q 'read again' /tmp/serve.log && break; sleep 0.1; done
    grep -o 'has been read again' /tmp/serve.log
    stop

    : the log is gone
    rm -r /var/lib/dialward/spent
    dialward store check || echo "status $?"
    dialward store accept-loss alice || echo "status $?"
    dialward store accept-loss alice --counter 1
    dialward store check
    find /var/lib/dialward ! -user dialward -print | head
    serve
    echo 755224 | dialward dial alice || echo "status $?"
    echo 287082 | dialward dial alice
    stop

    : the folder is lost
    rm -r /var/lib/dialward
    install -d -o dialward -g dialward -m 0700 /var/lib/dialward
    dialward restore /root/backup --passphrase-file /root/passphrase
    find /var/lib/dialward ! -user dialward -print | head
    serve
    echo 755224 | dialward dial alice || echo "status $?"
    stop`);
  expect(said).toMatch(
    new RegExp(
      [
        "accepted[^]*backup root 600[^]*Nothing is damaged[^]*1 users[^]*key dialward 600\nhas been read again",
        "alice  state-damaged[^]*status 1\n[^]*--counter[^]*status 2\n[^]*can log in again[^]*Nothing is damaged",
        "refused[^]*status 1\naccepted\n[^]*refused[^]*status 1",
      ].join("[^]*"),
    ),
  );
});
