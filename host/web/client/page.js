// What the pages do in the browser: copy, print, times in the local zone, one form for two presses, and the live list. All
// works without it too.

const LIVE_MS = 3000;

const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    time.textContent = dayFormat.format(date);
    time.title = date.toISOString();
  }
}

/** How long ago, in the browser's own words. */
function ages(root) {
  const format = new Intl.RelativeTimeFormat(undefined, { style: "short" });
  for (const one of root.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, (Date.now() - Date.parse(one.dataset.since)) / 1000);
    const [size, unit] =
      seconds < 3600 ? [60, "minute"] : seconds < 86_400 ? [3600, "hour"] : [86_400, "day"];
    one.textContent = format.format(-Math.floor(seconds / size), unit);
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const { copy } = button.dataset;
    const text = document.getElementById(copy).textContent.trim();
    await navigator.clipboard.writeText(copy === "secret" ? text.replace(/\s/g, "") : text);
    button.textContent = document.body.dataset.copied;
    setTimeout(() => (button.textContent = label), 2000);
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Pressed twice, a button sends its form once: the second answer would speak of what is done by then.
document.addEventListener("submit", (event) => {
  const { method, dataset } = event.target;
  if (method !== "post") return;
  if (dataset.sent) event.preventDefault();
  dataset.sent = "yes";
  setTimeout(() => delete dataset.sent, 2000);
});

for (const choice of document.querySelectorAll("select[data-submit]"))
  choice.addEventListener("change", () => choice.form.requestSubmit());

// A message is told once: Reload and bookmarks leave it out. Readers hear it when its text comes into the page.
const here = new URL(location.href);
if (here.searchParams.has("told")) {
  here.searchParams.delete("told");
  history.replaceState(null, "", here);
}
for (const note of document.querySelectorAll("p.note[role=status]")) {
  const text = note.textContent;
  note.textContent = "";
  setTimeout(() => (note.textContent = text), 50);
}

// A link's secret part stands behind the #, where no server sees it: it goes into the form, and out of the address.
const linked = document.querySelector("form[data-link]");
if (linked && location.hash.length > 1) {
  const field = linked.elements.namedItem(linked.dataset.link);
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  if (linked.dataset.link === "link") linked.requestSubmit();
  else field.closest(".field").hidden = true;
}

const live = document.querySelector("[data-live]");
if (live) {
  let since = 0;
  const timer = setInterval(async () => {
    // Not under somebody's hands, and not where nobody looks.
    if (document.hidden || live.contains(document.activeElement)) return;
    try {
      const headers = { "X-Dialward-Live": String(since) };
      const answer = await fetch(live.dataset.live, { redirect: "error", headers, cache: "no-store" });
      if (answer.status === 401) {
        clearInterval(timer);
        const told = Object.assign(document.createElement("p"), { className: "note bad" });
        told.setAttribute("role", "alert");
        told.textContent = document.body.dataset.out;
        live.prepend(told);
        return;
      }
      if (!answer.ok) return;
      since = Number(answer.headers.get("X-Dialward-Now"));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What has not changed comes as an empty row: the one that is shown stays.
      const shown = new Map([...live.querySelectorAll("tr[data-row]")].map((row) => [row.dataset.row, row]));
      for (const row of fresh.querySelectorAll("tr[data-row]")) {
        const old = row.children.length === 0 ? shown.get(row.dataset.row) : undefined;
        if (old) row.replaceWith(old);
      }
      localTimes(fresh);
      ages(fresh);
      live.replaceChildren(...fresh.body.childNodes);
    } catch {
      // the service is away: the list stays as it was
    }
  }, LIVE_MS);
}

// How far the server's clock is from this browser's, but for the time that the page took.
for (const one of document.querySelectorAll("[data-clock]")) {
  const off = Math.round((Date.parse(one.dataset.clock) - performance.timeOrigin - performance.now()) / 1000);
  one.textContent = Math.abs(off) <= 5 ? `(${one.dataset.same})` : `(${one.dataset.off} ${off} s)`;
}

localTimes(document);
ages(document);
