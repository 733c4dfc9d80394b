// The token as a page: it unlocks the vault, shows codes with a countdown, and works without a network.
import { loadCore, readSecret } from "./core.js";
import { canScan, readUri, scan } from "./uri.js";
import * as vaults from "./vault.js";
import { putWords, words } from "./words.js";

const MOTP_SHOWN_SECONDS = 30;
const TOTP_SECONDS = 30;
const LOCK_MS = 5 * 60_000;

const of = (id) => document.getElementById(id);
let code;
let vault;
let timer;
let idle;

function tell(problem) {
  of("note").textContent = problem ?? "";
  of("note").hidden = !problem;
}

/** Runs `action` on submit, and tells what goes wrong. */
function onSubmit(id, action) {
  of(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    tell();
    try {
      await action();
    } catch (error) {
      tell(error.message);
    }
  });
}

function lock() {
  vault = undefined;
  hideCode();
  of("made").hidden = true;
  of("made-secret").textContent = "";
  of("open").hidden = true;
  of("unlock").hidden = false;
  of("first").hidden = vaults.exists();
  of("passphrase").focus();
}

function hideCode() {
  clearInterval(timer);
  of("result").hidden = true;
  of("code").textContent = "";
}

function chosen() {
  return vault.entries.find((one) => one.name === of("entry").value);
}

function listEntries(name) {
  of("entry").replaceChildren(...vault.entries.map((one) => new Option(one.name, one.name)));
  if (name !== undefined) of("entry").value = name;
  of("show").hidden = vault.entries.length === 0;
  of("remove").hidden = vault.entries.length === 0;
  of("adding").open = vault.entries.length === 0;
  entryChanged();
}

function entryChanged() {
  hideCode();
  const motp = chosen()?.factor === "motp";
  of("pin-field").hidden = !motp;
  of("pin").required = motp;
  of("pin").value = "";
}

function showCode() {
  const entry = chosen();
  const now = Math.floor(Date.now() / 1000);
  const motp = entry.factor === "motp";
  of("code").textContent = code(entry, of("pin").value, now);
  of("pin").value = "";
  const shown = motp ? MOTP_SHOWN_SECONDS : TOTP_SECONDS;
  const end = motp ? now + shown : now - (now % shown) + shown;
  of("left").max = shown;
  of("result").hidden = false;
  clearInterval(timer);
  const tick = () => {
    const left = Math.max(0, Math.ceil(end - Date.now() / 1000));
    of("left").value = left;
    of("seconds").textContent = `${left} s`;
    if (left > 0) return;
    hideCode();
    if (!motp) showCode();
  };
  tick();
  timer = setInterval(tick, 500);
}

async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  button.textContent = words.copied;
  setTimeout(() => (button.textContent = words.copy), 2000);
}

onSubmit("unlock", async () => {
  const passphrase = of("passphrase").value;
  of("passphrase").value = "";
  vault = await vaults.open(passphrase);
  of("unlock").hidden = true;
  of("open").hidden = false;
  listEntries();
});
onSubmit("show", showCode);
onSubmit("add", async () => {
  const name = of("name").value.trim();
  const factor = of("factor").value;
  if (name === "" || vault.entries.some((one) => one.name === name)) throw new Error(words.otherName);
  const typed = of("secret").value;
  const secret = readSecret(factor, typed);
  code({ factor, secret }, "0000", 0); // the core refuses what is not right
  vault.entries.push({ name, factor, secret });
  await vault.save();
  of("add").reset();
  of("made").hidden = typed !== "";
  of("made-secret").textContent = typed === "" ? secret : "";
  listEntries(name);
});
/** Fills the form of a new token from what a QR code says. */
function takeUri(text) {
  const { name, factor, secret } = readUri(text);
  of("name").value = name;
  of("factor").value = factor;
  of("secret").value = secret;
  of("uri").value = "";
  of("add").querySelector("button").focus();
}

onSubmit("paste", () => takeUri(of("uri").value));
let scanning = false;
of("scan").hidden = !canScan();
of("scan").addEventListener("click", async () => {
  scanning = !scanning;
  of("video").hidden = !scanning;
  if (!scanning) return;
  tell();
  try {
    const text = await scan(of("video"), () => !scanning);
    if (text !== undefined) takeUri(text);
  } catch (error) {
    tell(error.message);
  }
  scanning = false;
  of("video").hidden = true;
});
of("copy-file").addEventListener("change", async () => {
  tell();
  try {
    const [file] = of("copy-file").files;
    if (!file || (vaults.exists() && !confirm(words.replace))) return;
    vaults.restore(await file.text());
    of("first").hidden = true;
    of("passphrase").focus();
  } catch (error) {
    tell(error.message);
  }
});
of("save").addEventListener("click", () => {
  // Sealed as it is kept: without the passphrase it tells nothing.
  of("save").href = `data:application/json,${encodeURIComponent(vaults.copy())}`;
});
of("entry").addEventListener("change", entryChanged);
of("copy").addEventListener("click", () => copy(of("code").textContent, of("copy")));
of("copy-secret").addEventListener("click", () => copy(of("made-secret").textContent, of("copy-secret")));
of("lock").addEventListener("click", lock);
of("remove").addEventListener("click", async () => {
  const entry = chosen();
  if (!entry || !confirm(words.removeIt(entry.name))) return;
  vault.entries.splice(vault.entries.indexOf(entry), 1);
  await vault.save();
  listEntries();
});
// Left alone, it locks itself.
for (const event of ["pointerdown", "keydown"]) {
  addEventListener(event, () => {
    clearTimeout(idle);
    idle = setTimeout(() => vault && lock(), LOCK_MS);
  });
}

/** Keeps the page for use without a network, and says where the browser does not. */
async function keepOffline() {
  try {
    await navigator.serviceWorker.register("worker.js");
    await navigator.serviceWorker.ready;
    of("offline").textContent = words.offline;
  } catch {
    of("offline").textContent = words.notOffline;
  }
}

putWords(document);
try {
  if (!globalThis.crypto?.subtle) throw new Error(words.insecure);
  code = await loadCore("core.wasm");
  void keepOffline();
  lock();
} catch (error) {
  tell(error.message);
}
