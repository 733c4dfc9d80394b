// What the primary and its workers tell each other. Datagrams and replies go as parcels (parcel.ts), the rest as these.

import type { Config, RadiusClient } from "../config/config.ts";
import type { ErrorCode } from "../errors.ts";
import type { MetricsOfOne } from "../service/metrics.ts";

/** What a worker works by. It has been read by the primary, so that all go by the same. */
export interface Setup {
  config: Config;
  /** With their secrets: the channel is a pair of sockets that nobody else can open. */
  clients: readonly RadiusClient[];
}

/** A login that failed, for back-off by caller: the caller, and the user whom it named. */
export type Failure = readonly [caller: string, user: string];

/** To a worker. `start` comes first, and once. */
export type Order =
  | { kind: "start" | "configure"; setup: Setup }
  | { kind: "failures"; failures: readonly Failure[] }
  | { kind: "metrics" | "stop" };

/** From a worker. A parcel says whether the worker is through with the one that it was handed. */
export type Report =
  | { kind: "ready" | "stopped" }
  | { kind: "failed"; code: ErrorCode | undefined; message: string }
  | { kind: "failures"; failures: readonly Failure[] }
  | { kind: "metrics"; metrics: MetricsOfOne };
