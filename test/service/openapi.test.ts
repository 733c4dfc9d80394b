// The API as it describes itself: every function is in it, and its examples, played in order, do what they say.
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../host/log/log.ts";
import { findMethod, METHODS } from "../../host/service/control-api.ts";
import { createControl } from "../../host/service/control-server.ts";
import { describeApi, EXAMPLES, printBody } from "../../host/service/openapi.ts";
import { openControl, type Control } from "./open-control.ts";

let app: Control["app"];
let control: Control;
beforeAll(async () => {
  control = await openControl();
  ({ app } = control);
});
afterAll(() => control.close());

const calls = Object.entries(METHODS).flatMap(([room, methods]) =>
  Object.keys(methods).map((called) => `${room}/${called}`),
);

test("every function is described, with an example and a schema of its arguments", async () => {
  const told = (await (await app.request("/v1/openapi.json")).json()) as { paths: Record<string, never> };
  expect(told).toEqual(JSON.parse(JSON.stringify(describeApi())));
  expect(Object.keys(told.paths).toSorted()).toEqual(calls.map((call) => `/v1/${call}`).toSorted());
  expect(EXAMPLES.map(({ call }) => call).toSorted()).toEqual(calls.toSorted());
  expect(told.paths["/v1/users/verify"]).toMatchObject({
    post: {
      requestBody: {
        content: {
          "application/json": {
            schema: { type: "object", required: ["name", "code"], additionalProperties: false },
            example: { name: "alice", code: "755224" },
          },
        },
      },
    },
  });
});

/** What a few examples give; the others end well. */
const REFUSED: Record<string, string> = {
  "administrator/finishCode": "not-found",
  "settings/replace": "conflict",
  "sessions/end": "not-found",
  "store/acceptLoss": "refused",
};
const RESULTS: Record<string, unknown> = {
  "users/check": [expect.stringContaining("already"), null],
  "users/verify": { outcome: "accept", reason: "ok" },
  "administrator/show": { name: "admin", enrolled: false },
  "store/check": { damaged: [] },
};

test("the examples, played in order", async () => {
  for (const example of EXAMPLES) {
    const { call } = example;
    const [room = "", called = ""] = call.split("/");
    const body = printBody(example, findMethod(room, called)!);
    const reply = await app.request(`/v1/${call}`, { method: "POST", body });
    const text = await reply.text();
    const last = text.trim().split("\n").at(-1)!;
    const result = text === "" ? null : (JSON.parse(last) as { error?: { code: string } } | null);
    expect(result?.error?.code, `${call}: ${text}`).toBe(REFUSED[call]);
    if (call in RESULTS) expect(result, call).toMatchObject(RESULTS[call] as object);
  }
});

test("a body that is too large is refused, a row and an import of any length are not", async () => {
  const post = (call: string, body: string) => app.request(`/v1/${call}`, { method: "POST", body });
  const reply = await post("users/check", JSON.stringify({ rows: ["a".repeat(8 << 20)] }));
  expect([reply.status, await reply.text()]).toEqual([413, expect.stringContaining("8 MiB at most")]);
  const row = JSON.stringify({ name: "alice", secret: "MFRGGZDFMZTWQ2LK", pin: "1".repeat(200_000) });
  const many = await (await post("users/import", `${row}\n`.repeat(45))).text();
  expect(many.match(/pin: only mOTP has one/g)).toHaveLength(45);
});

test("an import that stops coming is given up and taken back, and other changes go on", async () => {
  const hasty = createControl(control.desk, silentLog, 50);
  const row = (i: number) => `{"name":"stopped${i}","secret":"MFRGGZDFMZTWQ2LK"}\n`;
  const rows = Array.from({ length: 2500 }, (_, i) => row(i)).join("");
  // As a command does that is stopped (SIGSTOP) behind its 2,500th row.
  const body = new ReadableStream({ start: (to) => to.enqueue(Buffer.from(rows)) });
  const reply = await hasty.request("/v1/users/import", {
    method: "POST",
    body,
    duplex: "half",
  } as RequestInit);
  const change = hasty.request("/v1/users/add", {
    method: "POST",
    body: JSON.stringify({ user: { name: "meanwhile", secret: "MFRGGZDFMZTWQ2LK" } }),
  });
  expect(await reply.text()).toContain("Nothing has come for");
  expect((await change).status).toBe(200);
  const listed = await (await hasty.request("/v1/users/list", { method: "POST", body: "{}" })).text();
  expect(listed).toContain('"meanwhile"');
  expect(listed).not.toContain("stopped");
});
