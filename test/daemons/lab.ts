// A server and a client in network namespaces of their own, with Dialward on the server (behind.ts) and a folder for
// everything that is written. Closing it ends every process in them, and removes them and the folder.
import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reason } from "../../host/core/dial-in.ts";
import type { Session } from "../../host/store/store.ts";
import { LAN, makeNamespaces, nameNamespaces, removeNamespace, SERVER } from "./namespaces.ts";
import { PROGRAM, readLog, ROUTER, serve, translateConfig } from "./behind.ts";
import type { User } from "./users.ts";

const HERE = new URL(".", import.meta.url).pathname;
/** How long what should happen soon may take, in milliseconds: the machine may be busy with other things. */
const PATIENCE_MS = 120_000;

export { SERVER };

export interface Result {
  status: number | null;
  /** Standard output and standard error, as they came. */
  output: string;
}

export interface Daemon {
  readonly pid: number;
  readonly running: boolean;
  /** What it has written so far. */
  log(): string;
  /** Ends it, and waits until it has ended; after 5 s it is killed. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface RunOptions {
  input?: string;
  env?: Record<string, string>;
}

type Side = "server" | "client";

/** What the log calls the second copy of a dial-in. */
const REPEATS: ReadonlySet<Reason> = new Set(["repeat", "repeat-refused"]);

export class Lab {
  /** For everything that is written. Others may look into it: some daemons give up root. */
  readonly folder = mkdtempSync(join(tmpdir(), "dialward-daemons-"));
  /** The RADIUS secret; stands for CHANGE-ME in the daemons' files. */
  readonly secret = randomBytes(12).toString("hex");
  readonly #spaces = nameNamespaces();
  readonly #started: Daemon[] = [];
  #dialward!: Daemon;

  /**
   * Opens it with the files of test/daemons/`name`, whose dialward.toml Dialward serves, and with all users made
   * so far. Paths in those files below /etc/`name`/ are below `folder`/`name`/ here. `prepare` comes before Dialward.
   */
  static async open(name: string, prepare?: (lab: Lab) => Promise<void>): Promise<Lab> {
    const lab = new Lab();
    try {
      chmodSync(lab.folder, 0o755);
      mkdirSync(join(lab.folder, "data"), { mode: 0o700 });
      makeNamespaces(lab.#spaces);
      lab.place(name);
      await prepare?.(lab);
      await lab.#serve(name);
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  /** Copies test/daemons/`name` to `folder`/`name`, with `changes`, then its secrets and paths filled in. */
  place(name: string, changes: Record<string, string> = {}): string {
    const folder = join(this.folder, name);
    cpSync(join(HERE, name), folder, { recursive: true });
    const all = { ...changes, "CHANGE-ME": this.secret, [`/etc/${name}/`]: `${folder}/` };
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const path = join(folder, file);
      if (!statSync(path).isFile()) continue;
      let text = readFileSync(path, "utf8");
      for (const [from, to] of Object.entries(all)) text = text.replaceAll(from, to);
      writeFileSync(path, text);
    }
    return folder;
  }

  /** Writes `folder`/`name` and returns its path. */
  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** Runs a command to its end; after PATIENCE_MS it is killed, and its status is null. */
  run(side: Side, command: readonly string[], options: RunOptions = {}): Promise<Result> {
    const child = this.#spawn(side, command, "pipe", options.env);
    let output = "";
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.stderr!.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
    child.stdin!.on("error", () => {}); // it has what it needs
    child.stdin!.end(options.input ?? "");
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => {
        clearTimeout(timer);
        resolve({ status, output });
      });
    });
  }

  /** Starts a daemon; its output goes to `folder`/`name`.log, which is begun anew. */
  start(side: Side, name: string, command: readonly string[], env?: Record<string, string>): Daemon {
    const path = join(this.folder, `${name}.log`);
    const file = openSync(path, "w");
    const child = this.#spawn(side, command, ["ignore", file, file], env);
    closeSync(file);
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    child.once("error", () => {}); // its pid is undefined then, and waiting for it tells
    const daemon: Daemon = {
      pid: child.pid!,
      get running() {
        return child.exitCode === null && child.signalCode === null;
      },
      log: () => readFileSync(path, "utf8"),
      async stop(signal = "SIGTERM") {
        child.kill(signal);
        const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
        await ended;
        clearTimeout(timer);
      },
    };
    this.#started.push(daemon);
    return daemon;
  }

