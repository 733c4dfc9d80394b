// The time, and whether it can be believed: routers without a battery start in 1970.

declare const BUILD_SECONDS: number; // put in by the build (host/bundle.mjs)

export interface Clock {
  /** Seconds since 1970. */
  seconds(): number;
  /** False before the build: the clock has not been set, and codes cannot be judged. */
  plausible(): boolean;
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
