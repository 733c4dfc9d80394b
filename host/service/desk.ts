// What commands and other programs ask of a service, each as a function of plain data: the running service answers
// through its control socket, and where none runs, the command opens the folder and calls the same functions.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../admin/settings.ts";
import type { Config } from "../config/config.ts";
import type { DialInType, Verdict } from "../core/dial-in.ts";
import { DialwardError } from "../errors.ts";
import { takeDigest, type Contents } from "../store/copy.ts";
import { addKey, rotateKeys } from "../store/rotate.ts";
import { environmentKeys, KEY_FILE } from "../store/seal.ts";
import type { Group } from "../groups/group.ts";
import type { Finding } from "../users/findings.ts";
import { listConfigured, type ClientReport } from "../radius/client-report.ts";
import type { Draft } from "../users/draft-profile.ts";
import type { BadRow } from "../users/import-users.ts";
import type { ProfileChanges } from "../users/users.ts";
import { makeBackup } from "./backup.ts";
import { actAs } from "../store/changes.ts";
import { endSession } from "./end-session.ts";
import { removeGroup, type Service } from "./service.ts";

/** Codes that are being enrolled for the administrator at the same time. */
const DRAFTS = 8;
const SAME_EXPORT_MS = 60_000;

export type Desk = ReturnType<typeof makeDesk>;

