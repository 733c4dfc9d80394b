// Pictures of QR codes: PNG, JPEG and SVG, read by the package that draws them (qr).
import { DialwardError } from "../errors.ts";
import { otpauth } from "./otpauth.ts";
import { openJpeg, openPng, type Picture } from "./pixels.ts";
import { Source, type Format } from "./source.ts";
import { drawSvg } from "./svg.ts";

/** White around a code that was cut close, in pixels. */
const MARGIN = 32;
/** Milliseconds for the decoder's further attempts. */
const DECODE_MS = 3000;

export const qr: Format = {
  name: "qr",
  title: "pictures of QR codes, one in each: PNG, JPEG, SVG",
  recognises: (source) =>
    source.startsWith("\x89PNG") ||
    source.startsWith("\xff\xd8\xff") ||
    /^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/.test(source.head),
  async *read(source, options) {
    yield* otpauth.read(await readPicture(source), options);
  },
};

/** The URI in a picture, as a file of its own. Throws DialwardError("usage"). */
export async function readPicture(picture: Source): Promise<Source> {
  const text = new Source(Buffer.from(await decodePicture(await openPicture(picture))), picture.name);
  if (otpauth.recognises(text)) return text;
  throw new DialwardError("usage", "The QR code in the picture is not one of an authenticator.");
}

/** The pixels of a picture. Throws DialwardError("usage"). */
export async function openPicture(source: Source): Promise<Picture> {
  const { bytes } = source;
  try {
    if (source.startsWith("\x89PNG")) return await openPng(bytes);
    if (source.startsWith("\xff\xd8\xff")) return await openJpeg(bytes);
  } catch (error) {
    if (error instanceof DialwardError) throw error;
    throw new DialwardError("usage", "The picture is damaged.");
  }
  return drawSvg(source.text);
}

/** What the QR code in a picture says. Throws DialwardError("usage") where there is none. */
export async function decodePicture(picture: Picture): Promise<string> {
  const { default: decodeQR } = await import("qr/decode.js");
  // As it is; with white around it; light on dark.
  for (const prepare of [(one: Picture) => one, addMargin, (one: Picture) => addMargin(invert(one))]) {
    try {
      return decodeQR(prepare(picture), { timeLimit: DECODE_MS });
    } catch {
      // The next way may do.
    }
  }
  throw new DialwardError("usage", "There is no QR code in the picture, or it is not sharp enough.");
}

/** Small ones are drawn larger on the way. */
function addMargin({ width, height, data }: Picture): Picture {
  const scale = Math.max(1, Math.floor(400 / Math.max(width, height)));
  const large = { width: width * scale + 2 * MARGIN, height: height * scale + 2 * MARGIN };
  const pixels = new Uint8Array(large.width * large.height * 4).fill(255);
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * 4;
      pixels.set(data.subarray(from, from + 4), ((y + MARGIN) * large.width + x + MARGIN) * 4);
    }
  }
  return { ...large, data: pixels };
}

function invert({ width, height, data }: Picture): Picture {
  return { width, height, data: data.map((value, i) => (i % 4 === 3 ? value : 255 - value)) };
}
