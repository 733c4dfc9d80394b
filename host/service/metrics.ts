// What a monitor asks: /metrics for Prometheus and /healthz, on an HTTP port of their own. No user, no secret is in it.
import { createServer, type Server } from "node:http";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Audit } from "../log/audit.ts";
import type { Clock } from "../core/clock.ts";
import type { Core } from "../core/core.ts";
import type { Verdict } from "../core/dial-in.ts";
import type { LoginEvent } from "../log/login-event.ts";
import { readEndpoint, type Endpoint } from "../config/endpoint.ts";
import { DialwardError, systemWords } from "../errors.ts";
import type { RadiusCounters } from "../radius/counters.ts";
import type { Store } from "../store/store.ts";

/** What is looked at when a monitor asks. */
export interface Watched {
  core: Core;
  store: Store;
  clock: Clock;
  admission: { readonly waiting: number };
  radius: RadiusCounters;
  audit?: Audit | undefined;
}

export interface Monitor {
  readonly address: Endpoint;
  close(): Promise<void>;
}

/** A health check writes to the store: it is not done more often than this, in milliseconds. */
const CHECK_MS = 1000;
/** HOTP of RFC 4226 appendix D, counter 0. */
const KNOWN_KEY = Buffer.from("12345678901234567890");
const KNOWN_CODE = "755224";

/** The service's own numbers. */
export class Metrics {
  readonly registry = new Registry();
  /** Handed to the registry when it is asked: its own counter builds a text of the labels at every count. */
  readonly #verdicts = new Map<Verdict["reason"], { outcome: Verdict["outcome"]; count: number }>();
  readonly #batch = new Histogram({
    name: "dialward_batch_verdicts",
    help: "Verdicts that left together",
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers: [this.registry],
  });
  readonly #commit = new Histogram({
    name: "dialward_commit_seconds",
    help: "How long a batch's commit to the store took",
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1],
    registers: [this.registry],
  });

  constructor() {
    const verdicts = this.#verdicts;
    new Counter({
      name: "dialward_verdicts_total",
      help: "Verdicts by outcome and reason",
      labelNames: ["outcome", "reason"],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [reason, { outcome, count }] of verdicts) this.inc({ outcome, reason }, count);
      },
    });
  }

  /** Each reason has one outcome. */
  note({ verdict: { outcome, reason } }: LoginEvent): void {
    const known = this.#verdicts.get(reason);
    if (known) known.count++;
    else this.#verdicts.set(reason, { outcome, count: 1 });
  }

  noted(verdicts: number, commitSeconds: number | undefined): void {
    this.#batch.observe(verdicts);
    if (commitSeconds !== undefined) this.#commit.observe(commitSeconds);
  }

  /** Adds what is counted elsewhere, read when it is asked for. */
  watch({
    store,
    admission,
    radius,
    audit,
  }: Pick<Watched, "store" | "admission" | "radius" | "audit">): void {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    const read = <K extends keyof RadiusCounters>(names: readonly K[], label: string, counter: Counter) => {
      counter.reset();
      for (const name of names) counter.inc({ [label]: name }, radius[name]);
    };
    const replies = ["accepts", "rejects", "challenges", "accounting", "status", "duplicates"] as const;
    const drops = [
      "malformed",
      "unknownClient",
      "badAuthenticator",
      "missingAuthenticator",
      "noPort",
      "unsent",
      "failed",
    ] as const;
    new Counter({
      name: "dialward_radius_replies_total",
      help: "RADIUS replies by kind",
      labelNames: ["kind"],
      registers,
      collect() {
        read(replies, "kind", this);
      },
    });
    new Counter({
      name: "dialward_radius_drops_total",
      help: "RADIUS packets without an answer, by cause",
      labelNames: ["cause"],
      registers,
      collect() {
        read(drops, "cause", this);
      },
    });
    new Gauge({
      name: "dialward_waiting",
      help: "Dial-ins that wait for a batch",
      registers,
      collect() {
        this.set(admission.waiting);
      },
    });
    new Gauge({
      name: "dialward_sessions",
      help: "Connected users, as accounting told",
      registers,
      async collect() {
        this.set(await store.sessions().then((all) => all.length, () => NaN)); // prettier-ignore
      },
    });
    new Gauge({
      name: "dialward_audit_lost",
      help: "Lines that could not be written to the audit log",
      registers,
      collect() {
        this.set(audit?.lost ?? 0);
      },
    });
  }
}

/** What is in order: each part "ok" or what is wrong with it. */
export async function checkHealth({ core, store, clock }: Watched): Promise<Record<string, string>> {
  return {
    store: await checkStore(store),
    clock: clock.plausible() ? "ok" : "the time is before this program was built",
    core: checkCore(core),
  };
}

async function checkStore(store: Store): Promise<string> {
  try {
    await store.load(["healthz"]);
    await store.commit([]); // writes and syncs
    return "ok";
  } catch {
    return "it cannot be read or written"; // the log has more, with paths in it
  }
}

function checkCore(core: Core): string {
  const record = core.enrol({ factor: "hotp", secret: KNOWN_KEY, active: true });
  return core.generate(record, 0) === KNOWN_CODE ? "ok" : "it gives wrong answers";
}

/** Listens on `listen`, HOST:PORT. Throws DialwardError("config") where that cannot be. */
export async function startMonitor(listen: string, metrics: Metrics, watched: Watched): Promise<Monitor> {
  metrics.watch(watched);
  let checked = -Infinity;
  let health: Promise<Record<string, string>> | undefined;
  const server = createServer((request, response) => {
    const answer = (status: number, type: string, text: string): void => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
    };
    const path = request.method === "GET" ? request.url : undefined;
    if (path === "/metrics") {
      metrics.registry.metrics().then(
        (text) => answer(200, metrics.registry.contentType, text),
        () => answer(500, "text/plain", "the metrics cannot be read\n"),
      );
    } else if (path === "/healthz") {
      if (!health || performance.now() - checked > CHECK_MS) {
        checked = performance.now();
        health = checkHealth(watched);
      }
      void health.then((checked) => {
        const ok = Object.values(checked).every((part) => part === "ok");
        answer(ok ? 200 : 503, "application/json", JSON.stringify(checked) + "\n");
      });
    } else answer(404, "text/plain", "/metrics and /healthz are here\n");
  });
  server.requestTimeout = 5000;
  server.maxConnections = 64;
  await open(server, await readEndpoint(listen, "metrics.listen"));
  const { address, port } = server.address() as Endpoint;
  return {
    address: { address, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function open(server: Server, { address, port }: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const what = `Metrics cannot listen on ${address} port ${port}: ${systemWords(cause)}`;
      reject(new DialwardError("config", what, { cause }));
    });
    server.listen(port, address, resolve);
  });
}
