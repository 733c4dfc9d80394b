// OpenVPN's server, and a client whose questions are answered through its own management socket, as a graphical
// client does. Source: OpenVPN's doc/management-notes.txt ("Challenge/Response Protocol").
import { copyFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { makeCertificates } from "./certificates.ts";
import { Lab, SERVER, type Daemon } from "./lab.ts";

/** Options of a server that renegotiates every 8 s. */
export const RENEGOTIATING = [
  ...["--reneg-sec", "8", "--hand-window", "8"],
  // The second number keeps the token good, although a client that renegotiates so often misses its renewal.
  ...["--auth-gen-token", "43200", "60"],
];

/** Opens a lab whose server is to be OpenVPN with test/daemons/openvpn/`configuration`, changed by `changes`. */
export function openLab(configuration: string, changes: Record<string, string> = {}): Promise<Lab> {
  return Lab.open("openvpn", async (lab) => {
    const folder = lab.place("openvpn", { ...changes, "vpn.example.com": SERVER });
    makeCertificates(lab.folder);
    for (const name of ["ca.pem", "vpn.pem", "vpn.key"])
      copyFileSync(join(lab.folder, name), join(folder, name));
    copyFileSync(join(folder, configuration), join(folder, "server.conf"));
  });
}

/** Starts the server with more options, and waits until it is ready. */
export async function startServer(lab: Lab, more: readonly string[] = []): Promise<Daemon> {
  const configuration = join(lab.folder, "openvpn/server.conf");
  const server = lab.start("server", "openvpn", [
    "openvpn",
    "--config",
    configuration,
    "--verb",
    "3",
    ...more,
  ]);
  await lab.until("OpenVPN is ready", () => /Initialization Sequence Completed/.test(server.log()));
  return server;
}

export interface Answers {
  user: string;
  password: string;
  /** What the static or the dynamic challenge is answered with. */
  code?: string;
  /** Ask for both at once (SCRV1). */
  staticChallenge?: boolean;
}

/** Connects; the running client, or undefined where the server said no. `lab`/openvpn holds its configuration. */
export async function dial(lab: Lab, answers: Answers): Promise<Daemon | undefined> {
  const folder = join(lab.folder, "openvpn");
  const path = join(folder, "client.sock");
  rmSync(path, { force: true });
  const more = answers.staticChallenge ? ["--static-challenge", "Enter the code", "1"] : [];
  const options = ["--cd", lab.folder, "--config", join(folder, "client.conf"), "--management", path, "unix"];
  const command = ["openvpn", ...options, "--management-query-passwords", ...more];
  const client = lab.start("client", "openvpn-client", command);
  try {
    const socket = await open(lab, path);
    const connected = await converse(socket, answers);
    socket.destroy();
    if (connected) return client;
  } catch (error) {
    await client.stop();
    throw error;
  }
  await client.stop();
  return undefined;
}

/** Connects, pings through the tunnel and hangs up; false where the server said no. */
export async function logIn(lab: Lab, answers: Answers): Promise<boolean> {
  const client = await dial(lab, answers);
  await (client && lab.ping().finally(() => client.stop()));
  return client !== undefined;
}

/** Connects to the client's management socket as soon as it listens, which is a moment after it is there. */
function open(lab: Lab, path: string): Promise<Socket> {
  return lab.until(
    "the client's management socket listens",
    () =>
      new Promise<Socket | undefined>((resolve) => {
        const socket = connect({ path });
        socket.once("connect", () => resolve(socket)).once("error", () => resolve(undefined));
      }),
  );
}

/** Answers the client's questions until it is connected (true) or was refused (false). */
function converse(socket: Socket, { user, password, code = "" }: Answers): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("neither connected nor refused in 120 s")), 120_000);
    const end = (connected: boolean) => {
      clearTimeout(timer);
      resolve(connected);
    };
    const say = (line: string) => socket.write(`${line}\n`);
    let state: string | undefined;
    let rest = "";
    function read(line: string): void {
      const failed = /^>PASSWORD:Verification Failed: 'Auth'(?: \['CRV1:[^:]*:([^:]*):[^']*'\])?$/.exec(line);
      if (line.startsWith(">PASSWORD:Need 'Auth'")) {
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        say(`username "Auth" "${user}"`);
        if (state !== undefined) say(`password "Auth" "CRV1::${state}::${code}"`);
        else if (line.includes(" SC:")) say(`password "Auth" "SCRV1:${base64(password)}:${base64(code)}"`);
        else say(`password "Auth" "${password}"`);
      } else if (failed !== null) {
        state = failed[1];
        if (state === undefined) end(false);
      } else if (/^>STATE:\d+,CONNECTED,SUCCESS/.test(line)) end(true);
    }
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop()!;
      lines.forEach(read);
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("it has ended")));
    say("state on");
  });
}
