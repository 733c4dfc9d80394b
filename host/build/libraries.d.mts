// The types of libraries.mjs, for its test.
import type { Plugin } from "esbuild";

export declare const libraries: Plugin[];
