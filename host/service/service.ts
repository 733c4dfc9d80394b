// Opens what every door needs, in order: the core, the store, the sealing keys, admission.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Administrator } from "../admin/account.ts";
import { systemClock } from "../core/clock.ts";
import { ClockWatch } from "../admission/clock-watch.ts";
import { Callers } from "../admission/caller.ts";
import { Admission, type AdmissionOptions } from "../admission/admission.ts";
import { Audit } from "../log/audit.ts";
import type { Config } from "../config/config.ts";
import { giveToFolderOwner } from "../config/private-file.ts";
import { Core } from "../core/core.ts";
import { LoginCounts } from "../store/login-counts.ts";
import { Journal } from "../store/login-history.ts";
import { actor, Changes } from "../store/changes.ts";
import type { LoginLog } from "../log/log.ts";
import type { LoginSink } from "../log/login-event.ts";
import { SettingsFile } from "../admin/settings.ts";
import { openStore } from "../store/open.ts";
import type { Sealer } from "../store/seal.ts";
import { DialwardError } from "../errors.ts";
import { DataFolder } from "../store/data-folder.ts";
import type { Store } from "../store/store.ts";
import { entitledFindings } from "../admission/entitled-findings.ts";
import { Entitlements } from "../admission/entitlement.ts";
import { readDirectory, type DirectoryOptions } from "../config/config.ts";
import type { Directory } from "../directory/directory.ts";
import { Groups } from "../groups/groups.ts";
import { silentClients, type ClientReport } from "../radius/client-report.ts";
import { endSession } from "./end-session.ts";
import { openSealer, sealedDocument } from "./open-sealer.ts";
import type { UserChange } from "../users/entries.ts";
import { EnrolLinks } from "../users/enrol-links.ts";
import { Invitations } from "../users/invitations.ts";
import { UserIndex } from "../users/user-index.ts";
import { Users } from "../users/users.ts";

export interface Service {
  core: Core;
  /** Nobody else has it open. */
  folder: DataFolder;
  sealer: Sealer;
  store: Store;
  admission: Admission;
  callers: Callers;
  users: Users;
  groups: Groups;
  /** The same with another name in the audit log for who makes changes. */
  usersFor(by: string): Users;
  /** How many logins there were. */
  counts: LoginCounts;
  /** Who changed what. */
  changes: Changes;
  /** The users as the pages list them. */
  index: UserIndex;
  journal: Journal;
  /** Links by which users enrol themselves. */
  links: EnrolLinks;
  settings: SettingsFile;
  /** Where [log] audit names a file. */
  audit: Audit | undefined;
  /** What has been seen of the RADIUS clients, where the door is open; set by whoever opens it. */
  clients: { seen?: () => ClientReport[] };
  administrator(): Administrator;
  /** Finishes what has begun, then closes the store. */
  close(): Promise<void>;
}

export interface ServiceOptions extends Pick<AdmissionOptions, "note" | "noted" | "sources"> {
  /** Who makes changes, as the audit log names it. */
  by?: string;
  /** Makes what is missing: the folder, the store, the keys. */
  create?: boolean;
  /** Hears that the store has failed and cannot be opened again: the process had better end. */
  lost?: (error: unknown) => void;
}

/**
 * Opens the service on `config.data`; `warn` is told what an administrator should mend. `note` and `noted` hear of
 * verdicts as admission tells them.
 */
