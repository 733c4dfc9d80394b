// What of the libraries goes into the bundle: of the Redis client only the commands that are called (all of them are
// 1.2 MB; what calls a command names it, so the list is read from the sources), and of the others what is used here.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const REDIS = "node_modules/@redis/client/dist/lib";
/** Fewer rows than this, and the client's table of commands is not read as it is written. */
const LEAST_COMMANDS = 500;

/**
 * Files that the libraries load and that nothing here calls. Each is an empty class in the bundle, which throws where it
 * is called after all: the SMTP server and the types of a mail are always given, no metric has exemplars or quantiles,
 * no XML is written but by pskc-write.ts, Redis has one
 * connection without a cache of its own, no picture is written, and the log has no thread.
 */
const UNUSED = new RegExp(
  [
    "nodemailer/dist/esm/(mime-funcs/mime-types|(well-known|fetch|xoauth2|dkim)/index)",
    "nodemailer/dist/esm/(smtp-pool|(sendmail|ses|stream|json)-transport)/index",
    "nodemailer/dist/esm/smtp-connection/http-proxy-client",
    "@opentelemetry/api/dist/index",
    "prom-client/lib/(cluster|pushgateway|summary|metricAggregators)",
    "@redis/client/dist/lib/client/(pool|cache)",
    "is-unsafe/src/contexts/(svg|sql|sql-strict|shell|redos|nosql|log)",
    "jpeg-js/lib/encoder",
    "fast-png/lib/png_encoder",
    "thread-stream/index",
  ].join("|"),
);

/** Plugins for esbuild. */
export const libraries = [
  {
    name: "unused",
    setup(build) {
      build.onLoad({ filter: new RegExp(`node_modules/(${UNUSED.source})\\.c?js$`) }, ({ path }) => ({
        contents: `${/\/esm\/|is-unsafe|fast-png/.test(path) ? "export default" : "module.exports ="} class Unused {}`,
      }));
    },
  },
  {
    name: "redis",
    setup(build) {
      // The entry also brings pools, clusters and sentinels.
      build.onResolve({ filter: /^@redis\/client$/ }, () => ({ path: "client", namespace: "redis" }));
      build.onLoad({ filter: /./, namespace: "redis" }, () => ({
        contents: `export { RESP_TYPES } from "./${REDIS}/RESP/decoder.js";
          export { ClientOfflineError, ErrorReply } from "./${REDIS}/errors.js";
          import client from "./${REDIS}/client/index.js";
          export const createClient = (client.default ?? client).create;`,
        resolveDir: process.cwd(),
      }));
      build.onLoad({ filter: /@redis\/client\/dist\/lib\/commands\/index\.js$/ }, ({ path }) => ({
        contents: pickCommands(readFileSync(path, "utf8")),
      }));
      // What may be cached and which replica may be asked: nothing here does either.
      build.onLoad({ filter: /command-metadata-data\.js$/ }, () => ({
        contents: "exports.COMMAND_METADATA = {};",
      }));
    },
  },
];

/** The client's table of commands, with those that are called. */
function pickCommands(text) {
  const imports = text.matchAll(/^const (\w+) = __import\w+\(require\("(.+)"\)\);$/gm);
  const files = new Map([...imports].map(([, name, file]) => [name, file]));
  const table = [...text.matchAll(/^ {4}(\w+): (\w+)\.default,?$/gm)];
  if (table.length < LEAST_COMMANDS) throw new Error(`${REDIS}/commands/index.js is written in another way`);
  const sources = [...read("host/store", ".ts"), ...read(join(REDIS, "client"), ".js")].join("\n");
  const called = new Set(sources.match(/(?<=\.)\w+/g));
  const rows = table
    .filter(([, name]) => called.has(name))
    .map(([, name, from]) => {
      if (!files.has(from)) throw new Error(`${REDIS}/commands/index.js has no file for ${name}`);
      return `${name}: require(${JSON.stringify(files.get(from))}).default`;
    });
  return `Object.defineProperty(exports, "__esModule", { value: true });
    exports.NON_STICKY_COMMANDS = {};
    exports.default = { ${rows.join(", ")} };`;
}

function read(folder, ending) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}
