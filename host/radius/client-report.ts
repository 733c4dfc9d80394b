// What has been seen of each RADIUS client since the service began: whether it signs, whether it sends accounting, and
// what its calling stations are. For `dialward clients`.
import type { Callers, StationJudgement, StationSetting } from "../admission/caller.ts";
import type { Store } from "../store/store.ts";
import type { NasTable } from "./nas-table.ts";

export interface ClientReport {
  name: string;
  /** The address that was heard, or what the configuration says where none was. */
  address: string;
  /** Milliseconds since 1970; undefined where nothing came. */
  lastPacket?: number | undefined;
  /** Whether its logins carry a Message-Authenticator. */
  messageAuthenticator?: "always" | "never" | "sometimes" | undefined;
  /** What its calling stations are, as learned, and whether that is set instead. */
  station?: StationJudgement | undefined;
  stationSetting: StationSetting;
  accounting: boolean;
}

/** The NAS that have sent logins, and no accounting: no session of theirs is known, so that no limit of logins holds there. */
export async function silentClients(
  store: Pick<Store, "sessions">,
  seen: readonly ClientReport[] = [],
): Promise<string[]> {
  const told = new Set((await store.sessions()).map(({ nas }) => nas));
  return seen.flatMap(({ name, accounting, messageAuthenticator }) =>
    messageAuthenticator !== undefined && !accounting && !told.has(name) ? [name] : [],
  );
}

/** The clients of a configuration, of which nothing has been seen. */
export function listConfigured(
  clients: readonly { name?: string | undefined; address: string; station?: StationSetting | undefined }[],
): ClientReport[] {
  return clients.map(({ name, address, station = "auto" }) => {
    return { name: name ?? address, address, stationSetting: station, accounting: false };
  });
}

/** The clients of a door in the order of their prefixes, longest first. */
export function listClients(table: NasTable, callers: Callers): ClientReport[] {
  return Array.from(table.list(), ({ nas, known }) => {
    if (known === undefined) return listConfigured([nas])[0]!;
    const stationSetting = nas.station ?? "auto";
    const { last, signed, unsigned, accounting } = known.heard;
    const messageAuthenticator =
      signed && unsigned ? "sometimes" : signed ? "always" : unsigned ? "never" : undefined;
    return {
      name: known.name,
      address: known.address,
      lastPacket: last || undefined,
      messageAuthenticator,
      station: callers.judgement(known.name),
      stationSetting,
      accounting,
    };
  });
}
