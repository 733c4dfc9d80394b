// The control socket's API in words for other programs: OpenAPI 3.1, made from the schemas that check each call.
// The socket gives it at GET /v1/openapi.json. Its examples are one story in order, which a test plays.
import * as z from "zod/mini";
import { version } from "../../package.json";
import { METHODS, type Method } from "./control-api.ts";

export interface Example {
  /** ROOM/FUNCTION. */
  call: string;
  /** What it is for. */
  summary: string;
  /** The arguments, by name. */
  body: Record<string, unknown>;
}

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const alice = { name: "alice", factor: "hotp", secret: SECRET, active: true };
const bob = { ...alice, name: "bob" };
const name = "alice";

/** One for each function. The codes are RFC 4226's (appendix D). */
export const EXAMPLES: readonly Example[] = [
  {
    call: "users/add",
    summary: "Add a user; without a secret one is made, and shown once",
    body: { user: alice },
  },
  { call: "users/check", summary: "What is wrong with rows, before an import", body: { rows: [alice, bob] } },
  { call: "users/import", summary: "Add many users, one a line, all or none", body: { rows: [bob] } },
  { call: "users/list", summary: "All users, one a line", body: {} },
  { call: "users/get", summary: "One user", body: { name } },
  { call: "users/verify", summary: "Judge a code as a login would", body: { name, code: "755224" } },
  {
    call: "users/diagnose",
    summary: "Why a code is refused",
    body: { name, code: "755224", type: "openvpn" },
  },
  {
    call: "users/resync",
    summary: "Follow a device by two codes",
    body: { name, codes: ["254676", "287922"] },
  },
  { call: "users/edit", summary: "Change a profile", body: { name, changes: { types: ["openvpn"] } } },
  { call: "users/setEnabled", summary: "Let a user log in, or not", body: { name, enabled: true } },
  { call: "users/unlock", summary: "End a waiting time", body: { name } },
  {
    call: "users/recoveryCodes",
    summary: "Recovery codes that are left; with renew new ones, and the old ones are void",
    body: { name, renew: true },
  },
  {
    call: "groups/save",
    summary: "Make a group, or put it in place of the one of its name",
    body: { group: { name: "Sales", attributes: ["Framed-Pool = sales"], logins: 2 } },
  },
  { call: "groups/list", summary: "All groups", body: {} },
  { call: "groups/remove", summary: "Remove a group that no user is in", body: { group: "Sales" } },
  { call: "clients/list", summary: "The RADIUS clients, with what was seen of them", body: {} },
  { call: "users/export", summary: "Users with their secrets", body: { names: [name] } },
  { call: "users/remove", summary: "Remove a user", body: { name: "bob" } },
  {
    call: "administrator/setPassword",
    summary: "Name and password of the pages' administrator",
    body: { name: "admin", password: "correct horse battery" },
  },
  { call: "administrator/show", summary: "The administrator's account", body: {} },
  { call: "administrator/beginCode", summary: "Begin to enrol the administrator's code", body: {} },
  {
    call: "administrator/finishCode",
    summary: "Save it, with a right code; not-found where nothing was begun under this id",
    body: { id: "00", code: "123456" },
  },
  { call: "administrator/unlock", summary: "End the administrator's waiting time", body: {} },
  { call: "settings/read", summary: "The pages' settings", body: {} },
  {
    call: "settings/replace",
    summary: "Change them; conflict where they are others than `before` by now",
    body: { before: {}, after: {} },
  },
  { call: "log/latest", summary: "The latest logins", body: { count: 10, user: name } },
  { call: "sessions/list", summary: "Who is connected", body: {} },
  {
    call: "sessions/end",
    summary: "Disconnect; not-found where there is no such session",
    body: { id: "nas/1" },
  },
  { call: "keys/add", summary: "Put a new sealing key beside the old ones", body: {} },
  { call: "keys/rotate", summary: "Seal every profile anew, under a new key", body: {} },
  { call: "store/digest", summary: "A digest over all users", body: {} },
  { call: "store/check", summary: "Users that are refused since what they spent may be lost", body: {} },
  {
    call: "store/backup",
    summary: "A backup, sealed under a passphrase with the keys: pieces in base64, then the number of users",
    body: { passphrase: "correct horse battery" },
  },
  { call: "store/acceptLoss", summary: "Let such a user in again after a while", body: { name } },
];

/** An example's body as it is sent. */
export function printBody({ body }: Example, { lines }: Method): string {
  if (!lines) return JSON.stringify(body);
  const [rows] = Object.values(body) as unknown[][];
  return rows!.map((row) => JSON.stringify(row)).join("\n");
}

/** The document. */
export function describeApi(): object {
  const paths: Record<string, object> = {};
  for (const [room, methods] of Object.entries(METHODS))
    for (const [called, method] of Object.entries(methods as Record<string, Method>)) {
      const call = `${room}/${called}`;
      const example = EXAMPLES.find((one) => one.call === call);
      paths[`/v1/${call}`] = { post: describeMethod(call, method, example) };
    }
  return {
    openapi: "3.1.0",
    info: { title: "Dialward's control socket", version },
    servers: [{ url: "http://localhost", description: "the socket `control` in the data folder" }],
    paths,
    components: {
      responses: {
        failed: {
          description: "400, 404, 409, 422 or 500, with a code for programs and words for people",
          content: json({
            type: "object",
            required: ["error"],
            properties: {
              error: {
                type: "object",
                required: ["code", "message"],
                properties: { code: { type: "string" }, message: { type: "string" } },
              },
            },
          }),
        },
      },
    },
  };
}

/** How a result comes, in words. */
const STREAMS = {
  rows: "lines of JSON: { row: VALUE } for each, then { result: null } or { error: … }",
  progress: "lines of JSON: { progress: NUMBER }, then { result: VALUE } or { error: … }",
};

function describeMethod(call: string, method: Method, example: Example | undefined): object {
  const { args, stream, lines } = method;
  const { $schema: _, ...schema } = z.toJSONSchema(z.strictObject(args), { io: "input" });
  const given = lines
    ? { "application/x-ndjson": { schema: {}, ...(example && { example: printBody(example, method) }) } }
    : { "application/json": { schema, ...(example && { example: example.body }) } };
  const result = stream ? { "application/x-ndjson": { schema: {} } } : json({});
  return {
    operationId: call.replace("/", "_"),
    summary: example?.summary,
    requestBody: {
      required: true,
      content: given,
    },
    responses: {
      200: { description: stream ? STREAMS[stream] : "one JSON value", content: result },
      default: { $ref: "#/components/responses/failed" },
    },
  };
}

function json(schema: object): object {
  return { "application/json": { schema } };
}
