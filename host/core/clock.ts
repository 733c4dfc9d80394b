// The time, and whether it can be believed: routers without a battery start in 1970.
import { execFile } from "node:child_process";

declare const BUILD_SECONDS: number; // put in by the build (host/build/bundle.mjs)

export interface Clock {
  /** Seconds since 1970. */
  seconds(): number;
  /** False before the build: the clock has not been set, and codes cannot be judged. */
  plausible(): boolean;
  /** Seconds by which it has moved of late, as the devices of many users tell; 0 where it has not, or nobody knows. */
  moved?(): number;
}

/** 2026-11-01, for sources that run without being built. */
const FALLBACK_SECONDS = 1793491200;

/** The earliest time that can be right: when this program was built. */
export const EARLIEST_SECONDS: number = typeof BUILD_SECONDS === "number" ? BUILD_SECONDS : FALLBACK_SECONDS;

/** The operating system's clock. */
export const systemClock: Clock = {
  seconds: () => Math.floor(Date.now() / 1000),
  plausible: () => Date.now() / 1000 >= EARLIEST_SECONDS,
};

/** Whether the operating system says that its clock is synchronised; undefined where it does not say. */
export function isSynchronised(): Promise<boolean | undefined> {
  const question = ["show", "--property=NTPSynchronized", "--value"];
  return new Promise((resolve) => {
    execFile("timedatectl", question, { timeout: 2000 }, (error, out) => {
      const answer = out.trim();
      resolve(error || (answer !== "yes" && answer !== "no") ? undefined : answer === "yes");
    });
  });
}
