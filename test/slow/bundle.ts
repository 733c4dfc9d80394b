// Makes one of the suite's programs runnable by node, with the core beside it.
import { build } from "esbuild";
import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;

/** Bundles test/slow/`name`.ts into `folder`; the program's path. */
export async function bundle(name: string, folder: string): Promise<string> {
  const program = join(folder, `${name}.mjs`);
  const level = { path: import.meta.resolve("classic-level"), external: true };
  await build({
    entryPoints: [join(root, "test", "slow", `${name}.ts`)],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "warning",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    plugins: [
      { name: "level", setup: (plugins) => plugins.onResolve({ filter: /^classic-level$/ }, () => level) },
    ],
  });
  for (const file of readdirSync(join(root, "dist")).filter((each) => each.endsWith(".wasm")))
    copyFileSync(join(root, "dist", file), join(folder, file));
  return program;
}
