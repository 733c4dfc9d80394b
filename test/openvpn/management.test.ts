// The OpenVPN door against a management socket that plays OpenVPN: logins, challenges, sessions, restarts.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readPassword } from "../../host/openvpn/login.ts";
import { startOpenvpn, type OpenvpnServer } from "../../host/openvpn/management.ts";
import { EventReader, quote } from "../../host/openvpn/parse.ts";
import type { Session } from "../../host/store/store.ts";
import { StandIn } from "../radius/fixture.ts";
import { runs } from "../runs.ts";

const BANNER = ">INFO:OpenVPN Management Interface Version 5 -- type 'help' for more info\r\n";
const HEAD =
  "HEADER\tCLIENT_LIST\tCommon Name\tReal Address\tVirtual Address\tVirtual IPv6 Address\tBytes Received\tBytes Sent\tConnected Since\tConnected Since (time_t)\tUsername\tClient ID\tPeer ID\tData Channel Cipher";
const base64 = (text: string) => Buffer.from(text).toString("base64");

let folder: string;
let path: string;
let openvpn: Server;
let line: Socket | undefined;
let commands: string[];
let status: string[];
/** What else OpenVPN does at a command. */
let onCommand: () => void;
let banner = BANNER;
let door: OpenvpnServer | undefined;
let admission: StandIn;
let sessions: Map<string, Session>;

