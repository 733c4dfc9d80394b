// CSV (RFC 4180): the first line names the columns, which are the keys of a JSON import.
import { badLine, type Row } from "./row.ts";

const NUMBERS = new Set(["digits", "period", "counter"]);
const FLAGS = new Set(["enabled", "active"]);

/** The rows of a CSV text with commas or semicolons; empty cells are left out. */
export function readCsv(text: string): Row[] {
  const [heads = "", ...lines] = splitLines(text.replace(/^\uFEFF/, ""));
  const separator = heads.includes(";") && !heads.includes(",") ? ";" : ",";
  const columns = splitCells(heads, separator).map((head) => head.trim().toLowerCase());
  if (!columns.includes("name") || !columns.includes("secret")) {
    throw badLine(1, "must name the columns, name and secret among them");
  }
  return lines.flatMap((line, i) => {
    if (line.trim() === "") return [];
    const cells = splitCells(line, separator);
    if (cells.length > columns.length) throw badLine(i + 2, "has more cells than there are columns");
    const row: Row = { name: "" };
    columns.forEach((column, c) => {
      const cell = cells[c] ?? "";
      if (cell === "") return;
      if (NUMBERS.has(column)) row[column] = Number(cell);
      else if (FLAGS.has(column)) row[column] = /^(true|yes|1)$/i.test(cell);
      // A list in one cell.
      else row[column] = column === "types" ? cell.replace(/[\s;|]+/g, ",") : cell;
    });
    return [row];
  });
}

/** Lines, but for line breaks within quotation marks. */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of text.split(/\r?\n/)) {
    line = line === "" ? part : `${line}\n${part}`;
    if ((line.match(/"/g)?.length ?? 0) % 2 === 1) continue;
    lines.push(line);
    line = "";
  }
  return line === "" ? lines : [...lines, line];
}

function splitCells(line: string, separator: string): string[] {
  const cells: string[] = [];
  const cell = new RegExp(`("(?:[^"]|"")*"|[^${separator}]*)(${separator}|$)`, "y");
  for (;;) {
    const match = cell.exec(line);
    if (match === null) return cells;
    const [, value = "", end] = match;
    cells.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value.trim());
    if (end === "") return cells;
  }
}
