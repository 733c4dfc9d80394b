// The API of the control socket, version 1: for each function of the desk its arguments, by name and in order.
// POST /v1/ROOM/FUNCTION with a JSON object of them; the reply is what it returns, or { error: { code, message } }. An
// import is as long as it is: its rows are the body, one a line.
import { join } from "node:path";
import * as z from "zod/mini";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import type { Desk } from "./desk.ts";

/** Its name in the data folder. */
export const CONTROL_SOCKET = "control";
/** A longer path of a socket is cut off without a word (unix(7), sun_path). */
export const SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** The socket of the data folder; undefined where its path is too long for one. */
export function controlSocket(folder: string): string | undefined {
  const path = join(folder, CONTROL_SOCKET);
  return Buffer.byteLength(path) > SOCKET_PATH_BYTES ? undefined : path;
}

/** A function's arguments, and how its result comes. */
export interface Method {
  args: Record<string, z.ZodMiniType>;
  /** rows: one JSON value a line. progress: lines { progress: NUMBER }, then { result: … }. Else one JSON value. */
  stream?: "rows" | "progress";
  /** The body is not an object, but the values of the one argument, one a line. */
  lines?: true;
}

const name = z.string();
const settings = z.looseObject({});

type Rooms = { [Room in keyof Desk]: { [Function in keyof Desk[Room]]: Method } };

/** Every function of the desk: the compiler sees to it. */
export const METHODS: Rooms = {
  users: {
    add: { args: { user: z.unknown() } },
    check: { args: { rows: z.array(z.unknown()) } },
    import: { args: { rows: z.array(z.unknown()) }, stream: "progress", lines: true },
    export: { args: { names: z.array(name) }, stream: "rows" },
    get: { args: { name } },
    list: { args: {}, stream: "rows" },
    setEnabled: { args: { name, enabled: z.boolean() } },
    edit: { args: { name, changes: z.looseObject({}) } },
    unlock: { args: { name } },
    remove: { args: { name } },
    verify: { args: { name, code: z.string() } },
    diagnose: { args: { name, code: z.string(), type: z.optional(z.enum(DIAL_IN_TYPES)) } },
    resync: { args: { name, codes: z.tuple([z.string(), z.string()]) } },
    recoveryCodes: { args: { name, renew: z.boolean() } },
  },
  groups: {
    list: { args: {} },
    save: { args: { group: z.looseObject({}) } },
    remove: { args: { group: name } },
  },
  administrator: {
    show: { args: {} },
    setPassword: { args: { name, password: z.string() } },
    unlock: { args: {} },
    beginCode: { args: {} },
    finishCode: { args: { id: z.string(), code: z.string() } },
  },
  settings: {
    read: { args: {} },
    replace: { args: { before: settings, after: settings } },
  },
  log: { latest: { args: { count: z.int().check(z.minimum(0)), user: z.optional(name) } } },
  sessions: { list: { args: {} }, end: { args: { id: z.string() } } },
  clients: { list: { args: {} } },
  keys: { rotate: { args: {} }, add: { args: {} } },
  store: {
    backup: { args: { passphrase: z.optional(z.string()) }, stream: "rows" },
    digest: { args: {} },
    check: { args: {} },
    acceptLoss: { args: { name, counter: z.optional(z.int().check(z.minimum(0))) } },
  },
};

/** A function by its place in the API; undefined where there is none. */
export function findMethod(room: string, called: string): Method | undefined {
  const methods = Object.hasOwn(METHODS, room) ? METHODS[room as keyof Rooms] : undefined;
  return methods && Object.hasOwn(methods, called) ? (methods as Record<string, Method>)[called] : undefined;
}
