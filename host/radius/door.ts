// What the RADIUS door takes and gives: its options, who judges for it, and how its replies leave (listener.ts opens it).
import type { Callers } from "../admission/caller.ts";
import type { RadiusClient } from "../config/config.ts";
import type { Endpoint } from "../config/endpoint.ts";
import type { DialInType, Login, Look } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import type { SessionStore } from "./accounting.ts";
import type { ClientReport } from "./client-report.ts";
import type { Drops, RadiusCounters } from "./counters.ts";
import type { Signing } from "./signing.ts";
import type { Datagram } from "./sockets.ts";

/** Where verdicts come from. */
export interface Judge {
  admit(login: Login): void;
  /** Hears of a step of a conversation that may become a login soon. */
  arrived?(): void;
  /** Whether a user whom a verdict has let pass may still do so, and what an Accept to `nas` brings then. */
  look(user: string, nas: string, type: DialInType | undefined, standing: Uint8Array): Look | Promise<Look>;
}

export interface DoorOptions {
  clients: readonly RadiusClient[];
  admission: Judge;
  store: SessionStore;
  log: Log;
  /** The installation's name, where it has one of its own: users are asked for its code. */
  service?: string | undefined;
  /** Learns which stations are callers; its own where none is given. */
  callers?: Callers;
  /** Learns which clients sign; for this run alone where none is given. */
  signing?: Signing;
  counters?: RadiusCounters;
}

export interface RadiusDoor {
  readonly counters: RadiusCounters;
  /** Counts and logs what gets no answer, for the sockets too. */
  readonly drops: Drops;
  /** Takes a datagram; its reply is sent now, later or never. `socket` is told with the reply. */
  receive(datagram: Uint8Array, from: Endpoint, accounting: boolean, socket?: number): void;
  /** Takes these clients from now on (SIGHUP). Throws DialwardError "config", and keeps the old ones, where one is off. */
  useClients(clients: readonly RadiusClient[]): void;
  /** The clients, and what has been seen of them. */
  clients(): ClientReport[];
  /** Takes nothing new; resolves when what has begun is answered. */
  close(): Promise<void>;
}

/** How replies leave. */
export interface Sender {
  /** Whether it is done with the bytes: where it is not, they must stay as they are until isIdle(). Keeps no `reply`. */
  send(reply: Datagram): boolean;
  isIdle(): boolean;
}
