// The pages as one function from request to answer, on a store in memory: for tests of what a browser cannot send.
import { Readable } from "node:stream";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Administrator } from "../../host/admin/account.ts";
import { SettingsFile } from "../../host/admin/settings.ts";
import { Admission } from "../../host/admission/admission.ts";
import { loadConfig } from "../../host/config/config.ts";
import { Core } from "../../host/core/core.ts";
import { Changes } from "../../host/store/changes.ts";
import { silentLog } from "../../host/log/log.ts";
import { Groups } from "../../host/groups/groups.ts";
import { DataFolder } from "../../host/store/data-folder.ts";
import { LoginCounts } from "../../host/store/login-counts.ts";
import { Journal } from "../../host/store/login-history.ts";
import { Sealer } from "../../host/store/seal.ts";
import { EnrolLinks } from "../../host/users/enrol-links.ts";
import { UserIndex } from "../../host/users/user-index.ts";
import { Users } from "../../host/users/users.ts";
import type { Pages } from "../../host/web/context.ts";
import { Drafts } from "../../host/web/drafts.ts";
import { Enrollings } from "../../host/web/enrolling.ts";
import { KeptForms } from "../../host/web/kept-forms.ts";
import { PlannedImports } from "../../host/web/planned-imports.ts";
import { openForService } from "../../host/service/restore.ts";
import { createApp } from "../../host/web/server.ts";
import { WebSessions } from "../../host/web/session.ts";
import { MemoryStore } from "../store/memory-store.ts";

export const PASSWORD = "correct horse battery";

/** How a request comes. */
interface Asked {
  scheme?: string;
  from?: string;
  headers?: Record<string, string>;
  httpVersion?: string;
}

/** Pages with an administrator "admin"; `now` moves the sessions' clock. */
export async function openPages(more: Partial<Pages> = {}, web: object = {}, name = "Dialward") {
  const data = mkdtempSync(join(tmpdir(), "dialward-pages-"));
  const now = { seconds: 1_800_000_000 };
  const [core, store, sealer] = [Core.load(), new MemoryStore(), new Sealer([Buffer.alloc(32, 9)])];
  const users = new Users(core, store, sealer);
  const groups = new Groups({
    read: () => store.document("groups"),
    write: (document) => store.saveDocument("groups", document),
  });
  const folder = await DataFolder.open(data, { create: true });
  const journal = await Journal.open(folder);
  const settings = new SettingsFile(data);
  const administrator = await Administrator.open(folder, core, sealer, settings, silentLog, {
    cost: 1024,
    create: true,
  });
  const config = loadConfig(undefined, data);
  const pages: Pages = {
    ...{ store, users, groups, journal, settings, administrator, setupCode: "0000", warn: () => {} },
    config: { ...config, service: { name }, web: { ...config.web, ...web } },
    admission: new Admission(core, store, sealer),
    changes: new Changes(data, silentLog),
    counts: new LoginCounts(data),
    index: new UserIndex(users, () => undefined),
    sessions: new WebSessions(
      () => settings.read().accounts,
      () => now.seconds,
    ),
    drafts: new Drafts(),
    forms: new KeptForms(),
    formPages: new Map(),
    links: new EnrolLinks(data, () => now.seconds),
    enrollings: new Enrollings(),
    enrolAt: () => undefined,
    version: "test",
    started: Date.now(),
    listening: () => ["http://127.0.0.1:8080/"],
    listenAlso: async (endpoint) => endpoint && `https://${endpoint}/`,
    certificate: () => undefined,
    renew: () => {},
    apply: () => {},
    radius: {
      endpoints: () => ["127.0.0.1:1812"],
      inFile: false,
      everywhere: () => false,
      listen: async () => {},
    },
    backup: () => ({ pieces: Readable.from([]), users: () => 0 }),
    openBackup: (file, passphrase) => {
      const here = { core, users, sealer, groups, settings, administrator: () => administrator };
      return openForService(here, data, file, passphrase);
    },
    imports: new PlannedImports(),
    reachedAt: () => "192.0.2.1",
    names: () => [],
    ...more,
  };
  const app = createApp(pages, silentLog);
  let cookie = "";
  /** Sends a request from `from`; a body makes it a form, with files where it is FormData. */
  const ask = async (path: string, form?: Record<string, string> | FormData, given: Asked = {}) => {
    const { from = "127.0.0.1", headers = {}, httpVersion = "1.1", scheme = "http" } = given;
    const init = {
      method: form ? "POST" : "GET",
      headers: { host: "127.0.0.1:8080", cookie, ...headers },
      ...(form && { body: form instanceof FormData ? form : new URLSearchParams(form) }),
    };
    const socket = { remoteAddress: from, remotePort: 1, remoteFamily: from.includes(":") ? "IPv6" : "IPv4" };
    const answer = await app.request(`${scheme}://127.0.0.1:8080${path}`, init, {
      incoming: { socket, httpVersion },
    });
    const cookies = answer.headers.getSetCookie().map((one) => one.split(";")[0]!);
    if (cookies.length > 0) cookie = cookies.join("; ");
    const bytes = Buffer.from(await answer.arrayBuffer());
    return {
      status: answer.status,
      headers: answer.headers,
      location: answer.headers.get("location") ?? "",
      bytes,
      text: bytes.toString(),
    };
  };
  /** Logs in, and returns the CSRF token of the page after it. */
  const logIn = async (name = "admin"): Promise<string> => {
    await ask("/login", { name, password: PASSWORD });
    return csrfOf((await ask("/administrator")).text);
  };
  await administrator.setPassword("admin", PASSWORD);
  const close = async (): Promise<void> => {
    await administrator.close();
    await journal.close();
    await folder.close();
  };
  return { ...pages, pages, ask, logIn, now, close };
}

export function csrfOf(page: string): string {
  return /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
}

/** The revision that the form at `action` names. */
export function revisionIn(page: string, action: string): string {
  const form = page.slice(page.indexOf(`action="${action}"`));
  return /name="revision" value="([^"]+)"/.exec(form)?.[1] ?? "";
}
