// Asks the running service: the desk's functions, through the control socket. (The API is host/service/control-api.ts.)
import { request, type IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { DialwardError, type ErrorCode } from "../errors.ts";
import { controlSocket, METHODS, type Method } from "../service/control-api.ts";
import type { Desk } from "../service/desk.ts";
import { printLines, readLines } from "../store/json-lines.ts";

/** How long a service may take to take a connection and begin its answer to nothing, in milliseconds. */
const GREETING_MS = 10_000;

interface Told {
  row?: unknown;
  progress?: number;
  result?: unknown;
  error?: { code: ErrorCode; message: string };
}

/**
 * The desk of the service that has `folder` open; undefined where none listens. Throws DialwardError("busy") where one
 * does not answer.
 */
export async function askService(folder: string): Promise<Desk | undefined> {
  const socketPath = controlSocket(folder);
  if (socketPath === undefined) return undefined;
  try {
    const greeting = await post(socketPath, "", {}, GREETING_MS);
    greeting.resume();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR") return undefined;
    if (code === "EACCES")
      throw new DialwardError("store", `${socketPath} is for its owner: run this as that user, or as root.`);
    throw new DialwardError(
      "busy",
      `The service that has ${folder} open does not answer (${(error as Error).message}). See its log, or start it again.`,
    );
  }
  const rooms = Object.entries(METHODS).map(([room, methods]) => {
    const functions = Object.entries(methods as Record<string, Method>).map(([called, method]) => [
      called,
      makeCall(socketPath, `${room}/${called}`, method),
    ]);
    return [room, Object.fromEntries(functions)];
  });
  return Object.fromEntries(rooms) as Desk;
}

function makeCall(
  socketPath: string,
  place: string,
  { args, stream, lines: asLines }: Method,
): (...values: unknown[]) => unknown {
  const names = Object.keys(args);
  const open = async (values: unknown[]): Promise<IncomingMessage> => {
    const given = names.map((name, i) => [name, values[i]]);
    const body = asLines ? (values[0] as AsyncIterable<unknown>) : (Object.fromEntries(given) as object);
    return post(socketPath, `/v1/${place}`, body).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ECONNRESET" || error.code === "EPIPE" ? ended(error) : error;
    });
  };
  if (stream === "rows")
    return async function* (...values) {
      for await (const { row, error } of lines(await open(values))) {
        if (error) throw new DialwardError(error.code, error.message);
        if (row === undefined) return; // the last line says that all of them are there
        yield row;
      }
      throw ended();
    };
  if (stream === "progress")
    return async (...values) => {
      const hear = values[names.length] as ((progress: number) => void) | undefined;
      for await (const { progress, result, error } of lines(await open(values))) {
        if (error) throw new DialwardError(error.code, error.message);
        if (progress === undefined) return result;
        hear?.(progress);
      }
      throw ended();
    };
  return async (...values) => {
    const reply = await open(values);
    const value = await readWhole<Told | null>(reply);
    if (reply.statusCode !== 200 && value?.error)
      throw new DialwardError(value.error.code, value.error.message);
    return value ?? undefined;
  };
}

async function* lines(reply: IncomingMessage): AsyncIterable<Told> {
  if (reply.statusCode !== 200) return void (yield await readWhole<Told>(reply));
  try {
    for await (const line of readLines(reply.setEncoding("utf8"))) yield JSON.parse(line) as Told;
  } catch (cause) {
    throw ended(cause);
  }
}

async function readWhole<T>(reply: IncomingMessage): Promise<T> {
  try {
    let text = "";
    for await (const piece of reply.setEncoding("utf8")) text += piece;
    return JSON.parse(text) as T;
  } catch (cause) {
    throw ended(cause);
  }
}

/** What is thrown where not all of an answer has come. */
function ended(cause?: unknown): DialwardError {
  return new DialwardError("busy", "The service has ended meanwhile: see what was done.", { cause });
}

/** Sends an object, or values one a line; resolves when the answer begins, which may be before all of them are sent. */
function post(
  socketPath: string,
  path: string,
  body: object | AsyncIterable<unknown>,
  timeout = 0,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const bytes = isSeries(body) ? undefined : Buffer.from(JSON.stringify(body));
    const headers = bytes
      ? { "content-type": "application/json", "content-length": bytes.length }
      : { "content-type": "application/x-ndjson" };
    const asking = request({ socketPath, path, method: "POST", headers, timeout, agent: false }, resolve);
    asking.on("timeout", () => asking.destroy(new Error(`no answer in ${timeout / 1000} s`)));
    asking.on("error", reject);
    if (bytes) asking.end(bytes);
    else
      pipeline(printLines(body as AsyncIterable<unknown>), asking).catch((error: Error) => {
        // Where the service has ended the connection, its answer says why.
        reject(error);
      });
  });
}

function isSeries(body: object): body is AsyncIterable<unknown> {
  return Symbol.asyncIterator in body || Symbol.iterator in body;
}
