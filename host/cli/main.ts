// The program `dialward`: runs one command and exits with its status.
import { keepOutOfCoreDumps } from "../service/core-dumps.ts";
import { describeFailure } from "../errors.ts";
import { run } from "./program.ts";

keepOutOfCoreDumps();
process.umask(0o077); // what it writes is its owner's alone
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0); // the reader, such as head, has enough
  process.stderr.write(`dialward: Nothing more can be printed: ${describeFailure(error)}.\n`);
  process.exit(1);
});
process.stderr.on("error", () => {}); // there is nobody left to tell
const status = await run(process.argv);
if (status !== 0) process.exitCode = status;
