// The OpenVPN door: stays connected to OpenVPN's management socket (`management-client-auth`) and answers it.
// Source: OpenVPN's doc/management-notes.txt. Renegotiation is left to OpenVPN's `auth-gen-token`.

import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { readEndpoint } from "../config/endpoint.ts";
import { Pending } from "../admission/pending-challenges.ts";
import { answerClient, type OpenvpnDoor } from "./login.ts";
import { EventReader, type ManagementEvent } from "./parse.ts";
import { OpenvpnSessions, type SessionStore } from "./sessions.ts";

export interface OpenvpnOptions extends Pick<OpenvpnDoor, "admission" | "log"> {
  /** A socket's path (it holds a "/"), or HOST:PORT. */
  socket: string;
  /** How the log and the sessions name this OpenVPN. */
  name: string;
  /** The management password's file, where OpenVPN asks for one; read at each connection. */
  passwordFile?: string | undefined;
  store: SessionStore;
  /** The installation's name, where it has one of its own. */
  service?: string | undefined;
  /** Milliseconds between two looks at the status. */
  statusInterval?: number;
  /** Milliseconds until a client that was told to end is told again. */
  repeatAfter?: number;
}

export interface OpenvpnServer {
  readonly connected: boolean;
  /** Answers what has begun, then disconnects. */
  close(): Promise<void>;
}

/** The wait before connecting again, in milliseconds; doubles up to the second number. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const STATUS_MS = 10_000;
/** OpenVPN keeps a client for 5 s after it has told it to end. */
const REPEAT_MS = 2000;

/** Opens the door. It connects now or as soon as OpenVPN is there, and again whenever OpenVPN was restarted. */
export function startOpenvpn(options: OpenvpnOptions): OpenvpnServer {
  const { name, admission, store, log, statusInterval = STATUS_MS, repeatAfter = REPEAT_MS } = options;
  const door: OpenvpnDoor = { name, admission, log, pending: new Pending(options.service) };
  const sessions = new OpenvpnSessions(name, store);
  const logins = new Set<Promise<void>>();
  let socket: Socket | undefined;
  let connected = false;
  let closed = false;
  let wait = FIRST_WAIT_MS;
  let told = false;
  let retry: NodeJS.Timeout | undefined;
  /** Events about sessions, one after the other. */
  let queue = Promise.resolve();

  async function open(): Promise<void> {
    const target = options.socket.includes("/") ? { path: options.socket } : await readTcp(options.socket);
    if (closed) return;
    const line = connect(target);
    const reader = new EventReader();
    let status: NodeJS.Timeout | undefined;
    socket = line;
    line.setEncoding("utf8");
    line.setKeepAlive(true);
    line.on("data", (chunk: string) => {
      for (const event of reader.read(chunk)) {
        if (!connected && event.kind === "line" && /^(>INFO:|SUCCESS: password)/.test(event.text)) {
          connected = true;
          told = false;
          wait = FIRST_WAIT_MS;
          log.info({ nas: name }, "connected to OpenVPN's management socket");
          status = setInterval(askStatus, statusInterval);
          askStatus();
        }
        handle(event, line);
      }
    });
    line.on("error", (error) => lose(error.message));
    line.on("close", () => {
      clearInterval(status);
      if (connected) queue = queue.then(() => sessions.forget());
      lose("OpenVPN has closed it");
      connected = false;
      if (closed) return;
      retry = setTimeout(start, wait);
      wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    });

    function askStatus(): void {
      queue = queue.then(() => {
        sessions.ask();
        write(line, "status 3");
      });
    }
  }

  function start(): void {
    open().catch((error: unknown) => {
      lose((error as Error).message);
      retry = setTimeout(start, LONGEST_WAIT_MS);
    });
  }

  function lose(why: string): void {
    if (closed || told) return;
    told = true;
    log.warn({ nas: name, why }, "no connection to OpenVPN's management socket; trying again");
  }

  function handle(event: ManagementEvent, line: Socket): void {
    if (event.kind === "hold") write(line, "hold release");
    else if (event.kind === "password") write(line, readPassword());
    else if (event.kind === "line") {
      if (event.text.startsWith("ERROR:"))
        log.warn({ nas: name, why: event.text }, "OpenVPN refused a command");
      else if (/^(HEADER|CLIENT_LIST|END)/.test(event.text))
        then(async () => end(await sessions.readStatus(event.text), line));
    } else if (event.event === "ESTABLISHED" || event.event === "DISCONNECT")
      then(async () => end(await sessions.follow(event), line));
    else if (!closed) {
      const login: Promise<void> = answerClient(event, door)
        .then(
          (command) => write(line, command),
          (error: unknown) => log.error({ nas: name, err: error }, "an OpenVPN login could not be answered"),
        )
        .finally(() => logins.delete(login));
      logins.add(login);
    }
  }

  /**
   * Sends what tells clients to end, and again a little later: where a renegotiation is due, OpenVPN puts the first
   * under the key that it then replaces, and the client never gets it.
   */
  function end(commands: readonly string[], line: Socket): void {
    for (const command of commands) write(line, command);
    if (commands.length > 0)
      setTimeout(() => {
        for (const command of sessions.repeat()) write(line, command);
      }, repeatAfter).unref();
  }

  function then(step: () => Promise<void>): void {
    queue = queue.then(step).catch((error: unknown) => {
      log.error({ nas: name, err: error }, "an OpenVPN session could not be recorded");
    });
  }

  function readPassword(): string {
    if (options.passwordFile === undefined) {
      log.error({ nas: name }, "OpenVPN's management socket asks for a password: set passwordFile");
      return "";
    }
    try {
      return readFileSync(options.passwordFile, "utf8").split(/\r?\n/, 1)[0]!;
    } catch (error) {
      log.error({ nas: name, why: (error as Error).message }, "the management password cannot be read");
      return "";
    }
  }

  start();
  return {
    get connected() {
      return connected;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await Promise.all(logins);
      await queue;
      if (socket && !socket.destroyed)
        await new Promise<void>((done) => {
          socket!.once("close", () => done());
          if (connected) socket!.end();
          else socket!.destroy();
          setTimeout(() => socket!.destroy(), 1000).unref();
        });
    },
  };
}

function write(line: Socket, command: string): void {
  if (line.writable) line.write(`${command}\n`);
}

async function readTcp(text: string): Promise<{ host: string; port: number }> {
  const { address, port } = await readEndpoint(text, "openvpn socket");
  return { host: address, port };
}
