// The pixels of PNG and JPEG files, by the packages fast-png and jpeg-js, which are loaded where a file needs them.
import { DialwardError } from "../errors.ts";

/** Eight bits each of red, green, blue and opacity. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Larger pictures are refused before their memory is asked for. */
const MOST_PIXELS = 40_000_000;
/** The pixels of a PNG, on white paper where it is transparent. Throws for what is damaged. */
export async function openPng(bytes: Buffer): Promise<Picture> {
  if (bytes.length < 33) throw new DialwardError("usage", "The picture is damaged.");
  checkSize(bytes.readUInt32BE(16), bytes.readUInt32BE(20));
  const { convertIndexedToRgb, decode } = await import("fast-png");
  const png = decode(bytes);
  const indexed = png.palette !== undefined;
  const channels = indexed ? png.palette![0]!.length : png.channels;
  const values = indexed ? convertIndexedToRgb(png) : png.data;
  // Depths below eight are packed; sixteen keeps its upper half.
  const sample = (pixel: number, channel: number): number => {
    if (!indexed && png.depth < 8) {
      const perRow = Math.ceil((png.width * png.depth) / 8);
      const [x, y] = [pixel % png.width, Math.floor(pixel / png.width)];
      const bit = x * png.depth;
      const value =
        (png.data[y * perRow + (bit >> 3)]! >> (8 - png.depth - (bit & 7))) & ((1 << png.depth) - 1);
      return (value * 255) / ((1 << png.depth) - 1);
    }
    const value = values[pixel * channels + channel]!;
    return !indexed && png.depth === 16 ? value >> 8 : value;
  };
  const data = new Uint8Array(png.width * png.height * 4);
  const grey = channels < 3;
  const opacity = channels === 2 || channels === 4 ? channels - 1 : undefined;
  for (let pixel = 0; pixel < png.width * png.height; pixel++) {
    const alpha = opacity === undefined ? 255 : sample(pixel, opacity);
    // What is transparent is paper.
    for (let channel = 0; channel < 3; channel++)
      data[pixel * 4 + channel] = 255 - ((255 - sample(pixel, grey ? 0 : channel)) * alpha) / 255;
    data[pixel * 4 + 3] = 255;
  }
  return { width: png.width, height: png.height, data };
}

/** The pixels of a JPEG. Throws for what is damaged. */
export async function openJpeg(bytes: Buffer): Promise<Picture> {
  const { decode } = await import("jpeg-js");
  return decode(bytes, { useTArray: true, maxResolutionInMP: MOST_PIXELS / 1e6, maxMemoryUsageInMB: 512 });
}

/** Throws DialwardError("usage") for a picture that is too large. */
export function checkSize(width: number, height: number): void {
  if (width > 0 && height > 0 && width * height <= MOST_PIXELS) return;
  throw new DialwardError("usage", "The picture is empty, or too large: at most 40 million pixels.");
}