  /** Waits until `look` finds something. Throws with the logs' ends if it has not in PATIENCE_MS. */
  async until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
      const found = await look();
      if (found !== undefined && found !== false && found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`Waited in vain until ${what}.\n${this.logs()}`);
  }

  /** Throws unless what lies behind the tunnel answers from the client's side: the tunnel's keys are right. */
  async ping(seconds = 20): Promise<void> {
    const { status, output } = await this.run("client", ["ping", "-c", "1", "-w", `${seconds}`, LAN]);
    if (status !== 0) throw new Error(`${LAN} does not answer.\n${output}\n${this.logs()}`);
  }

  /** The IPv4 address of the client's `device`. */
  async addressOf(device: string): Promise<string> {
    const { output } = await this.run("client", ["ip", "-4", "-o", "address", "show", "dev", device]);
    return /inet ([\d.]+)/.exec(output)?.[1] ?? output;
  }

  /** Runs a dialward command on the service's data. */
  dialward(args: readonly string[], input = ""): Promise<Result> {
    const common = ["--config", this.#config, "--data", join(this.folder, "data")];
    return this.run("server", [process.execPath, PROGRAM, ...common, ...args], { input });
  }

  /** Changes Dialward's configuration while it runs. */
  async configure(change: (text: string) => string): Promise<void> {
    const readings = () => this.dialwardLog().match(/read again/g)?.length ?? 0;
    const before = readings();
    const text = change(readFileSync(this.#config, "utf8"));
    writeFileSync(this.#config, text);
    if (ROUTER) this.write("clients", translateConfig(text).clients, 0o600);
    process.kill(this.#dialward.pid, "SIGHUP");
    await this.until("Dialward has read its configuration", () => readings() > before);
  }

  /** Stops Dialward until more and more bytes wait on its RADIUS port, `times` times: a service that is late. */
  async stall(times: number): Promise<void> {
    const { pid } = this.#dialward;
    // local address, remote address, state, tx_queue:rx_queue; 0714 is port 1812.
    const waiting = () =>
      Number.parseInt(
        /:0714 \S+ \S+ [0-9A-F]+:([0-9A-F]+)/.exec(readFileSync(`/proc/${pid}/net/udp`, "utf8"))![1]!,
        16,
      );
    process.kill(pid, "SIGSTOP");
    try {
      for (let before = 0; times > 0; times--)
        before = await this.until("a packet waits", () => {
          const now = waiting();
          return now > before ? now : undefined;
        });
    } finally {
      process.kill(pid, "SIGCONT");
    }
  }

  dialwardLog(): string {
    return this.#dialward.log();
  }

  /** Why Dialward judged each dial-in of `user` as it did, in order; without second copies, see `repeats`. */
  reasons(user: User): Reason[] {
    return this.#told(user).filter((reason) => !REPEATS.has(reason));
  }

  /** How many second copies of dial-ins of `user` the log tells of. */
  repeats(user: User): number {
    return this.#told(user).filter((reason) => REPEATS.has(reason)).length;
  }

  #told({ name }: User): Reason[] {
    return readLog(this.dialwardLog()).flatMap(({ user, reason }) =>
      user === name && reason !== undefined ? [reason as Reason] : [],
    );
  }

  /** Who is connected, as Dialward knows it. Throws what the command has said where it cannot tell. */
  async sessions(): Promise<Session[]> {
    const { status, output } = await this.dialward(["sessions", "--json"]);
    if (status !== 0) throw new Error(`dialward sessions ended with ${status}: ${output}`);
    return JSON.parse(output) as Session[];
  }

  /** The end of every log, for a test that fails. */
  logs(): string {
    const names = readdirSync(this.folder).filter((name) => name.endsWith(".log"));
    const end = (name: string) =>
      readFileSync(join(this.folder, name), "utf8").split("\n").slice(-40).join("\n");
    return names.map((name) => `── ${name}\n${end(name)}`).join("\n");
  }

  async close(): Promise<void> {
    // The last started goes first: clients say goodbye to their servers, and servers to Dialward.
    for (const daemon of this.#started.toReversed()) await daemon.stop();
    for (const name of Object.values(this.#spaces)) removeNamespace(name);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #config(): string {
    return join(this.folder, "dialward.toml");
  }

  async #serve(name: string): Promise<void> {
    cpSync(join(this.folder, name, "dialward.toml"), this.#config);
    this.#dialward = await serve(this, this.#config);
    await this.until("Dialward is ready", () => /^ready$/m.test(this.#dialward.log()));
  }

  #spawn(
    side: Side,
    command: readonly string[],
    stdio: "pipe" | ["ignore", number, number],
    env = {},
  ): ChildProcess {
    const args = ["netns", "exec", this.#spaces[side], ...command];
    return spawn("ip", args, { stdio, cwd: this.folder, env: { ...process.env, ...env } });
  }
}
