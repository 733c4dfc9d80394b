// The daemon suite: one file for each family of daemons, each in namespaces of its own, two at a time; as root. Those of
// RADIUS run twice: with the service behind them, and with a router's dialward-radiusd.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    projects: [
      { extends: true, test: { name: "service", include: ["test/daemons/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "router",
          include: ["strongswan", "ocserv", "openvpn-radius", "ppp", "hostapd", "freeradius", "radius"].map(
            (name) => `test/daemons/${name}.test.ts`,
          ),
          env: { DIALWARD_BEHIND: "radiusd" },
          globalSetup: "test/daemons/router.ts",
        },
      },
    ],
    pool: "forks",
    maxWorkers: 2,
    // Dialward writes its log a moment late. All times are long enough for a machine that is busy with other things.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 600_000,
    hookTimeout: 300_000,
  },
});
