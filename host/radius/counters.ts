// What the RADIUS door counts, and what it tells the log about packets without an answer: each kind once a minute.

import type { Log } from "../log/log.ts";

/** What the door has counted since it was opened. */
export interface RadiusCounters {
  accepts: number;
  rejects: number;
  challenges: number;
  accounting: number;
  status: number;
  duplicates: number;
  /** Dropped: lengths that do not fit, or a code or content that has no place there. */
  malformed: number;
  unknownClient: number;
  badAuthenticator: number;
  missingAuthenticator: number;
  /** Dropped: it came from port 0, where no reply can go. */
  noPort: number;
  /** Dropped: as many packets as can be are being answered. */
  overloaded: number;
  /** Replies that the system did not send. */
  unsent: number;
  /** Faults of the service's own; the log has the first of each minute. */
  failed: number;
}

/** All counters at 0. */
export function newCounters(): RadiusCounters {
  return {
    accepts: 0,
    rejects: 0,
    challenges: 0,
    accounting: 0,
    status: 0,
    duplicates: 0,
    malformed: 0,
    unknownClient: 0,
    badAuthenticator: 0,
    missingAuthenticator: 0,
    noPort: 0,
    overloaded: 0,
    unsent: 0,
    failed: 0,
  };
}

/** Why a packet got no answer. */
export type Dropped = keyof typeof ADVICE;

/** The log tells of each kind once in this time, in milliseconds. */
const TELL_MS = 60_000;
const ADVICE = {
  malformed: "a packet was dropped: it is not RADIUS, or not for this port",
  unknownClient: "a packet was dropped: its address is not one of the RADIUS clients",
  badAuthenticator:
    "a packet was dropped: its authenticator is wrong; compare the shared secret on both sides",
  missingAuthenticator:
    "a packet was dropped: it lacks the Message-Authenticator that it must have, as its client has sent one before, or as requireMessageAuthenticator says",
  noPort: "a packet was dropped: it came from port 0, where no reply can go",
  overloaded: "a packet was dropped: too many are being answered",
  unsent: "a reply could not be sent",
  failed: "a RADIUS request could not be answered",
} as const;

/** Counts what is dropped and tells the log, without letting a flood fill it. */
export class Drops {
  readonly #counters: RadiusCounters;
  readonly #log: Log;
  readonly #told = new Map<Dropped, number>();

  constructor(counters: RadiusCounters, log: Log) {
    this.#counters = counters;
    this.#log = log;
  }

  /** One packet from `address` was dropped, or its answer failed by `error`. */
  note(kind: Dropped, address?: string, error?: unknown): void {
    const soFar = ++this.#counters[kind];
    const now = performance.now();
    if (now - (this.#told.get(kind) ?? -Infinity) < TELL_MS) return;
    this.#told.set(kind, now);
    const level = kind === "failed" ? "error" : "warn";
    this.#log[level]({ from: address, dropped: kind, soFar, err: error }, ADVICE[kind]);
  }
}
