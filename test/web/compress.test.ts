// Answers are compressed as browsers take them: Brotli before gzip, and nothing where neither is taken.
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseCoding } from "../../host/web/compress.ts";
import { runs } from "../runs.ts";
import { openPages } from "./open-pages.ts";

test("a page by Brotli, by gzip, and as it is: the same", async () => {
  const { ask, close } = await openPages();
  const as = (accepted: string) => ask("/page.css", undefined, { headers: { "accept-encoding": accepted } });
  const plain = await as("identity");
  const [br, gzip] = [await as("gzip, deflate, br, zstd"), await as("gzip")];
  expect(br.headers.get("content-encoding")).toBe("br");
  expect(gzip.headers.get("content-encoding")).toBe("gzip");
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(plain.headers.get("vary")).toBe("Accept-Encoding");
  expect(brotliDecompressSync(br.bytes).equals(plain.bytes)).toBe(true);
  expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
  expect(br.bytes.length).toBeLessThan(gzip.bytes.length);
  expect(gzip.bytes.length).toBeLessThan(plain.bytes.length / 2);
  await close();
});

test("what a browser refuses is not chosen", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("br", "gzip", "deflate"), fc.constantFrom("0", "0.5", "1")), {
        maxLength: 4,
      }),
      (all) => {
        const chosen = chooseCoding(all.map(([name, quality]) => `${name};q=${quality}`).join(", "));
        const taken = new Map(all);
        if (chosen !== undefined) expect(Number(taken.get(chosen as "br"))).toBeGreaterThan(0);
        else for (const name of ["br", "gzip"] as const) expect(Number(taken.get(name) ?? 0)).toBe(0);
      },
    ),
    runs(100),
  );
  expect(chooseCoding()).toBeUndefined();
  expect(chooseCoding("*")).toBe("br");
});
