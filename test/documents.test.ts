// The documents: every link in them leads to something that is there, and to a heading that it has.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const NOT_OURS = new Set(["node_modules", "dist", ".git"]);

function documents(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : documents(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(documents(root))("%s: its links lead somewhere", (file) => {
  const prose = readFileSync(file, "utf8").replace(/^```[^]*?^```/gm, "");
  const broken = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].filter(([, link]) => {
    if (/^(https?|mailto):/.test(link!)) return false;
    const [path = "", anchor] = link!.split("#");
    const target = path === "" ? file : join(dirname(file), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchors(readFileSync(target, "utf8")).includes(anchor);
  });
  expect(broken.map(([, link]) => link)).toEqual([]);
});
