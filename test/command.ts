// Commands of dialward, run in this process: what `npm test` runs often. A few real starts check that the program is the same.
import { Readable, Writable } from "node:stream";
import { run } from "../host/cli/program.ts";

export interface CommandResult {
  status: number;
  out: string;
  err: string;
}

// What this machine is told must not reach them.
for (const name of ["DIALWARD_KEY", "STATE_DIRECTORY"]) process.env[name] = "";

/** scrypt's N for tests that try what is done with a passphrase, and not what it costs. */
export const CHEAP_SCRYPT = 16;

/**
 * Runs `dialward …args` with `input` on standard input; none of its streams is a terminal, but standard output where
 * `isTTY` says so.
 */
export async function runCommand(
  args: readonly string[],
  input: string | Buffer = "",
  isTTY = false,
): Promise<CommandResult> {
  const collect = (chunks: Buffer[]) =>
    new Writable({
      write: (chunk: Buffer, _, done) => {
        chunks.push(chunk);
        done();
      },
    });
  const [out, err]: Buffer[][] = [[], []];
  const bytes = Buffer.from(input);
  const status = await run(["node", "dialward", ...args], {
    stdin: Readable.from([bytes]),
    stdout: Object.assign(collect(out!), { isTTY }),
    stderr: collect(err!),
    readInput: () => Buffer.from(bytes),
    status: 0,
    scryptCost: CHEAP_SCRYPT,
  });
  return { status, out: Buffer.concat(out!).toString(), err: Buffer.concat(err!).toString() };
}
