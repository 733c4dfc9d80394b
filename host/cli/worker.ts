// dialward worker: one of the processes of `serve --workers`, which starts it. Not for people.
import type { Command } from "commander";

/** Adds `worker` to `program`, unseen. */
export function addWorker(program: Command): void {
  program.command("worker", { hidden: true }).action(async () => {
    const { runWorker } = await import("../workers/worker.ts");
    await runWorker();
  });
}
