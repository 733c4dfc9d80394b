// The configuration: every key optional, each mistake named with its path, secrets from files.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadClients, loadConfig, readOpenvpns, readRedis } from "../../host/config/config.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dialward-config-"));
  file = join(folder, "dialward.toml");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const load = (toml: string, data?: string) => {
  writeFileSync(file, toml);
  return loadConfig(file, data);
};
const configError = (message: RegExp) =>
  expect.objectContaining({ code: "config", message: expect.stringMatching(message) });

test("no file and an empty file give the defaults", () => {
  for (const config of [loadConfig(undefined, folder), load("", folder)]) {
    expect(config.data).toBe(folder);
    expect(config.radius).toEqual({ listen: "127.0.0.1:1812", accounting: "127.0.0.1:1813", clients: [] });
    expect(config.log.level).toBe("info");
  }
});

test("the data folder: the command line, then the file, then the system's place", () => {
  vi.stubEnv("STATE_DIRECTORY", "");
  vi.stubEnv("XDG_STATE_HOME", join(folder, "xdg"));
  expect(load("").data).toBe(join(folder, "xdg", "dialward"));
  expect(load('data = "d"').data).toBe(join(folder, "d"));
  expect(() => load("", "")).toThrow(configError(/--data/));
  expect(load('data = "d"', join(folder, "e")).data).toBe(join(folder, "e"));
  vi.stubEnv("STATE_DIRECTORY", join(folder, "systemd"));
  expect(load("").data).toBe(join(folder, "systemd"));
});

test.each([
  ["colour = 1", /colour: there is no such key/],
  ["[radius]\nlissen = 'x'", /radius\.lissen: there is no such key/],
  [
    "[[radius.clients]]\naddress = '10.0.0.1'\nsecret = 's3cret'\nport = 1",
    /radius\.clients\.1\.port: there is no such key/,
  ],
  ["[radius]\nlisten = '127.0.0.1'", /radius\.listen: must be HOST:PORT/],
  ["[radius]\nlisten = '::1:1812'", /radius\.listen: must be HOST:PORT/],
  ["[radius]\nlisten = '127.0.0.1:65536'", /radius\.listen: must be HOST:PORT/],
  ["[[radius.clients]]\naddress = '10.0.0.0/33'\nsecret = 's3cret'", /radius\.clients\.1\.address: /],
  ["[[radius.clients]]\naddress = 'router'\nsecret = 's3cret'", /radius\.clients\.1\.address: /],
  ["[[radius.clients]]\naddress = '10.0.0.1'", /radius\.clients\.1: give either secret or secretFile/],
  ["[[radius.clients]]\naddress = '::1'\nsecret = 's3cret'\nsecretFile = 'f'", /give either/],
  ["[[radius.clients]]\naddress = '::1'\nsecret = 's3cret'\ntype = 'telnet'", /radius\.clients\.1\.type: /],
  [
    "[[radius.clients]]\naddress = '10.0.0.1'\nsecret = 's3cret'\n[[radius.clients]]\naddress = '::ffff:10.0.0.1'\nsecret = 's3cret'",
    /radius\.clients: must have an address or a prefix each/,
  ],
  [
    "[[radius.clients]]\naddress = '::1'\nsecret = 's3cret'\nname = 'openvpn'\n[[openvpn]]\nsocket = '/run/m'",
    /openvpn: a RADIUS client has the name "openvpn" too/,
  ],
  ["[log]\nlevel = 'loud'", /log\.level: /],
  ["[store]\nurl = 'http://127.0.0.1'", /store\.url: /],
  ["[store]\nurl = 'redis://:s3cret@127.0.0.1/0'", /store\.url: .*passwordFile/],
  ["[service]\nname = 'a: b'", /service\.name: must be/],
  ["[service]\nname = ''", /service\.name: must be/],
  ["[store]\nwait = -1", /store\.wait: /],
  ["[[radius.clients]]\naddress = '::1'\nsecret = 's3cret", /line 3/],
])("%j is refused by name, without its secret", (toml, message) => {
  expect(() => load(toml)).toThrow(configError(message));
  expect(() => load(toml)).toThrow(configError(/^(?!.*s3cret)/s));
});

