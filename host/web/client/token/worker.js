// Keeps the token's files, so that it works without a network; a newer version is taken when there is one.

const CACHE = "dialward-token";
const FILES = [
  ...["./", "page.js", "page.css", "icon.svg", "core.wasm"],
  ...["manifest.webmanifest", "icon-192.png", "icon-512.png"],
];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
  skipWaiting();
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch {
    return (await cache.match(request)) ?? Response.error();
  }
}
