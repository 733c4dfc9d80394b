// Answers compressed as the browser takes them: Brotli (RFC 7932), else gzip (RFC 1952). Off the event loop: a page costs
// logins nothing. What is secret in a page stands masked there, each time another way (session.ts), so that its length
// tells nothing (BREACH).
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { MiddlewareHandler } from "hono";

/** Shorter answers fit one packet as they are. */
const LEAST_BYTES = 1024;
/** As small as gzip's best, in less time than gzip takes. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

const PACK: Record<string, (bytes: Buffer) => Promise<Buffer>> = {
  br: (bytes) => promisify(brotliCompress)(bytes, QUALITY),
  gzip: (bytes) => promisify(gzip)(bytes),
};

const PACKABLE = /^(text\/|image\/svg|application\/(wasm|json|manifest))/;

/** Compresses what gains by it. */
export const compress: MiddlewareHandler = async (c, next) => {
  await next();
  const { res } = c;
  if (c.req.method === "HEAD" || !PACKABLE.test(res.headers.get("content-type") ?? "")) return;
  c.header("Vary", "Accept-Encoding", { append: true });
  const coding = chooseCoding(c.req.header("accept-encoding"));
  if (coding === undefined || res.body === null) return;
  const bytes = Buffer.from(await c.res.arrayBuffer());
  if (bytes.length < LEAST_BYTES) {
    c.res = new Response(bytes, c.res);
    return;
  }
  const packed = await PACK[coding]!(bytes);
  c.res = new Response(new Uint8Array(packed), c.res);
  c.header("Content-Encoding", coding);
  c.header("Content-Length", undefined);
};

/** The first coding of ours that a browser takes (RFC 9110 section 12.5.3). */
export function chooseCoding(accepted = ""): string | undefined {
  const codings = new Map(
    accepted.split(",").map((one) => {
      const [name = "", quality = "1"] = one
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/);
      return [name, Number(quality)] as const;
    }),
  );
  return Object.keys(PACK).find((name) => (codings.get(name) ?? codings.get("*") ?? 0) > 0);
}
