// QR codes in pictures, drawn by other means than the reader's: our own encoder's PNG- and JPEG-pixels, and SVG in the
// ways in which programs write it.
import fc from "fast-check";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import encodeQR from "qr";
import { expect, test } from "vitest";
import { runs } from "../runs.ts";
import { formatOf, readAll, readUsers, SECRET } from "./read.ts";

const URI = `otpauth://totp/ACME:ada?secret=${SECRET}&issuer=ACME&algorithm=SHA1&digits=6&period=30`;

/** The code's modules, true is dark. */
function modules(text: string): boolean[][] {
  return encodeQR(text, "raw", { border: 1 })
    .slice(1, -1)
    .map((row) => row.slice(1, -1));
}

/** Pixels of a code: each module `scale` wide, `border` modules of paper around. */
function draw(text: string, scale: number, border: number, dark = [0, 0, 0], light = [255, 255, 255]) {
  const code = modules(text);
  const side = (code.length + 2 * border) * scale;
  const data = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const on = code[Math.floor(y / scale) - border]?.[Math.floor(x / scale) - border] === true;
      data.set([...(on ? dark : light), 255], (y * side + x) * 4);
    }
  return { width: side, height: side, data };
}

const picture = { profile: { name: "ada", secret: SECRET, period: 30 } };

test("PNG: colours, grey, opacity, one bit, palette, small and cut close, light on dark", async () => {
  const rgba = draw(URI, 4, 4);
  const grey = rgba.data.filter((_, i) => i % 4 === 0);
  const files = [
    encodePng({ ...rgba, channels: 4 }),
    encodePng({ ...rgba, data: grey, channels: 1 }),
    encodePng({ ...rgba, data: rgba.data.filter((_, i) => i % 4 !== 3), channels: 3 }),
    encodePng({ ...draw(URI, 3, 0), channels: 4 }),
    encodePng({ ...draw(URI, 2, 1), channels: 4 }),
    encodePng({ ...draw(URI, 5, 4, [240, 240, 240], [10, 20, 30]), channels: 4 }),
    // Dark on nothing: paper is transparent.
    encodePng({
      ...rgba,
      data: rgba.data.map((_, i) => (i % 4 === 3 ? 255 - rgba.data[i - 1]! : 0)),
      channels: 4,
    }),
  ];
  for (const [i, file] of files.entries()) {
    expect(formatOf(Buffer.from(file))).toBe("qr");
    expect(await readUsers(Buffer.from(file)), `file ${i}`).toMatchObject([picture]);
  }
});

test("JPEG, sharp and less so", async () => {
  for (const quality of [95, 50, 20]) {
    const file = encodeJpeg(draw(URI, 5, 4), quality).data;
    expect(formatOf(file)).toBe("qr");
    expect(await readUsers(file), `quality ${quality}`).toMatchObject([picture]);
  }
});

test("SVG: rectangles, one path of rectangles, stroked lines, groups that move and scale", async () => {
  const code = modules(URI);
  const cells = code.flatMap((row, y) => row.flatMap((on, x) => (on ? [[x, y]] : [])));
  const n = code.length;
  const rects = cells
    .map(([x, y]) => `<rect x="${x! + 4}" y="${y! + 4}" width="1" height="1" fill="#000000"/>`)
    .join("");
  const path = cells.map(([x, y]) => `M${x},${y}h1v1h-1z`).join("");
  const lines = cells.map(([x, y]) => `M${x} ${y! + 0.5}h1`).join("");
  const box = `viewBox="0 0 ${n + 8} ${n + 8}"`;
  const files = [
    `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" ${box}><rect width="100%" height="100%" fill="white"/>${rects}</svg>`,
    `<svg xmlns="http://www.w3.org/2000/svg" ${box}><g transform="translate(4 4)"><path d="${path}"/></g></svg>`,
    `<svg xmlns="http://www.w3.org/2000/svg" width="${(n + 8) * 8}" height="${(n + 8) * 8}"><path transform="scale(8)" fill="#fff" d="M0 0h${n + 8}v${n + 8}h-${n + 8}z"/><path transform="translate(32,32) scale(8)" fill="none" stroke="#000" d="${lines}"/></svg>`,
    encodeQR(URI, "svg"),
  ];
  for (const [i, file] of files.entries()) {
    expect(formatOf(file)).toBe("qr");
    expect(await readUsers(file), `file ${i}`).toMatchObject([picture]);
  }
});

test("names of any letters come through a picture", async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[a-zäöüß€ あ-ん.@-]{1,20}$/), async (name) => {
      fc.pre(name.trim() !== "" && !name.includes(":"));
      const uri = `otpauth://totp/${encodeURIComponent(name)}?secret=${SECRET}`;
      const [row] = await readAll(Buffer.from(encodePng({ ...draw(uri, 4, 4), channels: 4 })));
      expect(row!.name).toBe(name.trim());
    }),
    runs(2),
  );
});

test("what is no picture, holds no code, a code of something else, or is too large: refused in words", async () => {
  const empty = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 4).fill(255) };
  const huge = Buffer.from(encodePng({ ...empty, channels: 4 }));
  huge.writeUInt32BE(1_000_000, 16);
  for (const [file, message] of [
    [Buffer.from("\x89PNG\r\n\x1a\nnothing", "latin1"), /damaged/],
    [Buffer.from(encodePng({ ...empty, channels: 4 })), /no QR code/],
    [encodeJpeg(empty, 90).data, /no QR code/],
    [Buffer.from(encodePng({ ...draw("https://example.com", 4, 4), channels: 4 })), /authenticator/],
    [huge, /too large/],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>'), /size/],
  ] as [Buffer, RegExp][])
    await expect(readAll(file)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(message),
    });
});
