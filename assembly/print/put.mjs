// Puts what is printed into a file of assembly/; with --check it only compares, and fails where the file is another.

import { readFileSync, writeFileSync } from "node:fs";

export function put(file, text) {
  const path = new URL(`../${file}`, import.meta.url);
  if (readFileSync(path, "utf8") === text) return;
  if (!process.argv.includes("--check")) return writeFileSync(path, text);
  console.error(`assembly/${file} is not what is printed: run \`npm run print\`.`);
  process.exitCode = 1;
}
