// Does the cost of a batch grow in a straight line with its size and with the window's width?

import type { Case, Series } from "./case.ts";
import { clear, expect, hotp, KEYS, Page, request, STEP, USERS, wrongCode } from "./cases.ts";
import { fitLine, measure, type Side } from "./rounds.ts";
import * as abi from "../assembly/abi.ts";

const SIZES = [1, 2, 4, 8, 12, 16, 24, 32, 40, 48, 56, 64];
const WIDTHS = [1, 2, 3, 5, 9, 13, 21, 29, 37, 45, 53, 63];
/** Nanoseconds; all sides run the same two modules. */
const WARM_UP = 1e8;
/** A straight line explains at least this share of the variance. */
const LEAST_R2 = 0.99;

/** Of the rounds of a case: it has many sides. */
const fewer = (rounds: number): number => Math.ceil(rounds / 10);

export const linear: Case = {
  name: "linear",
  ticks: (rounds) => 2 * fewer(rounds),
  async run(setting) {
    const code = wrongCode(abi.WINDOW_STEPS / 2);
    const files = [
      ["SIMD", setting.simd],
      ["strict", setting.strict],
    ] as const;
    const bySize: Side[] = [];
    const byWidth: Side[] = [];
    const wrong = KEYS.map((_, i) => request(i, clear(code)));
    for (const [name, module] of files) {
      const page = new Page(
        module,
        KEYS.map((secret) => ({ factor: "totp" as const, secret })),
        wrong,
      );
      page.judge(wrong).forEach((got) => expect(`${name}, batch`, got, "wrong-code"));
      for (const size of SIZES) bySize.push(page.bare(`${name} ${size}`, 1, size));
      for (const width of WIDTHS) {
        // A window of an even width leans forward by one step.
        const enrolments = KEYS.map((secret) => ({
          factor: "totp" as const,
          secret,
          back: Math.floor((width - 1) / 2),
          forward: Math.ceil((width - 1) / 2),
        }));
        const wide = new Page(module, enrolments, wrong);
        const edge = Math.ceil((width - 1) / 2);
        wide
          .judge(KEYS.map((key, i) => request(i, clear(hotp(key, STEP + edge)))))
          .forEach((got) => expect(`${name}, window of ${width}`, got, "ok"));
        wide
          .judge(KEYS.map((key, i) => request(i, clear(hotp(key, STEP + edge + 1)))))
          .forEach((got) => expect(`${name}, window of ${width}, beyond`, got, "wrong-code"));
        byWidth.push(wide.bare(`${name} ${width}`, 1));
      }
    }
    const title = "Cost of a batch, TOTP, SHA-1, a wrong code";
    if (setting.short) return { title, unit: "batches", rates: [], findings: [] };
    const rounds = fewer(setting.rounds);
    const sizes = await measure(bySize, rounds, () => setting.progress("linear: batch size"), WARM_UP);
    const widths = await measure(byWidth, rounds, () => setting.progress("linear: window width"), WARM_UP);
    const series = [
      draw(sizes, "Cost against the batch's size, window ±1", "requests in the batch"),
      draw(widths, `Cost against the window's width, ${USERS} users`, "steps in the window"),
    ];
    return {
      title,
      unit: "batches",
      rates: [],
      series,
      findings: series.flatMap(({ title, lines }) =>
        lines.map(({ name, slope, intercept, r2 }) => ({
          question: `${title}, ${name} file`,
          target: `R² ≥ ${LEAST_R2}`,
          measured: `R² ${r2.toFixed(4)}: ${intercept.toFixed(2)} µs + ${slope.toFixed(3)} µs each`,
          met: r2 >= LEAST_R2,
        })),
      ),
    };
  },
};

function draw(measured: readonly { name: string; nanoseconds: number }[], title: string, x: string): Series {
  const points = measured.map(({ name, nanoseconds }) => {
    const [file, at] = name.split(" ") as [string, string];
    return { name: file, x: Number(at), y: nanoseconds / 1000 };
  });
  const lines = ["SIMD", "strict"].map((file) => ({
    name: file,
    ...fitLine(points.filter(({ name }) => name === file).map(({ x, y }) => [x, y] as const)),
  }));
  return { title, x, y: "microseconds", points, lines };
}
