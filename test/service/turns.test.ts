// Logins wait for no command: whatever goes through many users does so in pieces, with turns of the event loop between.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Sealer } from "../../host/store/seal.ts";
import { UserEntries } from "../../host/users/entries.ts";
import { openControl, type Control } from "./open-control.ts";

const MANY = 700;
/** Of a piece of users, and of what else is opened in the same turn. */
const MOST = 80;
const rows = Array.from({ length: MANY }, (_, i) => ({
  name: `user${i}`,
  secret: "MFRGGZDFMZTWQ2LK",
  groups: ["Sales"],
}));

let control: Control;
beforeAll(async () => {
  control = await openControl();
  await control.desk.groups.save({ name: "Sales" });
});
afterAll(() => control.close());

/** How often one thing was done to a user in one turn of the event loop, at most, until `work` was over. */
async function mostInATurn(work: () => Promise<unknown>): Promise<number> {
  let [most, going] = [0, true];
  const turn = new Map<string, number>();
  const nextTurn = (): void => {
    turn.clear();
    if (going) setImmediate(nextTurn);
  };
  const count = (what: string): void => {
    turn.set(what, (turn.get(what) ?? 0) + 1);
    most = Math.max(most, turn.get(what)!);
  };
  const watch = <Of extends object>(of: Of, what: keyof Of & string): void => {
    const own = of[what] as (...given: unknown[]) => unknown;
    vi.spyOn(of, what as never).mockImplementation(function (this: Of, ...given: unknown[]) {
      count(what);
      return own.apply(this, given);
    } as never);
  };
  for (const what of ["enrol", "check", "read"] as const) watch(UserEntries.prototype, what);
  for (const what of ["open", "seal"] as const) watch(Sealer.prototype, what);
  const { store } = control.service;
  const { list } = store;
  vi.spyOn(store, "list").mockImplementation(async function* (this: typeof store) {
    for await (const one of list.call(this)) {
      count("list");
      yield one;
    }
  });
  nextTurn();
  try {
    await work();
  } finally {
    going = false;
    vi.restoreAllMocks();
  }
  return most;
}

test("each command and each look at the list lets logins in", async () => {
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const { app, service } = control;
  const post = (call: string, body: string) => async () =>
    void (await (await app.request(`/v1/${call}`, { method: "POST", body })).text());
  const look = () => service.index.query({ text: "user1", order: "last", from: 0, count: 10 });
  const works: [what: string, work: () => Promise<unknown>][] = [
    ["users/check", post("users/check", JSON.stringify({ rows }))],
    ["users/import", post("users/import", lines)],
    ["users/import, refused: they are there", post("users/import", lines)],
    ["users/list", post("users/list", "{}")],
    ["users/export", post("users/export", JSON.stringify({ names: [] }))],
    ["the first look at the list", look],
    ["a look after many changes", () => (rows.forEach(({ name }) => service.index.noteChange(name)), look())],
    ["groups/remove", post("groups/remove", JSON.stringify({ group: "Sales" }))],
    ["store/digest", post("store/digest", "{}")],
    ["store/check", post("store/check", "{}")],
    ["keys/rotate", post("keys/rotate", "{}")],
  ];
  const found: string[] = [];
  for (const [what, work] of works) {
    const most = await mostInATurn(work);
    if (most === 0 || most > MOST) found.push(`${what}: ${most}`);
  }
  expect(found).toEqual([]);
});
