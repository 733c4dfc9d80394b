// The page's script: draws the report that stands beside it in the page. Runs in a browser.

import * as Plot from "@observablehq/plot";

/* global document, report */
const OURS = "#0b6e99";
const PEER = "#9aa5b1";
const FILES = { SIMD: OURS, strict: "#d9822b" };
const main = document.querySelector("main");

function add(parent, name, text, attributes = {}) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

function table(rows, headings) {
  const element = add(main, "table");
  const head = add(add(element, "thead"), "tr");
  for (const heading of headings) add(head, "th", heading, { scope: "col" });
  const body = add(element, "tbody");
  for (const { question, target, measured, met } of rows) {
    const row = add(body, "tr");
    add(row, "td", question);
    if (headings.length > 2) add(row, "td", target ?? "", { class: "figure short" });
    add(row, "td", measured, { class: headings.length > 2 ? "figure" : "figure short" });
    if (headings.length < 3) continue;
    const verdict = met === undefined ? ["", "–"] : met ? ["met", "✓ met"] : ["missed", "✗ missed"];
    add(row, "td", verdict[1], { class: `short ${verdict[0]}` });
  }
}

function tableOfLatencies(latencies) {
  const element = add(main, "table");
  const head = add(add(element, "thead"), "tr");
  for (const heading of ["Latency, milliseconds", "p50", "p99", "maximum"])
    add(head, "th", heading, { scope: "col" });
  const body = add(element, "tbody");
  for (const { name, ...values } of latencies) {
    const row = add(body, "tr");
    add(row, "td", name);
    for (const value of [values.p50, values.p99, values.max])
      add(row, "td", value.toFixed(2), { class: "figure short" });
  }
}

function figure(plot, caption, label) {
  const element = add(main, "figure", undefined, { role: "img", "aria-label": label });
  element.append(plot);
  add(element, "figcaption", caption);
}

const rate = (perSecond) =>
  perSecond >= 1e6
    ? `${(perSecond / 1e6).toPrecision(3)} M/s`
    : perSecond >= 1e3
      ? `${(perSecond / 1e3).toPrecision(3)} k/s`
      : `${perSecond.toPrecision(3)} /s`;

/** 1, 2 and 5 times powers of ten, or only the powers where those would crowd. */
function roundNumbers([low, high]) {
  const factors = high / low > 100 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: 12 }, (_, power) => 10 ** power);
  return powers
    .flatMap((power) => factors.map((factor) => factor * power))
    .filter((n) => n > low && n < high);
}

/** One dot for each rival on a logarithmic axis, with a line between the quartiles of its rounds. */
function drawRates({ title, unit, rates }) {
  const rows = [...rates].sort((a, b) => b.perSecond - a.perSecond);
  const spread = Math.max(...rows.map((row) => row.high)) / Math.min(...rows.map((row) => row.low));
  // A logarithmic axis shows ratios as lengths; it needs some room to be read.
  const domain = [
    Math.min(...rows.map((row) => row.low)) / (spread < 10 ? 3 : 1.3),
    Math.max(...rows.map((row) => row.high)) * 1.3,
  ];
  const isOurs = ({ name }) =>
    name.startsWith("Dialward") || !rows.some((row) => row.name.startsWith("Dialward"));
  const plot = Plot.plot({
    width: 860,
    marginLeft: 210,
    marginRight: 90,
    height: 76 + rows.length * 28,
    style: { fontSize: "13px" },
    marginBottom: 46,
    x: {
      type: "log",
      domain,
      ticks: roundNumbers(domain),
      grid: true,
      label: `${unit} a second (logarithmic)`,
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 40,
      tickFormat: "~s",
    },
    y: { label: null, domain: rows.map((row) => row.name), tickSize: 0 },
    marks: [
      Plot.ruleY(rows, {
        y: "name",
        x1: domain[0],
        x2: "perSecond",
        stroke: (row) => (isOurs(row) ? OURS : PEER),
      }),
      Plot.ruleY(rows, {
        y: "name",
        x1: "low",
        x2: "high",
        strokeWidth: 7,
        strokeOpacity: 0.35,
        stroke: (row) => (isOurs(row) ? OURS : PEER),
      }),
      Plot.dot(rows, { y: "name", x: "perSecond", r: 5, fill: (row) => (isOurs(row) ? OURS : PEER) }),
      Plot.text(rows, {
        y: "name",
        x: domain[1],
        text: (row) => rate(row.perSecond),
        textAnchor: "start",
        dx: 8,
        fontWeight: 600,
      }),
    ],
  });
  const told = rows.map((row) => `${row.name} ${rate(row.perSecond)}`).join(", ");
  figure(plot, "Dot: median of the rounds. Thick line: their quartiles.", `${title}: ${told}`);
}

function drawSeries({ title, x, y, points, lines }) {
  const most = Math.max(...points.map((point) => point.x));
  const segments = lines.flatMap(({ name, slope, intercept }) => [
    { name, x: 0, y: intercept },
    { name, x: most, y: intercept + slope * most },
  ]);
  const plot = Plot.plot({
    width: 860,
    height: 340,
    marginBottom: 46,
    marginLeft: 60,
    marginRight: 60,
    style: { fontSize: "13px" },
    x: { label: x, labelAnchor: "center", labelArrow: "none", labelOffset: 40, grid: true },
    y: { label: `↑ ${y}`, grid: true, zero: true },
    color: { domain: Object.keys(FILES), range: Object.values(FILES) },
    marks: [
      Plot.line(segments, { x: "x", y: "y", stroke: "name", strokeOpacity: 0.6 }),
      Plot.dot(points, { x: "x", y: "y", fill: "name", r: 4 }),
      Plot.text(
        segments.filter((point) => point.x === most),
        { x: "x", y: "y", text: "name", fill: "name", textAnchor: "start", dx: 10, fontWeight: 600 },
      ),
    ],
  });
  const caption = lines
    .map(
      ({ name, slope, intercept, r2 }) =>
        `${name} file: ${intercept.toFixed(2)} µs + ${slope.toFixed(3)} µs each, R² ${r2.toFixed(4)}`,
    )
    .join(" · ");
  add(main, "h3", title);
  figure(plot, caption, `${title}. ${caption}`);
}

add(main, "h1", "Dialward: benchmark");
add(
  main,
  "p",
  "How fast one-time passwords are verified, against peers that do the same work in the same minutes.",
);
const facts = add(main, "dl");
for (const [name, value] of [
  ["Date", report.date],
  ["Machine", report.machine],
  ["System", report.system],
  ["Engine", report.engine],
  ["Commit", report.commit],
  ["Command", report.command],
  ["Rounds", `${report.rounds}, interleaved; figures are medians`],
]) {
  add(facts, "dt", name);
  add(facts, "dd", value);
}

add(main, "h2", "Targets");
const targets = report.outcomes
  .flatMap(({ findings }) => findings)
  .filter(({ target }) => target !== undefined);
table(targets, ["What", "Target", "Measured", "Verdict"]);

for (const outcome of report.outcomes) {
  add(main, "h2", outcome.title);
  if (outcome.rates.length > 0) drawRates(outcome);
  for (const series of outcome.series ?? []) drawSeries(series);
  const rest = outcome.findings.filter(({ target }) => target === undefined);
  if (rest.length > 0) table(rest, ["Further figures", "Measured"]);
  if (outcome.latencies?.length > 0) tableOfLatencies(outcome.latencies);
  for (const { what, packages } of outcome.lacks ?? [])
    add(main, "p", `Not measured: ${what}${packages.length > 0 ? ` (needs ${packages.join(", ")})` : ""}.`);
}
