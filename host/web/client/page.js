// What the pages do in the browser: copy, print, times in the local zone, and the live list. All works without it too.

const LIVE_MS = 3000;

function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const date = new Date(time.dateTime);
    const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
    const day = date.toLocaleDateString(undefined, { day: "numeric", month: "short", year });
    time.textContent = `${day}, ${date.toLocaleTimeString(undefined, { hourCycle: "h23" })}`;
    time.title = date.toISOString();
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const { copy } = button.dataset;
    const text = document.getElementById(copy).textContent.trim();
    await navigator.clipboard.writeText(copy === "secret" ? text.replace(/\s/g, "") : text);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

const live = document.querySelector("[data-live]");
if (live) {
  setInterval(async () => {
    // Not under somebody's hands, and not where nobody looks.
    if (document.hidden || live.contains(document.activeElement)) return;
    try {
      const answer = await fetch(live.dataset.live, { redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      localTimes(fresh);
      live.replaceChildren(...fresh.body.childNodes);
    } catch {
      // the service is away, or the session has ended: the list stays as it was
    }
  }, LIVE_MS);
}

localTimes(document);
