// Pictures of logins as plain SVG: bars of what was accepted and refused, with the same figures as a table for whoever
// does not see them. Nothing of it needs script.
import { html, raw } from "hono/html";
import type { Span } from "../store/login-counts.ts";
import { timeTag, type Html } from "./page.ts";
import type { Words } from "./words.ts";

const WIDTH = 720;
const HEIGHT = 120;
const GAP = 2;

/** Bars of spans, in a figure named `title`. */
export function loginBars(words: Words, title: string, spans: readonly Span[]): Html {
  const text = words.charts;
  const most = Math.max(1, ...spans.map(({ accepted, refused }) => accepted + refused));
  const step = WIDTH / spans.length;
  const bar = (x: number, y: number, height: number, kind: string): string =>
    height > 0
      ? `<rect class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(step - GAP).toFixed(1)}" height="${height.toFixed(1)}"/>`
      : "";
  const bars = spans.map(({ accepted, refused }, i) => {
    const [good, bad] = [(accepted / most) * HEIGHT, (refused / most) * HEIGHT];
    return (
      bar(i * step, HEIGHT - good, good, "accepted") + bar(i * step, HEIGHT - good - bad, bad, "refused")
    );
  });
  const [accepted, refused] = [sum(spans, "accepted"), sum(spans, "refused")];
  return html`<figure class="chart">
    <figcaption>${title}: ${text.summary(accepted, refused)}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      ${raw(bars.join(""))}
    </svg>
    <p class="ends hint" aria-hidden="true">
      <span>${timeTag(spans[0]!.from)}</span><span>${text.upTo(most)}</span>
    </p>
    <details>
      <summary>${text.table}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">${text.from}</th>
            <th scope="col">${text.accepted}</th>
            <th scope="col">${text.refused}</th>
          </tr>
        </thead>
        <tbody>
          ${spans.map(
            (one) =>
              html`<tr>
                <th scope="row">${timeTag(one.from)}</th>
                <td class="number">${one.accepted}</td>
                <td class="number">${one.refused}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
  </figure>`;
}

/** Refusals by reason, each with a bar beside its count. */
export function refusalBars(
  words: Words,
  refusals: readonly [reason: string, count: number][],
): Html | string {
  if (refusals.length === 0) return "";
  const most = refusals[0]![1];
  return html`<section class="chart" aria-labelledby="refusals">
    <h2 id="refusals">${words.charts.byReason}</h2>
    <dl class="reasons">
      ${refusals.map(
        ([reason, count]) =>
          html`<div>
            <dt>${words.reasons[reason] ?? reason}</dt>
            <dd>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect class="refused" width="${((count / most) * 100).toFixed(1)}" height="10" />
              </svg>
              <span class="number">${count}</span>
            </dd>
          </div>`,
      )}
    </dl>
  </section>`;
}

function sum(spans: readonly Span[], what: "accepted" | "refused"): number {
  return spans.reduce((all, one) => all + one[what], 0);
}
