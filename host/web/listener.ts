// A port that the pages listen on: Hono on Node's own HTTP or HTTPS server, with bounds on what a client may hold.
import { createServer as createHttp, type Server } from "node:http";
import { createServer as createHttps, Server as HttpsServer } from "node:https";
import { createAdaptorServer } from "@hono/node-server";
import { printEndpoint, type Endpoint } from "../config/endpoint.ts";
import { DialwardError, systemWords } from "../errors.ts";

/** Of each port: with three ports, the monitor, the control socket and the database's files, 1,024 descriptors suffice. */
const CONNECTIONS = 192;
const TIMEOUT_MS = 15_000;
const LIMITS = { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, maxHeaderSize: 16_384 };

/** Certificate and key as PEM. */
export interface Tls {
  cert: Buffer;
  key: Buffer;
}

/** A port that is bound, and answers 503 until something serves there. */
export interface Listener {
  /** Where it is, as a browser opens it. */
  url: string;
  /** What answers from now on. */
  serve(fetch: Fetch): void;
  /** Takes another certificate, for connections from now on. */
  renew(tls: Tls): void;
  close(): Promise<void>;
}

export type Fetch = Parameters<typeof createAdaptorServer>[0]["fetch"];

/** Binds `endpoint`; `key` names it in the configuration. Throws DialwardError("config") where it cannot. */
export async function listen(endpoint: Endpoint, tls: Tls | undefined, key: string): Promise<Listener> {
  let answer: Fetch = () => new Response("The service is starting.\n", { status: 503 });
  const options = tls
    ? { createServer: createHttps, serverOptions: { ...LIMITS, ...tls, minVersion: "TLSv1.2" as const } }
    : { createServer: createHttp, serverOptions: LIMITS };
  const server = createAdaptorServer({ fetch: (request, env) => answer(request, env), ...options }) as Server;
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: Error) => {
      const text = `The pages cannot listen on ${printEndpoint(endpoint)}: ${systemWords(cause)}. Set ${key}.`;
      reject(new DialwardError("config", text, { cause }));
    });
    server.listen(endpoint.port, endpoint.address, resolve);
  });
  const bound = server.address();
  const port = typeof bound === "object" && bound ? bound.port : endpoint.port;
  return {
    url: `${tls ? "https" : "http"}://${printEndpoint({ ...endpoint, port })}/`,
    serve: (fetch) => (answer = fetch),
    renew: (next) => {
      if (server instanceof HttpsServer) server.setSecureContext({ ...next, minVersion: "TLSv1.2" });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
