// QR codes drawn as SVG (SVG 2, chapters 7 to 10), as programs write them: rectangles, paths of straight lines that are
// filled or stroked, translated and scaled groups. Curves are taken as the lines between their ends.
import { DialwardError } from "../errors.ts";
import { checkSize, type Picture } from "./pixels.ts";

/** Pixels of the longer side. */
const SIDE = 900;

type Element = Record<string, unknown>;
type Point = [x: number, y: number];

/** How a group's coordinates become those of the picture, and what its parts inherit. */
interface Context {
  scale: Point;
  shift: Point;
  fill: string;
  stroke: string;
  strokeWidth: number;
}

/** The pixels of a drawing. Throws DialwardError("usage"). */
export async function drawSvg(text: string): Promise<Picture> {
  const { XMLParser } = await import("fast-xml-parser");
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    removeNSPrefix: true,
    processEntities: false,
  });
  let document: Element[];
  try {
    document = parser.parse(text) as Element[];
  } catch {
    throw new DialwardError("usage", "The drawing is no well-formed SVG.");
  }
  const svg = document.find((one) => "svg" in one);
  if (!svg) throw new DialwardError("usage", "The drawing is no SVG.");
  const own = attributesOf(svg);
  const box = numbers(
    own["viewBox"] ?? `0 0 ${parseFloat(own["width"] ?? "")} ${parseFloat(own["height"] ?? "")}`,
  );
  const [left = 0, top = 0, width = 0, height = 0] = box;
  if (!(width > 0 && height > 0)) throw new DialwardError("usage", "The drawing does not say its size.");
  const scale = SIDE / Math.max(width, height);
  const picture = { width: Math.ceil(width * scale), height: Math.ceil(height * scale) };
  checkSize(picture.width, picture.height);
  const data = new Uint8Array(picture.width * picture.height * 4).fill(255);
  const context = {
    scale: [scale, scale],
    shift: [-left * scale, -top * scale],
    fill: "black",
    stroke: "none",
    strokeWidth: 1,
  };
  drawAll(svg["svg"] as Element[], context as Context, { ...picture, data });
  return { ...picture, data };
}

function attributesOf(element: Element): Record<string, string> {
  const all = Object.entries((element[":@"] ?? {}) as Record<string, string>);
  const plain = Object.fromEntries(all.map(([key, value]) => [key.replace(/^@_/, ""), String(value)]));
  for (const one of (plain["style"] ?? "").split(";")) {
    const [key, value] = one.split(":").map((part) => part.trim());
    if (key && value !== undefined) plain[key] = value;
  }
  return plain;
}

function drawAll(elements: readonly Element[], outer: Context, picture: Picture): void {
  for (const element of elements) {
    const kind = Object.keys(element).find((key) => key !== ":@") ?? "";
    const given = attributesOf(element);
    const context: Context = {
      ...transform(outer, given["transform"] ?? ""),
      fill: given["fill"] ?? outer.fill,
      stroke: given["stroke"] ?? outer.stroke,
      strokeWidth: parseFloat(given["stroke-width"] ?? "") || outer.strokeWidth,
    };
    const number = (key: string): number => parseFloat(given[key] ?? "0") || 0;
    if (kind === "g" || kind === "svg") drawAll(element[kind] as Element[], context, picture);
    if (kind === "rect") {
      const [x, y, width, height] = [number("x"), number("y"), number("width"), number("height")];
      const full = (value: string | undefined, own: number, whole: number): number =>
        value?.endsWith("%") ? whole * 2 : own;
      const right = x + full(given["width"], width, picture.width);
      const bottom = y + full(given["height"], height, picture.height);
      fill(
        [
          [
            [x, y],
            [right, y],
            [right, bottom],
            [x, bottom],
          ],
        ],
        context,
        context.fill,
        picture,
      );
    }
    if (kind === "path") {
      const lines = readPath(given["d"] ?? "");
      fill(lines, context, context.fill, picture);
      if (context.stroke !== "none")
        fill(
          lines.flatMap((line) => strokes(line, context.strokeWidth)),
          context,
          context.stroke,
          picture,
        );
    }
  }
}

