// Keys and codes are in memory: a process that crashes must not leave it on the disk. (core(5), "Controlling which mappings
// are written to the core dump": a process may leave all of its own out, and what it starts does the same.)
import { writeFileSync } from "node:fs";

/** Keeps this process's memory out of core dumps. Elsewhere than on Linux the system's own limits have to. */
export function keepOutOfCoreDumps(): void {
  try {
    writeFileSync("/proc/self/coredump_filter", "0");
  } catch {
    // no /proc, or a process that is not dumped anyway
  }
}