export async function openService(
  config: Config,
  log: LoginLog,
  warn: (message: string) => void,
  options: ServiceOptions = {},
): Promise<Service> {
  const core = Core.load();
  const { create = false, lost } = options;
  const folder = await DataFolder.open(config.data, { create, ...(lost && { lost }) });
  let store: Store | undefined;
  try {
    store = await openStore(config, folder, { log, warn, create });
    const sealer = await openSealer(config.data, store, create, warn);
    const journal = await Journal.open(folder);
    const opened = store;
    const file = config.log.audit === undefined ? undefined : resolve(config.folder, config.log.audit);
    const isNew = file !== undefined && !existsSync(file);
    const by = options.by ?? `command line, uid ${process.getuid?.()}`;
    const audit = file === undefined ? undefined : new Audit(file, by, log);
    if (isNew) giveToFolderOwner(file);
    const note: LoginSink = (event) => {
      journal.note(event);
      audit?.note(event);
      index.noteVerdict(event);
      counts.note(event);
      options.note?.(event);
    };
    const noted: AdmissionOptions["noted"] = (verdicts, commitSeconds) => {
      audit?.flush();
      options.noted?.(verdicts, commitSeconds);
    };
    const { sources } = options;
    const changes = new Changes(config.data, log, audit);
    const counts = new LoginCounts(config.data);
    const callers = new Callers();
    const clockWatch = new ClockWatch((moved) =>
      log.warn({ moved }, `this machine's clock has moved by about ${moved} s, as many users' devices tell`),
    );
    const clock = { ...systemClock, moved: () => clockWatch.moved };
    const groups = new Groups(sealedDocument(store, sealer, "groups"), (action, name) => {
      changes.note(action, name, actor() ?? options.by ?? "command line");
    });
    const entitlements = new Entitlements({
      groups,
      sessions: () => opened.sessions(),
      directory: config.directory !== undefined,
      members: (group) => index.members(group),
      end: (session) =>
        void endSession(session.id, opened, config, warn).then(
          ({ outcome, text }) => log.info({ user: session.user, nas: session.nas, outcome }, text),
          (error: unknown) => log.error({ user: session.user, err: error }, "a session could not be ended"),
        ),
    });
    const links = new EnrolLinks(config.data);
    const { enrolAtLogin, enrolUrl } = config.web;
    const invitations =
      enrolAtLogin && enrolUrl ? new Invitations(links, enrolUrl, config.service.name) : undefined;
    const directory = await openDirectory(readDirectory(config, warn));
    const admission = new Admission(core, store, sealer, {
      log,
      note,
      noted,
      callers,
      clockWatch,
      entitlements,
      ...(directory && { directory }),
      ...(invitations && { invite: (user: string) => invitations.invite(user) }),
      ...(sources && { sources }),
    });
    const issuer = config.service.name;
    const clients: Service["clients"] = {};
    const looked = { groups, entitlements, directory, silent: () => silentClients(opened, clients.seen?.()) };
    const usersFor = (by?: string): Users =>
      new Users(
        core,
        opened,
        sealer,
        clock,
        (action, names, count) => {
          const who = by ?? actor() ?? options.by ?? "command line";
          let one = "";
          for (const name of names) {
            one = name;
            audit?.change(action, name, who);
            index.noteChange(name);
          }
          changes.note(action, count === 1 ? one : `${count} users`, who, []);
          if (ENDS_LINKS.has(action)) links.withdraw(one);
        },
        issuer,
        (profile, now) => entitledFindings(looked, profile, now),
      );
    const users = usersFor();
    const index = new UserIndex(users, (name) => journal.lastLogin(name), { shared: store.shared });
    const settings = new SettingsFile(config.data);
    const administrator = await Administrator.open(folder, core, sealer, settings, log, {
      audit,
      create,
      issuer,
    });
    const close = async (): Promise<void> => {
      await admission.close();
      await administrator.close();
      counts.save();
      await journal.close();
      await opened.close();
      await folder.close();
      audit?.close();
    };
    return {
      ...{
        core,
        folder,
        sealer,
        store,
        admission,
        callers,
        users,
        groups,
        usersFor,
        index,
        changes,
        counts,
        journal,
        links,
        settings,
        audit,
        clients,
        close,
      },
      administrator: () => administrator,
    };
  } catch (error) {
    await store?.close();
    await folder.close();
    throw error;
  }
}

/** After these a link that is open would be for another user of that name, or put back what was replaced. */
const ENDS_LINKS: ReadonlySet<UserChange> = new Set(["user removed", "user replaced"]);

/** Removes a group that no user is in. Throws DialwardError("refused") that names one who is, or ("not-found"). */
export async function removeGroup(
  { groups, index }: Pick<Service, "groups" | "index">,
  group: string,
): Promise<void> {
  const [member] = (await index.byGroup()).get(group) ?? [];
  if (member !== undefined)
    throw new DialwardError("refused", `"${member}" is in the group "${group}". Take it out first.`);
  await groups.remove(group);
}

/** Loaded only where it is used. */
async function openDirectory(options: DirectoryOptions | undefined): Promise<Directory | undefined> {
  if (options === undefined) return undefined;
  if (options.kind === "ldap") return (await import("../directory/ldap.ts")).ldapDirectory(options);
  const [{ upstreamDirectory }, { readEndpoint }] = await Promise.all([
    import("../radius/client/upstream.ts"),
    import("../config/endpoint.ts"),
  ]);
  return upstreamDirectory({ ...options, server: await readEndpoint(options.server, "directory.radius") });
}