/** Listens as OpenVPN does, answering `status 3` with `status`. */
async function listen(): Promise<void> {
  openvpn = createServer((socket) => {
    line = socket;
    let rest = "";
    socket.setEncoding("utf8").on("error", () => {});
    socket.on("data", (chunk: string) => {
      rest += chunk;
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
        const command = rest.slice(0, end);
        rest = rest.slice(end + 1);
        if (command === "status 3") socket.write(["TITLE\tOpenVPN", HEAD, ...status, "END", ""].join("\r\n"));
        else {
          commands.push(command);
          onCommand();
        }
      }
    });
    socket.write(banner);
  });
  await new Promise<void>((resolve) => openvpn.listen(path, resolve));
}
async function stop(): Promise<void> {
  line?.destroy();
  line = undefined;
  await new Promise((resolve) => openvpn.close(resolve));
}
async function start(passwordFile?: string, service?: string): Promise<void> {
  door = startOpenvpn({
    socket: path,
    name: "gate",
    passwordFile,
    service,
    admission,
    statusInterval: 20,
    repeatAfter: 20,
    store: {
      saveSession: async (session) => void sessions.set(session.id, session),
      dropSession: async (id) => {
        const session = sessions.get(id);
        sessions.delete(id);
        return session;
      },
      sessions: async () => [...sessions.values()],
    },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  await expect.poll(() => door!.connected).toBe(true);
}
function tell(event: string, env: Record<string, string>): void {
  const lines = Object.entries(env).map(([name, value]) => `>CLIENT:ENV,${name}=${value}\r\n`);
  line!.write(`>CLIENT:${event}\r\n${lines.join("")}>CLIENT:ENV,END\r\n`);
}
/** The command that a login leads to. */
async function login(
  username: string,
  password: string,
  more: Record<string, string> = {},
  event = "CONNECT,0,1",
) {
  const before = commands.length;
  tell(event, { untrusted_ip: "198.51.100.7", username, password, ...more });
  await expect.poll(() => commands.length).toBe(before + 1);
  return commands[before]!;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dialward-"));
  path = join(folder, "management");
  commands = [];
  status = [];
  onCommand = () => {};
  banner = BANNER;
  admission = new StandIn();
  sessions = new Map();
  await listen();
});
afterEach(async () => {
  await door?.close();
  door = undefined;
  await stop();
  rmSync(folder, { recursive: true });
});

test("what a refused user is to be told is shown as a challenge, whose answer lets nobody in", async () => {
  const message = "Set up your one-time password here: https://vpn.example.org/enrol#secret:part";
  const submit = admission.submit.bind(admission);
  admission.submit = async (dialIn) => ({ ...(await submit(dialIn)), message });
  await start();
  const command = await login("carl", "sesame");
  const [, state] = /^client-deny 0 1 "first-login" "CRV1:R,E:([0-9a-f]{32}):Y2FybA==:(.*)"$/.exec(command)!;
  expect(command).toContain(message);
  expect(await login("carl", `CRV1::${state}::123456`)).toBe('client-deny 0 1 "refused"');
});

test("a right code is let in, the same again and a wrong one are not", async () => {
  await start();
  expect(await login("alice", "123456")).toBe("client-auth-nt 0 1");
  expect(await login("alice", "123456", {}, "CONNECT,1,1")).toBe('client-deny 1 1 "refused"');
  expect(await login("alice", "0")).toBe('client-deny 0 1 "refused"');
  expect(await login("", "123456")).toBe('client-deny 0 1 "refused"');
  expect(admission.dialIns[0]).toMatchObject({
    user: "alice",
    type: "openvpn",
    nas: "gate",
    source: "gate 198.51.100.7",
  });
});

test("a static challenge's two answers serve each mode: one text, two steps, or the code alone", async () => {
  await start();
  expect(await login("bob", `SCRV1:${base64("p4ssw0rd")}:${base64("654321")}`)).toBe("client-auth-nt 0 1");
  expect(admission.dialIns.map(({ second }) => second)).toEqual([undefined, true]);
  expect(await login("bob", `SCRV1:${base64("wrong")}:${base64("654321")}`)).toBe(
    'client-deny 0 1 "refused"',
  );
  expect(await login("bob", `SCRV1:${base64("p4ssw0rd")}:`)).toMatch(/^client-deny 0 1 "challenge" "CRV1:/);
  vi.spyOn(admission, "mode").mockResolvedValueOnce("code");
  expect(await login("alice", `SCRV1:${base64("-")}:${base64("123456")}`)).toBe("client-auth-nt 0 1");
  admission.spent.clear();
  admission.dialIns.length = 0;
  expect(await login("alice", `SCRV1:${base64("123")}:${base64("456")}`)).toBe("client-auth-nt 0 1");
  expect(await login("alice", "SCRV1:only")).toBe('client-deny 0 1 "refused"');
  expect(admission.dialIns).toHaveLength(1);
});

test("who is asked for a code reads which installation asks", async () => {
  await start(undefined, "Office");
  expect(await login("bob", "p4ssw0rd")).toMatch(/:Ym9i:Enter the code of Office:"$/);
});

test("a dynamic challenge asks for the code after the password, once", async () => {
  await start();
  const denied = await login("bob", "p4ssw0rd");
  const state = /^client-deny 0 1 "challenge" "CRV1:R,E:([0-9a-f]{32}):Ym9i:Enter the code:"$/.exec(
    denied,
  )?.[1];
  expect(state).toBeDefined();
  expect(await login("alice", `CRV1::${state}::123456`)).toBe('client-deny 0 1 "refused"');
  expect(admission.dialIns).toHaveLength(1);
  expect(await login("bob", `CRV1::${state}::654321`, {}, "CONNECT,1,1")).toBe("client-auth-nt 1 1");
  expect(admission.dialIns[1]).toMatchObject({ user: "bob", second: true });
  expect(await login("bob", `CRV1::${state}::654321`)).toBe('client-deny 0 1 "refused"');
  expect(admission.dialIns).toHaveLength(2);
});

test("renegotiation: a token that OpenVPN has found right passes, one that has run out does not, a code is judged", async () => {
  await start();
  const token = "SESS_ID_AT_xyz";
  const again = (state: string) => login("alice", token, { session_state: state }, "REAUTH,0,2");
  expect(await again("Authenticated")).toBe("client-auth-nt 0 2");
  for (const state of ["Expired", "Invalid", "AuthenticatedEmptyUser", "ExpiredEmptyUser"])
    expect(await again(state)).toMatch(/^client-deny 0 2 "token" "SESSION:/);
  expect(admission.dialIns).toHaveLength(0);
  expect(await login("alice", "123456", { session_state: "Initial" }, "REAUTH,0,3")).toBe(
    "client-auth-nt 0 3",
  );
  expect(admission.dialIns).toHaveLength(1);
});

test.each(["unknown-user", "profile-disabled", "type-not-allowed", "store-unavailable"] as const)(
  "no token lets anyone in whom the store does not: %s",
  async (reason) => {
    await start();
    admission.standing = reason;
    for (const event of ["REAUTH,0,2", "CONNECT,0,2"])
      expect(await login("alice", "SESS_ID_AT_xyz", { session_state: "Authenticated" }, event)).toBe(
        'client-deny 0 2 "refused"',
      );
    expect(admission.dialIns).toHaveLength(0);
  },
);

test("sessions: established, counted, ended; and put right by the status", async () => {
  sessions.set("gate/9", { id: "gate/9", nas: "gate", acctSessionId: "9" } as Session);
  sessions.set("other/9", { id: "other/9", nas: "other", acctSessionId: "9" } as Session);
  await start();
  await expect.poll(() => [...sessions.keys()]).toEqual(["other/9"]);
  status = ["CLIENT_LIST\talice\t198.51.100.7:5000\t10.8.0.2\t\t1017\t1865\tx\t1700000000\talice\t3\t0\tAES"];
  tell("ESTABLISHED,3", {
    username: "alice",
    trusted_ip: "198.51.100.7",
    ifconfig_pool_remote_ip: "10.8.0.2",
  });
  await expect
    .poll(() => sessions.get("gate/3"))
    .toMatchObject({
      user: "alice",
      type: "openvpn",
      callingStation: "198.51.100.7",
      framedAddress: "10.8.0.2",
      since: 1700000000,
      bytesIn: 1017,
      bytesOut: 1865,
    });
  status = [];
  tell("DISCONNECT,3", { username: "alice" });
  await expect.poll(() => [...sessions.keys()]).toEqual(["other/9"]);
});

test("a session taken out of the store is ended", async () => {
  await start();
  status = ["CLIENT_LIST\talice\t198.51.100.7:5000\t10.8.0.2\t\t1\t2\tx\t1700000000\talice\t3\t0\tAES"];
  tell("ESTABLISHED,3", { username: "alice" });
  await expect.poll(() => sessions.get("gate/3")?.bytesIn).toBe(1);
  expect(commands).toEqual([]);
  sessions.delete("gate/3");
  await expect.poll(() => commands[0]).toBe("client-kill 3 HALT");
});

test("a client that is ended is told until it has gone, and not listed meanwhile", async () => {
  await start();
  const row = "CLIENT_LIST\talice\t198.51.100.7:5000\t10.8.0.2\t\t1\t2\tx\t1700000000\talice\t3\t0\tAES";
  status = [row];
  tell("ESTABLISHED,3", { username: "alice" });
  await expect.poll(() => sessions.get("gate/3")?.bytesIn).toBe(1);
  sessions.delete("gate/3");
  await expect.poll(() => commands.length).toBeGreaterThan(2);
  expect(new Set(commands)).toEqual(new Set(["client-kill 3 HALT"]));
  expect(sessions.size).toBe(0);
});

test("what tells a client to end is sent twice: OpenVPN loses it where a renegotiation is due", async () => {
  await start();
  status = ["CLIENT_LIST\talice\t198.51.100.7:5000\t10.8.0.2\t\t1\t2\tx\t1700000000\talice\t3\t0\tAES"];
  tell("ESTABLISHED,3", { username: "alice" });
  await expect.poll(() => sessions.get("gate/3")?.bytesIn).toBe(1);
  onCommand = () => (status = []);
  sessions.delete("gate/3");
  // More often where a list that was asked for before names it still.
  await expect.poll(() => commands.length).toBeGreaterThan(1);
  expect(new Set(commands)).toEqual(new Set(["client-kill 3 HALT"]));
});

test("who was ended and comes back by its token is ended again; a new login is not", async () => {
  await start();
  status = ["CLIENT_LIST\talice\t198.51.100.7:5000\t10.8.0.2\t\t1\t2\tx\t1700000000\talice\t3\t0\tAES"];
  tell("ESTABLISHED,3", { username: "alice", session_id: "first" });
  await expect.poll(() => sessions.get("gate/3")?.bytesIn).toBe(1);
  onCommand = () => (status = []);
  sessions.delete("gate/3");
  await expect.poll(() => commands).toContain("client-kill 3 HALT");
  tell("DISCONNECT,3", { username: "alice" });
  tell("ESTABLISHED,4", { username: "alice", session_id: "first" });
  await expect.poll(() => commands).toContain("client-kill 4 HALT");
  onCommand = () => {};
  status = ["CLIENT_LIST\talice\t198.51.100.7:5000\t10.8.0.2\t\t1\t2\tx\t1700000000\talice\t5\t0\tAES"];
  tell("ESTABLISHED,5", { username: "alice", session_id: "second" });
  await expect.poll(() => [...sessions.keys()]).toEqual(["gate/5"]);
  expect(commands).not.toContain("client-kill 5 HALT");
});

test("who comes back by its token before it could be told to end is ended", async () => {
  await start();
  const row = (cid: string) =>
    `CLIENT_LIST\talice\t198.51.100.7:5000\t10.8.0.2\t\t1\t2\tx\t1700000000\talice\t${cid}\t0\tAES`;
  status = [row("3")];
  tell("ESTABLISHED,3", { username: "alice", session_id: "first" });
  await expect.poll(() => sessions.get("gate/3")?.bytesIn).toBe(1);
  // OpenVPN drops the old connection when the new one is established, here before the next status.
  status = [];
  sessions.delete("gate/3");
  tell("DISCONNECT,3", { username: "alice" });
  status = [row("4")];
  tell("ESTABLISHED,4", { username: "alice", session_id: "first" });
  await expect.poll(() => commands).toContain("client-kill 4 HALT");
  expect(sessions.size).toBe(0);
});

test("OpenVPN's restart is survived; its old sessions are gone", async () => {
  await start();
  status = [
    "CLIENT_LIST\talice\t198.51.100.7:5000\t10.8.0.2\t\t1\t2\tx\t1700000000\talice\t0\t0\tAES",
    // Refused, and listed until OpenVPN lets go of it.
    "CLIENT_LIST\tmallory\t198.51.100.8:5000\t\t\t951\t1683\tx\t1700000000\tmallory\t1\t0\tAES",
  ];
  tell("ESTABLISHED,0", { username: "alice" });
  await expect.poll(() => sessions.size).toBe(1);
  await stop();
  status = [];
  await expect.poll(() => door!.connected).toBe(false);
  await listen();
  await expect.poll(() => door!.connected).toBe(true);
  await expect.poll(() => sessions.size).toBe(0);
  expect(await login("alice", "123456")).toBe("client-auth-nt 0 1");
});

test("the management password and a hold", async () => {
  const file = join(folder, "password");
  writeFileSync(file, "open sesame\n");
  banner = "ENTER PASSWORD:";
  const starting = start(file);
  await expect.poll(() => commands).toEqual(["open sesame"]);
  line!.write(`SUCCESS: password is correct\r\n${BANNER}>HOLD:Waiting for hold release:0\r\n`);
  await starting;
  await expect.poll(() => commands[1]).toBe("hold release");
});

test("closing answers what has begun", async () => {
  await start();
  let release = () => {};
  admission.gate = new Promise((resolve) => (release = resolve));
  tell("CONNECT,0,1", { username: "alice", password: "123456" });
  await expect.poll(() => admission.dialIns.length).toBe(1);
  const closed = door!.close();
  release();
  await closed;
  await expect.poll(() => commands).toEqual(["client-auth-nt 0 1"]);
});

describe("the parser", () => {
  const feed = (text: string, size: number) => {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...reader.read(text.slice(at, at + size)));
    return events;
  };

  test("gives the same events however the stream is cut", () => {
    const text = `${BANNER}>CLIENT:CONNECT,4,2\r\n>CLIENT:ENV,username=a=b\r\n>CLIENT:ENV,password=\r\n>CLIENT:ENV,END\r\n>HOLD:x\nEND\n`;
    const whole = feed(text, text.length);
    expect(whole.map(({ kind }) => kind)).toEqual(["line", "client", "hold", "line"]);
    expect(whole[1]).toMatchObject({ event: "CONNECT", cid: "4", kid: "2" });
    for (let size = 1; size < 40; size++) expect(feed(text, size)).toEqual(whole);
  });

  test("leaves out a line that is too long, and holds no more than its bound", () => {
    const long = "x".repeat(100_000);
    expect(feed(`a\n${long}\nb\n`, 1000)).toEqual([
      { kind: "line", text: "a" },
      { kind: "line", text: "b" },
    ]);
    const many = Array.from({ length: 5000 }, (_, i) => `>CLIENT:ENV,v${i}=1\n`).join("");
    const [event] = feed(`>CLIENT:CONNECT,0,0\n${many}>CLIENT:ENV,END\n`, 4096);
    expect(event?.kind === "client" && event.env.size).toBe(512);
  });

  test("never throws", () => {
    const word = fc.constantFrom(
      ">CLIENT:",
      "CONNECT,",
      "ENV,",
      "END",
      "1,",
      "\n",
      "\r\n",
      "=",
      "ENTER PASSWORD:",
      "\0",
      "é",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 60 }), (parts) => {
        const reader = new EventReader();
        for (const part of parts)
          for (const event of reader.read(part)) expect(event.kind).toBeTypeOf("string");
        readPassword(parts.join(""));
      }),
      runs(200),
    );
  });

  test("a quoted word cannot end its line or its quotes", () => {
    expect(quote('a"b\\c\nclient-auth-nt 1 1\r')).toBe('"a\\"b\\\\c client-auth-nt 1 1 "');
  });
});
