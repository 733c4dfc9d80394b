// The pages of groups: what a form shows is what is stored, whatever it is; what is wrong stands at its field with all that
// was typed; and a user's page says what results and whence.
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { groupSchema, ON_LIMIT, type Group } from "../../host/groups/group.ts";
import { DAYS, parseLocal, printLocal, tidyHours } from "../../host/groups/validity.ts";
import { runs } from "../runs.ts";
import { openPages } from "./open-pages.ts";

type Opened = Awaited<ReturnType<typeof openPages>>;
let opened: Opened | undefined;
afterEach(() => opened?.close());

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const decode = (text: string): string =>
  text
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");

/** The fields of the form that goes to `action`, as a browser without JavaScript sends them. */
function fieldsOf(page: string, action: string): [string, string][] {
  const form =
    new RegExp(`<form[^>]*action="${action}"[^>]*>(.*?)</form>`, "s").exec(page)?.[1] ?? expect.fail(action);
  const fields: [string, string][] = [];
  const attribute = (tag: string, name: string): string | undefined => {
    const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
    return found === undefined ? undefined : decode(found);
  };
  for (const { 0: tag, 1: kind, index } of form.matchAll(/<(input|textarea|select)\b[^>]*>/g)) {
    const name = attribute(tag, "name");
    if (name === undefined) continue;
    const rest = form.slice(index + tag.length);
    const type = attribute(tag, "type");
    if (kind === "textarea") fields.push([name, decode(/^\n?(.*?)<\/textarea>/s.exec(rest)![1]!)]);
    else if (kind === "select") {
      const options = rest.split("</select>")[0]!;
      const chosen =
        /<option value="([^"]*)" selected/.exec(options) ?? /<option value="([^"]*)"/.exec(options);
      fields.push([name, decode(chosen?.[1] ?? "")]);
    } else if ((type !== "checkbox" && type !== "radio") || /\schecked/.test(tag))
      fields.push([name, attribute(tag, "value") ?? ""]);
  }
  return fields;
}

/** Sends fields, several of one name too. */
async function send(
  path: string,
  fields: Iterable<[string, string]>,
): Promise<{ location: string; text: string }> {
  const answer = await opened!.ask(path, fields as unknown as Record<string, string>);
  if (answer.location === "") return answer;
  const page = await opened!.ask(answer.location);
  return { location: answer.location, text: page.text };
}

const local = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => Math.floor(seconds / 60) * 60);
const zones = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "Asia/Kolkata",
  "America/St_Johns",
  "Australia/Lord_Howe",
);
const anyGroup = fc
  .record(
    {
      attributes: fc.array(
        fc.constantFrom(
          "Framed-IP-Address = 10.0.0.7",
          'Reply-Message = "<b>&amp; \\"x\\" \'y\'"',
          "[loopback] Class = a",
          'Cisco-AVPair += "ip:addr-pool=x"',
        ),
        { minLength: 1, maxLength: 4 },
      ),
      days: fc.subarray([...DAYS], { minLength: 1, maxLength: 6 }),
      hours: fc.constantFrom("08:00-18:00", "22:00-06:00", "00:00-24:00"),
      zone: zones,
      from: local,
      length: fc.integer({ min: 1, max: 100_000 }),
      logins: fc.integer({ min: 1, max: 10_000 }),
      groupLogins: fc.integer({ min: 1, max: 1_000_000 }),
      onLimit: fc.constantFrom(...ON_LIMIT),
    },
    { requiredKeys: [] },
  )
  .map(({ days, hours, zone, from, length, ...rest }): Group => {
    const until = from !== undefined && length !== undefined ? from + length * 60 : undefined;
    const valid = { from, until, days, hours };
    const says = Object.values(valid).some((one) => one !== undefined);
    return JSON.parse(
      JSON.stringify({ name: "G", ...rest, ...(says && { valid: { ...valid, zone } }) }),
    ) as Group;
  })
  // An hour that the zone's clock shows twice cannot be told from its other one.
  .filter(({ valid = {} }) =>
    [valid.from, valid.until].every(
      (time) => time === undefined || parseLocal(printLocal(time, valid.zone), valid.zone) === time,
    ),
  );

