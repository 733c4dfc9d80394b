// The control socket: `control` in the data folder, for its owner alone (0600). Who may open it is an administrator.
// HTTP and JSON by the framework that serves the pages; the API is control-api.ts.
import { chmodSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { stream } from "hono/streaming";
import * as z from "zod/mini";
import { describeIssues } from "../config/schema-errors.ts";
import { DialwardError, systemWords } from "../errors.ts";
import type { Log } from "../log/log.ts";
import { controlSocket, findMethod, SOCKET_PATH_BYTES } from "./control-api.ts";
import { describeApi } from "./openapi.ts";
import type { Desk } from "./desk.ts";

const BODY_BYTES = 8 * 1024 * 1024;
/** One row of an import. */
const LINE_BYTES = 256 * 1024;
/** While an import comes in nobody else is changed: it is given up when nothing has come for so long. */
const IDLE_MS = 10_000;
const CONNECTIONS = 32;
const HEADERS_MS = 10_000;
const STATUS = {
  usage: 400,
  config: 400,
  "not-found": 404,
  exists: 409,
  conflict: 409,
  refused: 422,
} as const;

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Answers in `folder`, which this process has open. Throws DialwardError("store") where the socket cannot be made, or
 * ("config") where the folder's name is too long for one.
 */
export async function startControl(folder: string, desk: Desk, log: Log): Promise<ControlServer> {
  const path = controlSocket(folder);
  if (path === undefined)
    throw new DialwardError(
      "config",
      `The socket of ${folder} cannot be made: its path may have ${SOCKET_PATH_BYTES} bytes. Name another data folder.`,
    );
  const app = createControl(desk, log);
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { headersTimeout: HEADERS_MS, requestTimeout: 0, maxHeaderSize: 8192 },
  }) as Server;
  server.maxConnections = CONNECTIONS;
  rmSync(path, { force: true }); // of a process that was killed: the folder is open here and nowhere else
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: Error): void =>
      reject(
        new DialwardError("store", `The socket ${path} cannot be made: ${systemWords(cause)}.`, { cause }),
      );
    server.once("error", fail);
    server.listen(path, () => {
      server.off("error", fail);
      resolve();
    });
  });
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        rmSync(path, { force: true });
      }),
  };
}

/** The API as one function from request to answer. */
export function createControl(desk: Desk, log: Log, idleMs = IDLE_MS): Hono {
  const app = new Hono();
  const tooLarge = `A body has ${BODY_BYTES / 1024 / 1024} MiB at most.`;
  const limit = bodyLimit({ maxSize: BODY_BYTES, onError: (c) => c.json(errorBody("usage", tooLarge), 413) });
  app.use("/v1/:room/:function", (c, next) =>
    findMethod(c.req.param("room"), c.req.param("function"))?.lines ? next() : limit(c, next),
  );
  app.post("/v1/:room/:function", async (c) => {
    const { room, function: called } = c.req.param();
    const method = findMethod(room, called);
    if (!method) return c.json(errorBody("not-found", `There is no function ${room}/${called}.`), 404);
    let values: unknown[] = [];
    if (method.lines) values = [readLines(c.req.raw.body, idleMs)];
    else {
      const body: unknown = await c.req.json().catch(() => undefined);
      const parsed = z.strictObject(method.args).safeParse(body);
      if (!parsed.success)
        return c.json(errorBody("usage", `${room}/${called}: ${describeIssues(parsed.error)}`), 400);
      const given = parsed.data as Record<string, unknown>;
      values = Object.keys(method.args).map((key) => given[key]);
    }
    const run = (desk as unknown as Record<string, Record<string, (...values: unknown[]) => unknown>>)[room]![
      called
    ]!;
    if (method.stream === undefined) {
      try {
        return c.json(((await run(...values)) ?? null) as object);
      } catch (error) {
        const told = tell(error, log);
        const status = (STATUS as Record<string, 400 | 404 | 409 | 422>)[told.error.code] ?? 500;
        return c.json(told, status);
      }
    }
    c.header("content-type", "application/x-ndjson");
    return stream(c, async (out) => {
      const line = (value: unknown): Promise<unknown> => out.write(`${JSON.stringify(value)}\n`);
      try {
        if (method.stream === "rows")
          for await (const row of run(...values) as AsyncIterable<unknown>) await line({ row });
        else await line({ result: await run(...values, (progress: number) => void line({ progress })) });
        if (method.stream === "rows") await line({ result: null });
      } catch (error) {
        await line(tell(error, log));
      }
    });
  });
  app.get("/v1/openapi.json", (c) => c.json(describeApi()));
  app.notFound((c) => c.json(errorBody("not-found", "POST /v1/ROOM/FUNCTION"), 404));
  return app;
}

/** The JSON values of a body, one a line, while it comes. Throws DialwardError("usage"), which never quotes it. */
async function* readLines(body: ReadableStream<Uint8Array> | null, idleMs: number): AsyncGenerator<unknown> {
  let rest = "";
  let line = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parse = (text: string): unknown => {
    line++;
    try {
      return JSON.parse(text);
    } catch {
      throw new DialwardError("usage", `Line ${line} of the body is not JSON.`);
    }
  };
  const reader = body?.getReader();
  try {
    for (;;) {
      const piece = await nextPiece(reader, idleMs);
      if (!piece) break;
      const texts = (rest + decode(decoder, piece, line)).split("\n");
      rest = texts.pop()!;
      for (const text of texts) if (text.trim() !== "") yield parse(text);
      if (rest.length > LINE_BYTES)
        throw new DialwardError(
          "usage",
          `Line ${line + 1} of the body is longer than ${LINE_BYTES / 1024} KiB.`,
        );
    }
    if (rest.trim() !== "") yield parse(rest);
  } finally {
    void reader?.cancel().catch(() => {});
  }
}

async function nextPiece(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  idleMs: number,
): Promise<Uint8Array | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DialwardError("usage", `Nothing has come for ${idleMs / 1000} s: it is given up.`)),
      idleMs,
    );
  });
  try {
    return (await Promise.race([reader?.read(), idle]))?.value;
  } finally {
    clearTimeout(timer);
  }
}

function decode(decoder: TextDecoder, piece: Uint8Array, line: number): string {
  try {
    return decoder.decode(piece, { stream: true });
  } catch {
    throw new DialwardError("usage", `The body is not UTF-8 behind line ${line}.`);
  }
}

function errorBody(code: string, message: string): { error: { code: string; message: string } } {
  return { error: { code, message } };
}

/** What is told of an error; what nobody foresaw goes to the log, and not to whoever asks. */
function tell(error: unknown, log: Log): { error: { code: string; message: string } } {
  if (error instanceof DialwardError) return errorBody(error.code, error.message);
  log.error({ err: error }, "a command has failed");
  return errorBody("failed", "The command has failed; the service's log says why.");
}