/** The functions by room. `warn` is told what an administrator should mend; `by` stands in the audit log. */
export function makeDesk(service: Service, config: Config, warn: (message: string) => void, by: string) {
  const { store, sealer, admission, journal, settings, folder } = service;
  const users = service.usersFor(by);
  /** What is changed here and told by nothing else. */
  const note = (action: string, what = ""): void => service.changes.note(action, what, by);
  const drafts = new Map<string, Draft>();
  let exported = { key: "", time: -Infinity };
  return {
    users: {
      add: (user: unknown) => users.add(user),
      /** What is wrong with each row; null where it could be added now. */
      check: async (rows: readonly unknown[]): Promise<(string | null)[]> =>
        (await users.check(rows)).map((wrong) => wrong ?? null),
      import: (
        rows: Iterable<unknown> | AsyncIterable<unknown>,
        onProgress?: (checked: number) => void,
      ): Promise<BadRow[]> => users.import(rows, onProgress),
      export: (names: string[]) => {
        // Users are read twice, for what a format cannot hold and to be written: that is one export.
        const key = names.join("\0");
        if (key !== exported.key || Date.now() - exported.time > SAME_EXPORT_MS)
          note("users exported", names.length > 1 ? String(names.length) : (names[0] ?? ""));
        exported = { key, time: Date.now() };
        return users.export(names);
      },
      get: (name: string) => users.get(name),
      list: () => users.list(),
      setEnabled: (name: string, enabled: boolean) => users.setEnabled(name, enabled),
      edit: (name: string, changes: ProfileChanges) => users.edit(name, changes),
      unlock: (name: string) => users.unlock(name),
      remove: (name: string) => users.remove(name),
      verify: (name: string, code: string) => users.help.verify(name, code, admission),
      diagnose: (name: string, code: string, type?: DialInType) => users.help.diagnose(name, code, type),
      resync: (name: string, codes: [string, string]) => users.help.resync(name, codes),
      recoveryCodes: async (name: string, renew: boolean) => {
        const codes = await users.help.recoveryCodes(name, renew);
        if (!renew) note("recovery codes shown", name);
        return codes;
      },
    },
    groups: {
      list: async (): Promise<Group[]> => [...(await service.groups.all()).values()],
      save: (group: unknown): Promise<Group> => actAs(by, () => service.groups.save(group)),
      /** Refused while a user has it: what it forbids must not be forgotten. */
      remove: (group: string): Promise<void> => actAs(by, () => removeGroup(service, group)),
    },
    administrator: {
      show: async () => {
        const account = service.administrator();
        return { name: account.name, enrolled: await account.enrolled() };
      },
      setPassword: async (name: string, password: string): Promise<void> => {
        const isNew = service.administrator().roleOf(name) === undefined;
        await service.administrator().setPassword(name, password);
        note(isNew ? "administrator added" : "password changed", name);
      },
      unlock: async (): Promise<void> => {
        await service.administrator().unlock();
        note("administrators unlocked");
      },
      /** Shows a new secret; `finishCode` with a right code of it saves it. */
      beginCode: async () => {
        const { draft, uri } = await service.administrator().draftCode();
        const id = randomBytes(16).toString("hex");
        drafts.set(id, draft);
        if (drafts.size > DRAFTS) drafts.delete(drafts.keys().next().value!);
        return { id, secret: draft.profile.secret, uri };
      },
      finishCode: async (
        id: string,
        code: string,
      ): Promise<Pick<Verdict, "outcome" | "reason"> & { findings: Finding[] }> => {
        const draft = drafts.get(id);
        if (!draft) throw new DialwardError("not-found", "This enrolment is over. Begin anew.");
        const { outcome, reason } = draft.verify(code);
        if (outcome !== "accept") return { outcome, reason, findings: await draft.diagnose(code) };
        drafts.delete(id);
        await service.administrator().saveCode(draft);
        note("code enrolled", service.administrator().name);
        return { outcome, reason, findings: [] };
      },
    },
    settings: {
      read: async (): Promise<Settings> => settings.read(),
      /** Puts `after` in place of `before`; throws DialwardError("conflict") where the settings are others by now. */
      replace: async (before: Settings, after: Settings): Promise<Settings> => {
        const changed = settings.change((now) => {
          if (JSON.stringify(now) !== JSON.stringify(before))
            throw new DialwardError("conflict", "The settings were changed just now. Try again.");
          return after;
        });
        const differs = (key: keyof Settings): boolean =>
          JSON.stringify(changed[key]) !== JSON.stringify(before[key]);
        if (differs("management")) note("management changed", changed.management.enabled ? "on" : "off");
        if (differs("lan") || differs("advanced")) note("access changed", changed.lan.join(", "));
        return changed;
      },
    },
    log: {
      latest: (count: number, user?: string) => journal.latest(count, user),
    },
    sessions: {
      list: () => store.sessions(),
      end: async (id: string): Promise<{ outcome: string; text: string }> => {
        const { user, ...told } = await endSession(id, store, config, warn);
        note("connection ended", user);
        return told;
      },
    },
    clients: {
      /** The RADIUS clients; where a service runs, with what it has seen of them. */
      list: async (): Promise<{ running: boolean; clients: ClientReport[] }> => ({
        running: service.clients.seen !== undefined,
        clients: service.clients.seen?.() ?? listConfigured(config.radius.clients),
      }),
    },
    keys: {
      rotate: async (): Promise<{ sealed: number }> => {
        // Before the keys go that it may still be sealed with, from a rotation that was cut short.
        await service.groups.reseal();
        const stores = [store, service.administrator().store];
        const sealed = await rotateKeys(findKeyFile(folder.path), stores, sealer);
        note("keys rotated");
        return { sealed };
      },
      add: async (): Promise<{ file: string }> => {
        const file = findKeyFile(folder.path);
        addKey(file);
        note("key added");
        return { file };
      },
    },
    store: {
      /** A backup, sealed: by a passphrase with the keys, or without them by a key that they make. Its pieces, then its users. */
      backup: async function* (
        passphrase?: string,
      ): AsyncGenerator<{ base64?: string; users?: number }, void> {
        const { pieces, users: counted } = makeBackup(service, passphrase);
        for await (const piece of pieces) yield { base64: piece.toString("base64") };
        note("backup taken", String(counted()));
        yield { users: counted() };
      },
      digest: (): Promise<Contents> => takeDigest(store),
      /** Users that are refused because what was spent may have been lost. */
      check: async (): Promise<{ damaged: string[] }> => ({ damaged: await users.losses.damaged() }),
      acceptLoss: async (name: string, counter?: number): Promise<{ seconds: number }> => ({
        seconds: await users.losses.accept(name, counter),
      }),
    },
  };
}

function findKeyFile(folder: string): string {
  if (environmentKeys())
    throw new DialwardError(
      "usage",
      "The keys come from DIALWARD_KEY and cannot be changed there; keep them in the data folder.",
    );
  const file = join(folder, KEY_FILE);
  if (!existsSync(file)) throw new DialwardError("not-found", `There is no key in ${folder}.`);
  return file;
}
