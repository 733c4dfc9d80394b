// dialward user import: users from files of other programs, first as a plan, then all or nothing.
import { type Command, Option } from "commander";
import { DialwardError } from "../errors.ts";
import { COLUMNS } from "../formats/csv.ts";
import { FORMATS } from "../formats/formats.ts";
import { judgeRows, noCounts, nothingWrong, planImport, usersOf } from "../formats/plan.ts";
import type { Check, Pieces, PlanRow } from "../formats/plan.ts";
import { SECRET_ENCODINGS } from "../formats/source.ts";
import { ENCODINGS } from "../formats/text.ts";
import { keepHeapSmall } from "../service/heap.ts";
import { ImportedGroups } from "../groups/imported-groups.ts";
import { openInput, type ImportOptions, type Input } from "./import-files.ts";
import type { Desk } from "../service/desk.ts";
import { many, openList, openProgress, print, printable, warn } from "./output.ts";
import { addNote, twoColumns } from "./notes.ts";
import { FIRST_USERS, withDesk } from "./session.ts";
import { terminal } from "./terminal.ts";

/** Rows with something to say that are printed for people; JSON and --dry-run have them all. */
const PRINTED_ROWS = 50;

/** Adds `import` to the command `user`. */
export function addImport(user: Command): void {
  const command = user
    .command("import <files...>")
    .description(
      "add the users of files, all or none; - is standard input, a folder stands for the files in it",
    )
    .option("--dry-run", "show what would become of each row, and change nothing")
    .addOption(
      new Option("--format <format>", "what the file is (default: told from it)").choices(
        FORMATS.map(({ name }) => name),
      ),
    )
    .addOption(
      new Option(
        "--encoding <encoding>",
        "how its text is encoded (default: UTF-8, or UTF-16 with its mark)",
      ).choices(ENCODINGS),
    )
    .option("--active", "the devices are in use: no first code has to be verified")
    .option("--allow-weaker", "take users all the same who would have one factor less than in their source")
    .option("--skip-unsupported", "leave out entries of kinds that no login here takes, such as Steam's")
    .option("--name <name>", "the user of a file that names none")
    .option("--columns <list>", "CSV: the columns in their order, in place of a first line that names them")
    .addOption(
      new Option("--secret-encoding <encoding>", "lists: how secrets are written").choices(SECRET_ENCODINGS),
    )
    .addOption(
      new Option("--factor <factor>", "lists that do not say it: what makes the codes").choices([
        "totp",
        "hotp",
      ]),
    )
    .option("--period <seconds>", "lists that do not say it: length of a step")
    .option("--passphrase-file <file>", "of an encrypted file; - is standard input")
    .option("--key-file <file>", "PSKC: the key that was agreed on, hexadecimal")
    .action(async (files: string[], given: ImportOptions, command: Command) => {
      // A million rows leave much garbage.
      keepHeapSmall();
      const input = openInput(files, given);
      try {
        await withDesk(
          command,
          async ({ users, groups: here }, { json }) => {
            const groups = await ImportedGroups.open(here);
            if (!given.dryRun && !json) {
              const check = groups.checking(nothingWrong);
              const done = await importAtOnce(input.rows, check, given, users.import);
              if (done) return done.close(done.counts.taken + done.counts.changed);
            }
            const check: Check = groups.checking(async (some) =>
              (await users.check(some)).map((wrong) => wrong ?? undefined),
            );
            const rows = input.rows((group) => groups.hear(group));
            const plan = await showPlan(rows, check, given, json === true);
            const { refused, taken, changed } = plan.counts;
            const nobody = refused === 0 && taken + changed === 0;
            if (given.dryRun || refused > 0 || (nobody && json)) plan.close(0);
            if (refused > 0) terminal().status = 1;
            if (nobody) throw new DialwardError("usage", `There is nobody to import in ${files.join(", ")}.`);
            if (given.dryRun || refused > 0) return;
            const progress = openProgress("Storing users", taken + changed, json);
            for (const name of await groups.save())
              warn(`The group "${printable(name)}" is another one here, and stays as it is here.`);
            const bad = await users.import(usersOf(input.rows(), nothingWrong, given), progress.show);
            progress.close();
            // Someone added the same name since the plan was made.
            if (bad.length > 0)
              throw new DialwardError(
                "conflict",
                `Nothing was imported: "${printable(bad[0]!.name ?? "")}": ${bad[0]!.reason}.`,
              );
            plan.close(taken + changed);
          },
          FIRST_USERS,
        );
      } finally {
        input.wipe();
      }
    });
  addNote(command, "Formats", twoColumns(FORMATS.map(({ name, title }) => [name, title] as const)));
  const columns = Object.entries(COLUMNS).map(([column, names]) => [column, names.join(", ")] as const);
  addNote(
    command,
    "Columns of CSV, and what else they may be called (name and secret are needed)",
    twoColumns(columns),
  );
  addNote(command, "Exit status", [
    "0 all are imported; 1 a row is refused, and nothing is imported; 2 a file cannot be read",
  ]);
}