test("a form that is sent as it is shown changes nothing, whatever the group or the user has", async () => {
  opened = await openPages();
  const { logIn, groups, users, ask } = opened;
  await logIn();
  await fc.assert(
    fc.asyncProperty(anyGroup, fc.subarray(["G", "H"]), async (group, its) => {
      await groups.save({ name: "H" });
      const stored = await groups.save(group);
      const form = fieldsOf((await ask("/groups/edit?name=G")).text, "/groups/edit");
      expect((await send("/groups/edit", form)).location).toMatch(/^\/groups\?told=/);
      expect((await groups.all()).get("G")).toEqual(stored);
      const { groupLogins: _groupLogins, name: _name, ...own } = group;
      await users.add({ name: "alice", secret: SECRET, active: true, groups: its, ...own });
      const before = (await users.edit("alice", {})).profile;
      const page = (await ask("/users/edit?name=alice")).text;
      expect((await send("/users/edit", fieldsOf(page, "/users/edit"))).location).toMatch(/^\/users\?told=/);
      expect((await users.get("alice")).profile).toEqual(before);
      await users.remove("alice");
    }),
    runs(20),
  );
});

test("what is wrong stands at its field, in the reader's language, and all that was typed comes back", async () => {
  opened = await openPages();
  const csrf = await opened.logIn();
  const typed: [string, string][] = [
    ["csrf", csrf],
    ["name", "Sales, all"],
    [
      "attributes",
      "Framed-IP-Address = 10.0.0\nClass = ok\nSession-Timeout = x\n[ofice] Class = b\nNo-Such = 1",
    ],
    ["days", "Mon"],
    ["hours", "8 to 18"],
    ["zone", "Mars/Base"],
    ["logins", "many"],
    ["groupLogins", "0"],
  ];
  const { location, text } = await send("/groups/new", typed);
  expect(location).toMatch(/^\/groups\/new\?form=/);
  const problem = (page: string, name: string): string =>
    decode(new RegExp(`id="${name}-problem"[^>]*>([^<]*)<`).exec(page)?.[1] ?? "");
  expect(problem(text, "name")).toContain("without commas");
  const attributes = problem(text, "attributes");
  expect(attributes).toContain("Line 1: Framed-IP-Address: wants an IPv4 address");
  expect(attributes).toContain("Line 3: Session-Timeout: wants a whole number");
  expect(attributes).toContain('Line 4: there is no RADIUS client "ofice"; there are: loopback');
  expect(attributes).toContain("Line 5: No-Such is not in the dictionary");
  expect(attributes).not.toContain("Line 2");
  for (const name of ["hours", "zone", "logins", "groupLogins"])
    expect(problem(text, name), name).not.toBe("");
  const again = fieldsOf(text, "/groups/new").filter(
    ([name]) => name !== "csrf" && name !== "from" && name !== "until",
  );
  expect(again).toEqual(expect.arrayContaining(typed.slice(1)));
  expect((await opened.groups.all()).size).toBe(0);
  // It is said in the language in which the form was sent.
  const inGerman = await opened.ask("/groups/new", typed as never, { headers: { "accept-language": "de" } });
  const page = (await opened.ask(inGerman.location)).text;
  expect(problem(page, "attributes")).toContain(
    "Zeile 1: Framed-IP-Address: Verlangt ist eine IPv4-Adresse, etwa 10.0.0.7.",
  );
});

test("what somebody else changed is not overwritten; a group in use stays; the list leads to its users", async () => {
  opened = await openPages();
  const { logIn, ask, groups, users, index } = opened;
  const csrf = await logIn();
  await send("/groups/new", [
    ["csrf", csrf],
    ["name", "Sales"],
    ["hours", "8 – 18"],
    ["days", "Mon"],
  ]);
  expect((await groups.all()).get("Sales")).toEqual({
    name: "Sales",
    valid: { days: ["Mon"], hours: "08:00-18:00" },
  });
  const taken = await send("/groups/new", [
    ["csrf", csrf],
    ["name", "Sales"],
  ]);
  expect(taken.text).toContain("There is a group of this name already.");
  const form = fieldsOf((await ask("/groups/edit?name=Sales")).text, "/groups/edit");
  await groups.save({ name: "Sales", logins: 3 });
  const late = await send("/groups/edit", form);
  expect(late.text).toContain("Somebody else changed the group");
  expect(late.text).toContain("at most 3 logins of one user");
  expect((await groups.all()).get("Sales")).toEqual({ name: "Sales", logins: 3 });
  expect((await send("/groups/edit", fieldsOf(late.text, "/groups/edit"))).location).toMatch(/told/);
  await users.add({ name: "alice", secret: SECRET, groups: ["Sales"] });
  await users.add({ name: "bob", secret: SECRET.replace("Q", "R") });
  expect((await ask("/groups")).text).toMatch(/href="\/users\?group=Sales">1</);
  const list = (await ask("/users?group=Sales")).text;
  expect(list).toContain("name=alice");
  expect(list).not.toContain("name=bob");
  expect((await ask("/groups/remove?name=Sales")).location).toContain("told");
  await send("/groups/remove", [
    ["csrf", csrf],
    ["name", "Sales"],
  ]);
  expect((await groups.all()).size).toBe(1);
  await users.edit("alice", { groups: [] });
  index.noteChange("alice");
  await send("/groups/remove", [
    ["csrf", csrf],
    ["name", "Sales"],
  ]);
  expect((await groups.all()).size).toBe(0);
});

