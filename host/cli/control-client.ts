// Asks the running service: the desk's functions, through the control socket. (The API is host/service/control-api.ts.)
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DialwardError, type ErrorCode } from "../errors.ts";
import { CONTROL_SOCKET, METHODS, type Method } from "../service/control-api.ts";
import type { Desk } from "../service/desk.ts";

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
  const socketPath = join(folder, CONTROL_SOCKET);
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
  { args, stream }: Method,
): (...values: unknown[]) => unknown {
  const names = Object.keys(args);
  const open = async (values: unknown[]): Promise<IncomingMessage> => {
    const given = await Promise.all(names.map(async (name, i) => [name, await plain(values[i])]));
    return post(socketPath, `/v1/${place}`, Object.fromEntries(given) as object);
  };
  if (stream === "rows")
    return async function* (...values) {
      for await (const { row, error } of lines(await open(values))) {
        if (error) throw new DialwardError(error.code, error.message);
        if (row !== undefined) yield row;
      }
    };
  if (stream === "progress")
    return async (...values) => {
      const hear = values[names.length] as ((progress: number) => void) | undefined;
      for await (const { progress, result, error } of lines(await open(values))) {
        if (error) throw new DialwardError(error.code, error.message);
        if (progress === undefined) return result;
        hear?.(progress);
      }
      throw new DialwardError("busy", "The service has ended meanwhile: see what was done.");
    };
  return async (...values) => {
    const reply = await open(values);
    let text = "";
    for await (const piece of reply.setEncoding("utf8")) text += piece;
    const value = JSON.parse(text) as Told | null;
    if (reply.statusCode !== 200 && value?.error)
      throw new DialwardError(value.error.code, value.error.message);
    return value ?? undefined;
  };
}

/** Rows that come one by one go as one list. */
async function plain(value: unknown): Promise<unknown> {
  if (typeof value !== "object" || value === null || !(Symbol.asyncIterator in value)) return value;
  const all: unknown[] = [];
  for await (const one of value as AsyncIterable<unknown>) all.push(one);
  return all;
}

async function* lines(reply: IncomingMessage): AsyncIterable<Told> {
  if (reply.statusCode !== 200) {
    let text = "";
    for await (const piece of reply.setEncoding("utf8")) text += piece;
    yield JSON.parse(text) as Told;
    return;
  }
  for await (const line of createInterface({ input: reply, crlfDelay: Infinity }))
    yield JSON.parse(line) as Told;
}

function post(socketPath: string, path: string, body: object, timeout = 0): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = { "content-type": "application/json", "content-length": bytes.length };
    const asking = request({ socketPath, path, method: "POST", headers, timeout, agent: false }, resolve);
    asking.on("timeout", () => asking.destroy(new Error(`no answer in ${timeout / 1000} s`)));
    asking.on("error", reject);
    asking.end(bytes);
  });
}
