// What every page has at hand: the service, the request's origin, the session, and how forms are read.
import { createHmac, randomBytes } from "node:crypto";
import type { Context } from "hono";
import type { Administrator } from "../admin/account.ts";
import type { Zone } from "../admin/administrator-login.ts";
import type { Settings } from "../admin/settings.ts";
import type { Config } from "../config/config.ts";
import type { Group } from "../groups/group.ts";
import type { OpenedBackup } from "../service/restore.ts";
import type { Service } from "../service/service.ts";
import type { Profile } from "../users/profile.ts";
import type { Drafts } from "./drafts.ts";
import type { EnrolLinks } from "../users/enrol-links.ts";
import type { Enrollings } from "./enrolling.ts";
import type { Form } from "./form.ts";
import type { KeptForms } from "./kept-forms.ts";
import type { Tls } from "./listener.ts";
import type { SendMail } from "./mail.ts";
import type { PlannedImports } from "./planned-imports.ts";
import type { WebSession, WebSessions } from "./session.ts";
import type { Words } from "./words.ts";

export interface Pages extends Pick<
  Service,
  "admission" | "store" | "users" | "groups" | "index" | "changes" | "counts" | "journal" | "settings"
> {
  config: Config;
  administrator: Administrator;
  sessions: WebSessions;
  drafts: Drafts;
  forms: KeptForms;
  /** The page of each form, by the path that takes it. */
  formPages: Map<string, (form: Form) => string>;
  links: EnrolLinks;
  enrollings: Enrollings;
  /** Where users open their links, where that is an address of its own. */
  enrolAt: () => string | undefined;
  /** Where a mail server is configured. */
  mail?: SendMail | undefined;
  /** The names that the pages go by, beside this machine's. */
  names: () => readonly string[];
  /** Typed in to choose the first password: only who can read the terminal or the data folder has it. */
  setupCode: string;
  version: string;
  /** Milliseconds since 1970. */
  started: number;
  /** Where the pages are, as a browser opens them. */
  listening: () => string[];
  /** Listens there too, and where it did before no more; returns where that is. Throws DialwardError("config"). */
  listenAlso: (endpoint: string | undefined) => Promise<string | undefined>;
  /** The certificate of the pages, where they have one. */
  certificate: () => (Tls & { made: boolean }) | undefined;
  /** Takes a certificate that was changed. */
  renew: () => void;
  /** Puts into force what was changed: RADIUS clients, the log's level, proxies and path. */
  apply: () => void;
  /** Where RADIUS is answered. */
  radius: {
    /** HOST:PORT of each socket for logins. */
    endpoints: () => readonly string[];
    /** The configuration file says it: nothing is chosen here. */
    inFile: boolean;
    everywhere: () => boolean;
    /** On all addresses of this machine, or on its own alone. Throws DialwardError("config"), and stays as it was. */
    listen: (everywhere: boolean) => Promise<void>;
  };
  backup: (passphrase: string) => { pieces: AsyncIterable<Buffer>; users(): number };
  /** Opens a backup, to be put back. Throws DialwardError. */
  openBackup: (file: Buffer, passphrase: string) => Promise<OpenedBackup>;
  /** Files whose plan is being looked at. */
  imports: PlannedImports;
  /** This server's address, as a VPN daemon reaches it. */
  reachedAt: (c: PageContext) => string;
  warn: (message: string) => void;
}

export interface PageEnv {
  Variables: {
    address: string;
    zone: Zone;
    session: WebSession;
    form: Form;
    /** The token of this page's forms, masked. */
    masked: string | undefined;
    complete: boolean;
    words: Words;
    /** How this installation is called. */
    service: string;
    /** The path under which a proxy serves the pages, where the request came through one. */
    base: string;
    /** The administrator may unlock, ask the doctor and give links, and nothing else. */
    helpdesk: boolean;
    /** The browser came over TLS: cookies are for TLS alone. */
    secure: boolean;
    /** This machine's clock can be believed. */
    clockSet: boolean;
  };
}
export type PageContext = Context<PageEnv>;

/** Goes on to another page, where `text` is told: under an id of its own, so that no other tab takes it. */
export function goTo(c: PageContext, path: string, kind: "good" | "bad" = "good", text?: string): Response {
  if (text === undefined) return c.redirect(path, 303);
  const id = c.get("session").tell(kind, text);
  return c.redirect(`${path}${path.includes("?") ? "&" : "?"}told=${id}`, 303);
}

const REVISION_KEY = randomBytes(32);

/** Names what a form shows of a profile, a group or settings; another one where anything of it was changed. It tells nothing of a secret. */
export function revisionOf(shown: Partial<Profile> | Group | Partial<Settings>): string {
  const { recovery: _recovery, driftBound: _driftBound, ...rest } = shown as Partial<Profile>;
  return createHmac("sha256", REVISION_KEY).update(JSON.stringify(rest)).digest("base64url").slice(0, 22);
}
