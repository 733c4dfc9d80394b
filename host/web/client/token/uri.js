// A secret as QR codes carry it: otpauth://totp/… (Key URI format) and motp://…, pasted or scanned.
import { words } from "./words.js";

/** What an entry is made of; throws what to tell the user. */
export function readUri(text) {
  let url;
  try {
    url = new URL(text.trim());
  } catch {
    throw new Error(words.noUri);
  }
  const motp = url.protocol === "motp:";
  if (!motp && url.protocol !== "otpauth:") throw new Error(words.noUri);
  const [kind, label] = motp
    ? ["motp", url.pathname]
    : /^\/\/([a-z]+)\/(.*)$/i.exec(url.href.slice(8)).slice(1);
  const factor = kind.toLowerCase();
  if (factor !== "totp" && factor !== "motp") throw new Error(words.otherKind(kind));
  const query = url.searchParams;
  const given = (name, otherwise) => (query.get(name) ?? otherwise).toLowerCase();
  if (
    given("digits", "6") !== "6" ||
    given("period", "30") !== "30" ||
    given("algorithm", "sha1") !== "sha1"
  ) {
    if (factor === "totp") throw new Error(words.otherSettings);
  }
  const name = decodeURIComponent(label.split("?")[0]).replace(/^\/+/, "").slice(0, 64);
  return { factor, name, secret: query.get("secret") ?? "" };
}

/** Whether this browser can read a QR code by itself. */
export function canScan() {
  return "BarcodeDetector" in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);
}

/** Reads a QR code through the camera, shown in `video`; resolves to its text, undefined where `stopped` says so. */
export async function scan(video, stopped) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    await video.play();
    while (!stopped()) {
      const [found] = await detector.detect(video);
      if (found) return found.rawValue;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return undefined;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}
