// An import is a plan before it is an act: what becomes of each row of a file. Pages and the command line show the same.
import { DialwardError } from "../errors.ts";
import { NameTable } from "../store/name-table.ts";
import type { NewUser, ReadRow } from "./row.ts";

/** What becomes of a row: taken; taken with what is lost or weakened; left behind, as it is no user; refused. */
export type Fate = "taken" | "changed" | "left" | "refused";

/** A row of a plan. */
export interface PlanRow {
  /** Counts from 1. */
  row: number;
  /** Where it stands in the file. */
  place: string;
  name?: string | undefined;
  fate: Fate;
  /** What is lost, weakened, or wrong, in an administrator's words; never a secret. */
  notes: readonly string[];
}

/** What of a file's rows an administrator decides. */
export interface PlanOptions {
  /** Rows are taken that have one factor less than in their source. */
  allowWeaker?: boolean | undefined;
  /** The devices are in use: no first code has to be verified. */
  active?: boolean | undefined;
  /** Rows are left out whose factor no login here takes; else they are refused. */
  skipUnsupported?: boolean | undefined;
}

/** For each user what is wrong with it, undefined where it can be added; Users.check. */
export type Check = (users: readonly NewUser[]) => Promise<(string | undefined)[]>;

/** For who learns otherwise what is wrong. */
export const nothingWrong: Check = async (users) => users.map(() => undefined);

/** Rows of files, some at a time. */
export type Pieces = Iterable<readonly ReadRow[]> | AsyncIterable<readonly ReadRow[]>;

/** How the rows of a plan count. */
export type Counts = Record<Fate, number>;

/** Counts that begin at 0. */
export function noCounts(): Counts {
  return { taken: 0, changed: 0, left: 0, refused: 0 };
}

/**
 * The plan, row by row in the order of the file. A row whose name stands in an earlier one is refused. Changes nothing.
 * Throws what reading the file throws.
 */
export async function* planImport(
  pieces: Pieces,
  check: Check,
  options: PlanOptions = {},
): AsyncGenerator<PlanRow> {
  const rowOf = new NameTable();
  const double = ({ name }: NewUser, row: number): string | undefined => {
    const first = rowOf.add(name, row);
    return first === row ? undefined : `name: is in row ${first} too; a user has one device here`;
  };
  for await (const piece of judgeRows(pieces, check, options, double)) for (const { row } of piece) yield row;
}

/**
 * The users of the rows that a plan takes, for Users.import, which checks them and their names; the same options as for the
 * plan. `hear` is told what becomes of each row then. Throws DialwardError("usage") for the first that is refused here.
 */
export async function* usersOf(
  pieces: Pieces,
  check: Check,
  options: PlanOptions = {},
  hear: (row: PlanRow) => void = () => {},
): AsyncGenerator<NewUser> {
  for await (const piece of judgeRows(pieces, check, options))
    for (const { row, user } of piece) {
      if (row.fate === "refused") throw new DialwardError("usage", `${row.place}: ${row.notes.join("; ")}`);
      hear(row);
      if (user) yield user;
    }
}

/** What becomes of a row, and its user, who is no part of what is printed: it holds the secret. */
interface Judged {
  row: PlanRow;
  user: NewUser | undefined;
}

/** What becomes of rows, some at a time. `double` says what is wrong with a name that was there before. */
export async function* judgeRows(
  pieces: Pieces,
  check: Check,
  options: PlanOptions,
  double: (user: NewUser, row: number) => string | undefined = () => undefined,
): AsyncGenerator<Judged[]> {
  let row = 0;
  for await (const piece of pieces) {
    const users = piece.map((one) => toUser(one, options));
    const wrong = await check(users.filter((user) => user !== undefined));
    let at = 0;
    yield piece.map((one, i) => {
      row++;
      const { place, name } = one;
      const user = users[i];
      const left = leftOf(one, options);
      const refused = user
        ? (wrong[at++] ?? double(user, row))
        : left === undefined
          ? (one.refused ?? weakened(one, options))
          : undefined;
      const why = refused ?? left;
      const notes = why !== undefined ? [why] : [...one.weaker, ...one.lost];
      const fate =
        refused !== undefined
          ? "refused"
          : left !== undefined
            ? "left"
            : notes.length > 0
              ? "changed"
              : "taken";
      return { row: { row, place, name, fate, notes }, user };
    });
  }
}

function toUser(one: ReadRow, options: PlanOptions): NewUser | undefined {
  if (!one.user || weakened(one, options) !== undefined) return undefined;
  return options.active ? { ...one.user, active: true } : one.user;
}

/** Why a row is left behind; undefined where it is not. */
function leftOf(one: ReadRow, { skipUnsupported }: PlanOptions): string | undefined {
  return one.left ?? (one.unsupported && skipUnsupported ? one.refused : undefined);
}

function weakened({ weaker }: ReadRow, { allowWeaker }: PlanOptions): string | undefined {
  if (weaker.length === 0 || allowWeaker) return undefined;
  return `${weaker.join("; ")} (--allow-weaker takes it all the same)`;
}