function transform(outer: Context, text: string): Context {
  let { scale, shift } = outer;
  for (const [, name, list = ""] of text.matchAll(/(translate|scale)\s*\(([^)]*)\)/g)) {
    const [x = name === "scale" ? 1 : 0, y = name === "scale" ? x : 0] = numbers(list);
    if (name === "scale") scale = [scale[0] * x, scale[1] * y];
    else shift = [shift[0] + x * scale[0], shift[1] + y * scale[1]];
  }
  return { ...outer, scale, shift };
}

function numbers(text: string): number[] {
  return (text.match(/[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi) ?? []).map(Number);
}

/** Numbers that each command takes. */
const TAKES: Record<string, number> = { m: 2, l: 2, h: 1, v: 1, c: 6, s: 4, q: 4, t: 2, a: 7, z: 0 };

/** The lines of a path: lists of points. */
function readPath(d: string): Point[][] {
  const lines: Point[][] = [];
  let [x, y] = [0, 0];
  let line: Point[] = [];
  for (const [, letter = "", list = ""] of d.matchAll(/([a-z])([^a-z]*)/gi)) {
    const command = letter.toLowerCase();
    const relative = letter === command;
    const values = numbers(list);
    const takes = TAKES[command] ?? 0;
    if (command === "z" && line[0]) [x, y] = line[0];
    for (let i = 0; takes > 0 && i + takes <= values.length; i += takes) {
      const [a, b] = [values[i + takes - 2] ?? 0, values[i + takes - 1]!];
      if (command === "h") x = (relative ? x : 0) + b;
      else if (command === "v") y = (relative ? y : 0) + b;
      else [x, y] = [(relative ? x : 0) + a, (relative ? y : 0) + b];
      if (command === "m" && i === 0) lines.push((line = []));
      line.push([x, y]);
    }
  }
  return lines;
}

/** A rectangle for each stretch of a line that is stroked. */
function strokes(line: readonly Point[], width: number): Point[][] {
  const half = width / 2;
  return line.slice(1).map(([x, y], i) => {
    const [fromX, fromY] = line[i]!;
    const [dx, dy] = fromY === y ? [0, half] : [half, 0];
    return [
      [fromX - dx, fromY - dy],
      [x - dx, y - dy],
      [x + dx, y + dy],
      [fromX + dx, fromY + dy],
    ];
  });
}

/** Fills polygons by the even-odd rule, at the middle of each pixel. */
function fill(
  polygons: readonly Point[][],
  { scale, shift }: Context,
  colour: string,
  picture: Picture,
): void {
  if (colour === "none" || colour === "transparent") return;
  const value = isLight(colour) ? 255 : 0;
  const place = ([x, y]: Point): Point => [x * scale[0] + shift[0], y * scale[1] + shift[1]];
  for (const points of polygons.map((polygon) => polygon.map(place))) {
    const heights = points.map(([, y]) => y);
    const from = Math.max(0, Math.ceil(Math.min(...heights) - 0.5));
    const to = Math.min(picture.height, Math.ceil(Math.max(...heights) - 0.5));
    for (let row = from; row < to; row++) {
      const middle = row + 0.5;
      const crossings = points
        .flatMap(([x, y], i): number[] => {
          const [nextX, nextY] = points[(i + 1) % points.length]!;
          return y <= middle === nextY <= middle ? [] : [x + ((middle - y) / (nextY - y)) * (nextX - x)];
        })
        .toSorted((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const start = Math.max(0, Math.ceil(crossings[i]! - 0.5));
        const end = Math.min(picture.width, Math.ceil(crossings[i + 1]! - 0.5));
        for (let x = start; x < end; x++)
          picture.data.fill(value, (row * picture.width + x) * 4, (row * picture.width + x) * 4 + 3);
      }
    }
  }
}

function isLight(colour: string): boolean {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour)?.[1];
  if (hex === undefined) {
    const parts = /^rgb/i.test(colour) ? numbers(colour) : [];
    return parts.length >= 3 ? parts[0]! + parts[1]! + parts[2]! > 384 : /^white$/i.test(colour);
  }
  const wide = hex.length === 3 ? [...hex].map((one) => one + one).join("") : hex;
  const [red = 0, green = 0, blue = 0] = wide.match(/../g)!.map((two) => parseInt(two, 16));
  return red + green + blue > 384;
}
