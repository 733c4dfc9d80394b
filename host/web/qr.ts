// QR codes as SVG (ISO/IEC 18004 by the package qr): one path with a piece for each run of dark modules.
import { raw } from "hono/html";
import encodeQR from "qr";
import type { Html } from "./page.ts";

/** The QR code of `text`; `label` is told to who does not see it. */
export function qrCode(text: string, label: string): Html {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const pieces: string[] = [];
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const from = x;
      while (row[x]) x++;
      pieces.push(`M${from} ${y}h${x - from}v1h${from - x}z`);
    }
  }
  const size = rows.length;
  const escaped = label.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
  return raw(
    `<svg class="qr" role="img" aria-label="${escaped}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
      `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${pieces.join("")}"/></svg>`,
  );
}
