// The WebAssembly files of this installation, and the one way to an instance of them.

import { existsSync, readFileSync } from "node:fs";
import { instantiateSync } from "@assemblyscript/loader";
import { DialwardError } from "../errors.ts";

/** Where a built file lies: in dist/ beside the sources, beside a bundle, or above the bench's. */
function findFile(name: string): URL {
  const folders = import.meta.url.endsWith(".ts") ? ["../../dist/"] : ["./", "../"];
  const files = folders.map((folder) => new URL(folder + name, import.meta.url));
  return files.find((file) => existsSync(file)) ?? files[0]!;
}

/** The bytes of a built file. Throws where it is not there. */
export function readModule(name: string): Buffer<ArrayBuffer> {
  return readFileSync(findFile(name));
}

/** An instance of a module's own, with its verbs and its memory. Throws DialwardError("core"). */
export function instantiate<Verbs extends Record<string, unknown>>(
  module: () => WebAssembly.Module,
): Verbs & { memory: WebAssembly.Memory } {
  try {
    return instantiateSync<Verbs & { memory: WebAssembly.Memory }>(module()).exports;
  } catch (cause) {
    throw new DialwardError("core", "A WebAssembly module cannot be loaded: run `npm run build`.", { cause });
  }
}