test("a user's page shows groups in their order, and what results, with its source", async () => {
  opened = await openPages();
  const { logIn, ask, groups, users } = opened;
  await logIn();
  await groups.save({ name: "Sales", attributes: ["Framed-Pool = sales", "Class = s"], logins: 2 });
  await groups.save({
    name: "Staff",
    attributes: ["Class = t"],
    valid: { hours: "08:00-18:00" },
    groupLogins: 9,
  });
  await users.add({
    name: "alice",
    secret: SECRET,
    active: true,
    groups: ["Staff", "Sales"],
    attributes: ["Idle-Timeout = 60"],
  });
  const page = (await ask("/users/edit?name=alice")).text;
  const section = /<section class="card" aria-labelledby="results">.*?<\/section>/s.exec(page)![0];
  const rows = [...section.matchAll(/<tr>\s*<th scope="row".*?<\/tr>/gs)].map(([row]) =>
    decode(
      row
        .replace(/<[^>]*>/g, " ")
        .replace(/\s+/g, " ")
        .trim(),
    ),
  );
  expect(rows).toEqual([
    "Idle-Timeout 60 the user",
    "Class 0x74 group Staff",
    'Framed-Pool "sales" group Sales',
    expect.stringMatching(/^May dial in 08:00-18:00, UTC; now: (yes|no) group Staff$/),
    "Logins at one time 2: is refused group Sales",
    "Logins of the whole group at one time 9: is refused group Staff",
  ]);
  const form = fieldsOf(page, "/users/edit");
  expect(form.filter(([name]) => name === "groups").map(([, group]) => group)).toEqual([
    "Staff",
    "Sales",
    "",
  ]);
  const swapped = form.map(([name, value]): [string, string] =>
    name === "groups" ? [name, { Staff: "Sales", Sales: "Staff" }[value] ?? ""] : [name, value],
  );
  await send("/users/edit", swapped);
  expect((await users.get("alice")).profile.groups).toEqual(["Sales", "Staff"]);
});

test("a user whose password is in the directory is edited without one, and gets a link", async () => {
  opened = await openPages();
  const { logIn, ask, users } = opened;
  const csrf = await logIn();
  const elsewhere = { mode: "password+code", passwordFrom: "directory" };
  await users.add({ name: "alice", secret: SECRET, active: true, ...elsewhere });
  const form = fieldsOf((await ask("/users/edit?name=alice")).text, "/users/edit");
  expect((await send("/users/edit", form)).location).toMatch(/told/);
  expect((await users.get("alice")).profile).toMatchObject(elsewhere);
  expect(
    (
      await send("/users/link", [
        ["csrf", csrf],
        ["name", "alice"],
        ["valid", "day"],
        ["lost", "yes"],
      ])
    ).text,
  ).toContain("#");
  const without = form.map(([name, value]): [string, string] => [
    name,
    name === "password" ? "hunter22" : value,
  ]);
  const fresh = fieldsOf((await ask("/users/edit?name=alice")).text, "/users/edit");
  const revision = fresh.find(([name]) => name === "revision")!;
  const typed = without.filter(([name]) => name !== "directory" && name !== "revision");
  expect((await send("/users/edit", [...typed, revision])).location).toMatch(/told/);
  expect((await users.get("alice")).profile.passwordFrom).toBeUndefined();
});

test("hours as people type them, and times on a zone's clock", () => {
  for (const [typed, hours] of [
    ["8-18", "08:00-18:00"],
    ["8:30 – 17:15", "08:30-17:15"],
    ["22:00-6:00", "22:00-06:00"],
    ["08:00-18:00", "08:00-18:00"],
    ["morning", "morning"],
  ] as const)
    expect(tidyHours(typed)).toBe(hours);
  fc.assert(
    fc.property(anyGroup, (group) => {
      expect(groupSchema.safeParse(group).success).toBe(true);
    }),
    runs(100),
  );
  // Berlin puts its clocks on at 2027-03-28T01:00Z, and back at 2027-10-31T01:00Z.
  expect(parseLocal("2027-03-28T01:59", "Europe/Berlin")).toBe(Date.parse("2027-03-28T00:59Z") / 1000);
  expect(parseLocal("2027-03-28T03:00", "Europe/Berlin")).toBe(Date.parse("2027-03-28T01:00Z") / 1000);
  expect(parseLocal("2027-10-31T03:00", "Europe/Berlin")).toBe(Date.parse("2027-10-31T02:00Z") / 1000);
  expect(parseLocal("2027-13-31T03:00")).toBeUndefined();
});
