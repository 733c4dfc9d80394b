// The house: every line of host/ has a room, and imports run down. Which rooms may use which is written here, once.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";

/** Rooms from the bottom up: a room imports from rooms before it only, and from assembly/abi.ts. */
const ROOMS = [
  "errors",
  "core",
  "log",
  "config",
  "groups",
  "directory",
  "store",
  "users",
  "admission",
  "admin",
  "openvpn",
  "radius",
  "service",
  "formats",
  "web",
  "cli",
];

/** Files outside the rooms, and why. */
const LOOSE = ["api.md", "errors.ts", "index.ts", "README.md", "SECURITY.md"];

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => posix.join(folder, name))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
}

/** What a file imports of this tree, also where it is loaded later. */
function imports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path]) =>
    join(dirname(file), path!),
  );
}

function roomOf(file: string): string {
  return file.split("/")[1]!.replace(/\.ts$/, "");
}

test("host/ has rooms, and no loose files but the package's errors and entry", () => {
  const files = readdirSync("host", { withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name).toSorted()).toEqual(LOOSE.toSorted());
});

test("imports run down from room to room", () => {
  const upwards: string[] = [];
  for (const file of sources("host")) {
    const from = ROOMS.indexOf(roomOf(file));
    if (file === "host/index.ts") continue;
    for (const used of imports(file).filter((path) => path.startsWith("host/"))) {
      const to = ROOMS.indexOf(roomOf(used));
      if (from < 0 || to < 0 || to > from) upwards.push(`${file} -> ${used}`);
    }
  }
  expect(upwards).toEqual([]);
});

test("no file imports itself by way of others", () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) return void circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (done.has(file)) return;
    for (const used of imports(file)) if (used.endsWith(".ts")) visit(used, [...way, file]);
    done.add(file);
  };
  for (const file of sources("host")) visit(file, []);
  expect(circles).toEqual([]);
});

/** Longer than a reader likes, and why. */
const LONG = {
  "host/firmware/dialward.h": "printed",
  "host/firmware/dialward-radius.h": "printed",
  "host/web/words/de.ts": "a table of texts",
  "host/web/words/en.ts": "a table of texts",
};

test("no file has more than 250 lines, but what is printed, and tables of texts", () => {
  const long = ["host", "assembly", "bench"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => posix.join(folder, name))
      .filter((name) => /^(?!.*node_modules\/).*\.(ts|mjs|js|c|h|css|html)$/.test(name))
      .filter((name) => readFileSync(name, "utf8").split("\n").length > 251),
  );
  expect(long.toSorted()).toEqual(Object.keys(LONG).toSorted());
});