test("text of another encoding is told, in the configuration and in a secret; a byte order mark is no part of either", () => {
  const bytes = (...parts: (string | number)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.of(part))));
  const clients = "[[radius.clients]]\naddress = '::1'\nsecretFile = 'secret'";
  const given = (config: Buffer, secret: Buffer): string[] => {
    writeFileSync(file, config);
    writeFileSync(join(folder, "secret"), secret, { mode: 0o600 });
    return loadClients(loadConfig(file), () => {}).clients.map((one) => one.secret);
  };
  expect(given(bytes(0xef, 0xbb, 0xbf, clients), bytes(0xef, 0xbb, 0xbf, "geheim ü\r\n"))).toEqual([
    "geheim ü",
  ]);
  expect(() => given(bytes(clients), bytes("geheim ", 0xfc))).toThrow(
    configError(/secret: the text is not UTF-8/),
  );
  expect(() => given(bytes(clients, "\n# ", 0xfc), bytes("geheim"))).toThrow(
    configError(/toml: the text is not UTF-8/),
  );
});

test("a missing file is named", () => {
  expect(() => loadConfig(join(folder, "none.toml"))).toThrow(configError(/none\.toml/));
});

test("clients carry their secret, from the file beside the configuration too", () => {
  writeFileSync(join(folder, "secret"), "from file\n", { mode: 0o600 });
  const config = load(`
    [[radius.clients]]
    address = "2001:db8::/32"
    secret = "plain"
    name = "border"
    requireMessageAuthenticator = true
    type = "ikev2-eap"
    challenge = false
    disconnect = "[2001:db8::1]:3799"
    [[radius.clients]]
    address = "10.1.2.3"
    secretFile = "secret"
  `);
  const warn = vi.fn();
  expect(loadClients(config, warn)).toEqual({
    clients: [
      {
        address: "2001:db8::/32",
        secret: "plain",
        name: "border",
        requireMessageAuthenticator: true,
        type: "ikev2-eap",
        challenge: false,
        disconnect: "[2001:db8::1]:3799",
      },
      { address: "10.1.2.3", secret: "from file", name: "10.1.2.3", requireMessageAuthenticator: "auto" },
    ],
  });
  expect(warn).not.toHaveBeenCalled();
  chmodSync(join(folder, "secret"), 0o640);
  loadClients(config, warn);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/chmod 600/));
});

test("a secret file that is missing or empty is named", () => {
  const config = load("[[radius.clients]]\naddress = '::1'\nsecretFile = 'gone'");
  expect(() => loadClients(config, () => {})).toThrow(configError(/gone/));
  writeFileSync(join(folder, "gone"), "\n", { mode: 0o600 });
  expect(() => loadClients(config, () => {})).toThrow(configError(/gone is empty/));
});

test("without clients this machine is one, with a secret made once", () => {
  const config = load("", folder);
  const first = loadClients(config, () => {});
  expect(first.secretFile).toBe(join(folder, "radius-secret"));
  expect(first.clients.map(({ address }) => address)).toEqual(["127.0.0.1", "::1"]);
  expect(statSync(first.secretFile!).mode & 0o777).toBe(0o600);
  expect(first.clients[0]!.secret).toBe(readFileSync(first.secretFile!, "utf8").trim());
  expect(first.clients[0]!.secret.length).toBeGreaterThanOrEqual(32);
  expect(loadClients(config, () => {})).toEqual(first);
});

test("the store: the data folder, or servers with the password and certificates of their files", () => {
  const warn = vi.fn();
  expect(readRedis(load(""), warn)).toBeUndefined();
  writeFileSync(join(folder, "password"), "s3cret\n", { mode: 0o600 });
  writeFileSync(join(folder, "ca.pem"), "PEM");
  const urls = ["redis://10.0.0.1:6379/0", "rediss://user@redis.example"];
  const text = `[store]\nurl = ${JSON.stringify(urls)}\npasswordFile = "password"\ncaFile = "ca.pem"\nwait = 2\n`;
  expect(readRedis(load(text), warn)).toEqual({
    urls,
    password: "s3cret",
    ca: "PEM",
    wait: 2,
    holdSeconds: 370,
  });
  expect(warn).not.toHaveBeenCalled();
});

test("OpenVPN's sockets: paths from the file's folder, HOST:PORT as it is, names that differ", () => {
  const toml = `[[openvpn]]\nsocket = "./mgmt.sock"\npasswordFile = "pw"\n[[openvpn]]\nname = "second"\nsocket = "127.0.0.1:7505"`;
  expect(readOpenvpns(load(toml))).toEqual([
    { name: "openvpn", socket: join(folder, "mgmt.sock"), passwordFile: join(folder, "pw") },
    { name: "second", socket: "127.0.0.1:7505" },
  ]);
  expect(() => load(toml.replace("second", "openvpn"))).toThrow(configError(/openvpn.*a name each/));
  expect(() => load(`[[openvpn]]\nsocket = "mgmt"`)).toThrow(configError(/socket.*HOST:PORT/));
});