/**
 * Imports while it reads, which takes half as long as a plan first. Undefined where that was nothing: a row is refused, and
 * a plan says which, or groups come with the users and have to be there before them.
 */
async function importAtOnce(
  read: Input["rows"],
  check: Check,
  given: ImportOptions,
  add: Desk["users"]["import"],
): Promise<Plan | undefined> {
  const plan = openPlan(given, false);
  const progress = openProgress("Importing users", undefined);
  async function* users(): AsyncGenerator<unknown> {
    let groups = 0;
    let refused = false;
    try {
      for await (const piece of judgeRows(
        read(() => groups++),
        check,
        given,
      ))
        for (const { row, user } of piece) {
          if ((refused ||= groups > 0 || row.fate === "refused")) break;
          plan.hear(row);
          if (user) yield user;
        }
      if (!refused && groups === 0) return;
    } catch (error) {
      if (!(error instanceof DialwardError)) throw error;
    }
    yield null; // which is refused, and all with it
  }
  const bad = await add(users(), progress.show);
  progress.close();
  if (bad.length > 0 || plan.counts.taken + plan.counts.changed === 0) return undefined;
  plan.tell();
  return plan;
}

/** Goes through the plan and prints what it has to say. */
async function showPlan(rows: Pieces, check: Check, given: ImportOptions, json: boolean): Promise<Plan> {
  const progress = openProgress("Reading users", undefined, json);
  const plan = openPlan(given, json, progress.clear);
  let read = 0;
  try {
    for await (const row of planImport(rows, check, given)) {
      plan.hear(row);
      if (++read % 500 === 0) progress.show(read);
    }
  } catch (error) {
    // What is printed already is JSON all the same.
    if (json) plan.close(0);
    throw error;
  }
  plan.tell();
  progress.close();
  return plan;
}

type Plan = ReturnType<typeof openPlan>;

/** Counts the rows of a plan, and prints what people have to know of each. */
function openPlan(given: ImportOptions, json: boolean, before: () => void = () => {}) {
  const counts = noCounts();
  const list = json ? openList() : undefined;
  let [printed, total] = [0, 0];
  const said = new Map<string, number>();
  const show = (stream: "stdout" | "stderr", line: string): void => {
    before();
    terminal()[stream].write(`${line}\n`);
  };
  return {
    counts,
    hear(row: PlanRow): void {
      counts[row.fate]++;
      total++;
      if (list) {
        if (row.fate !== "taken" || given.dryRun) list.add(row);
      } else if (given.dryRun) show("stdout", describeRow(row));
      else if (row.fate === "refused") {
        if (printed++ < PRINTED_ROWS) show("stderr", describeRow(row));
      } else if (said.size < PRINTED_ROWS)
        for (const note of row.notes) said.set(note, (said.get(note) ?? 0) + 1);
    },
    /** What was noted of rows that are not refused. */
    tell(): void {
      for (const [note, count] of said)
        show("stderr", `${printable(note)} (${count === 1 ? "1 row" : `${count} rows`})`);
    },
    /** The last word. */
    close(imported: number): void {
      if (list) return list.close({ imported, ...counts });
      const { refused, left, changed } = counts;
      const some = changed > 0 ? `, ${changed} of them with losses` : "";
      const rest = left > 0 ? ` ${many(left, "row is", "rows are")} left behind.` : "";
      if (refused > 0)
        terminal().stderr.write(
          `${given.dryRun ? "Nothing would be" : "Nothing was"} imported: ${refused} of ${many(total, "row is", "rows are")} refused.\n`,
        );
      else if (given.dryRun)
        print(false, {}, `${many(counts.taken + changed, "user", "users")} would be imported${some}.${rest}`);
      else print(false, {}, `${many(imported, "user is", "users are")} imported${some}.${rest}`);
    },
  };
}

const WORDS = { taken: "taken", changed: "taken, but", left: "left behind", refused: "refused" };

function describeRow({ row, place, name, fate, notes }: PlanRow): string {
  const who = name === undefined ? "" : ` "${printable(name)}"`;
  const where = place === `row ${row}` ? "" : `, ${printable(place)}`;
  return `row ${row}${where}${who}: ${WORDS[fate]}${notes.length > 0 ? `: ${printable(notes.join("; "))}` : ""}`;
}
