// Reads a text as an import does, for the formats' tests.
import { findFormat } from "../../host/formats/formats.ts";
import { planImport, type PlanOptions, type PlanRow } from "../../host/formats/plan.ts";
import type { NewUser, ReadRow } from "../../host/formats/row.ts";
import { Source, type ReadOptions } from "../../host/formats/source.ts";
import { Core } from "../../host/core/core.ts";
import { DialwardError } from "../../host/errors.ts";
import { toEnrolment, type Profile, type Start } from "../../host/users/profile.ts";
import { makeProfile } from "../../host/users/new-profile.ts";

/** The secret of RFC 4226's and 6238's vectors, 12345678901234567890. */
export const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
export const HEX = "3132333435363738393031323334353637383930";

export type Options = Partial<ReadOptions> & PlanOptions & { format?: string };

/** The rows of a text or file, in the format that it is taken for unless one is given. */
export async function readAll(
  text: string | Buffer,
  { format, ...options }: Options = {},
): Promise<ReadRow[]> {
  const source = new Source(Buffer.from(text), "the file");
  const rows: ReadRow[] = [];
  for await (const row of findFormat(source, format).read(source, { now: 0, ...options })) rows.push(row);
  return rows;
}

/** What the file is taken for. */
export function formatOf(text: string | Buffer): string {
  return findFormat(new Source(Buffer.from(text), "the file")).name;
}

/** The users of a text of which every row can be stored, as they would be. */
export async function readUsers(
  text: string | Buffer,
  options: Options = {},
): Promise<{ profile: Profile; start: Start }[]> {
  const rows = await readAll(text, options);
  return rows.map((row) => {
    if (!row.user) throw new Error(`${row.place}: ${row.refused ?? row.left}`);
    return store(row.user);
  });
}

/** The plan of a text; the names in `stored` are there already. */
export async function plan(
  text: string | Buffer,
  options: Options = {},
  stored: string[] = [],
): Promise<PlanRow[]> {
  const rows: PlanRow[] = [];
  const check = async (users: readonly NewUser[]): Promise<(string | undefined)[]> =>
    users.map((user) => {
      try {
        const { profile } = store(user);
        return stored.includes(profile.name) ? "name: there is such a user already" : undefined;
      } catch (error) {
        if (error instanceof DialwardError) return error.message;
        throw error;
      }
    });
  for await (const row of planImport([await readAll(text, options)], check, options)) rows.push(row);
  return rows;
}

const core = Core.load();

function store(user: NewUser): { profile: Profile; start: Start } {
  const made = makeProfile(user, 0);
  core.enrol(toEnrolment(made.profile, made.start));
  return made;
}
