// Who is connected through OpenVPN: kept from its events, put right from its status, ended by client-kill.
// Source: OpenVPN's doc/management-notes.txt (ESTABLISHED, DISCONNECT, "status 3", client-kill).

import type { Session, Store } from "../store/store.ts";
import type { ClientEvent } from "./parse.ts";

/** Where the sessions are kept. */
export type SessionStore = Pick<Store, "saveSession" | "dropSession" | "sessions">;

/** Most tokens remembered as ended. */
const ENDED = 10_000;

/** Keeps the sessions of one OpenVPN in the store. One call at a time: the caller awaits each. */
export class OpenvpnSessions {
  readonly #name: string;
  readonly #store: SessionStore;
  /** Client ids whose session was put into the store since the connection stands. */
  readonly #known = new Set<string>();
  #columns: string[] = [];
  #rows: Map<string, string>[] = [];
  #asked = new Set<string>();
  /** Client ids that were told to end and are still there. */
  readonly #ending = new Set<string>();
  /** The session id that OpenVPN's token brings back with a client, by client id; and those that were ended. */
  readonly #tokens = new Map<string, string>();
  readonly #ended = new Set<string>();

  constructor(name: string, store: SessionStore) {
    this.#name = name;
    this.#store = store;
  }

  /** ESTABLISHED and DISCONNECT; resolves to the commands to send. */
  async follow({ event, cid, env }: ClientEvent): Promise<string[]> {
    if (event === "DISCONNECT") {
      const token = this.#tokens.get(cid);
      const known = this.#known.has(cid);
      for (const ids of [this.#known, this.#ending, this.#tokens]) ids.delete(cid);
      const session = await this.#store.dropSession(this.#id(cid));
      // Taken out of the store, but gone before it was told to end; it may be back already.
      if (known && session === undefined && token !== undefined) return this.#endToken(token);
    } else if (event === "ESTABLISHED") {
      const token = env.get("session_id");
      if (token !== undefined) this.#tokens.set(cid, token);
      // It was out of reach when it was told to end, and OpenVPN let it in by its token.
      if (token !== undefined && this.#ended.has(token)) return this.#end(cid);
      const user = env.get("username") ?? env.get("common_name") ?? "";
      await this.#save(cid, user, seconds(), {
        callingStation: env.get("trusted_ip") ?? env.get("trusted_ip6"),
        framedAddress: env.get("ifconfig_pool_remote_ip"),
      });
    }
    return [];
  }

  /** The commands that tell those to end once more who were told and are still there. */
  repeat(): string[] {
    return Array.from(this.#ending, kill);
  }

  /** Call when `status 3` is sent: what is established later is not in its answer. */
  ask(): void {
    this.#rows = [];
    this.#asked = new Set(this.#known);
  }

  /** A line of the answer to `status 3`; resolves to the commands to send when it was the last. */
  async readStatus(line: string): Promise<string[]> {
    const [kind, ...fields] = line.split("\t");
    if (kind === "HEADER" && fields[0] === "CLIENT_LIST") this.#columns = fields.slice(1);
    else if (kind === "CLIENT_LIST")
      this.#rows.push(new Map(this.#columns.map((name, i) => [name, fields[i] ?? ""])));
    else if (kind === "END") return this.#putRight();
    return [];
  }

  /** Nothing is known of the connection that was lost; the next status puts the store right. */
  forget(): void {
    for (const ids of [this.#known, this.#ending, this.#tokens]) ids.clear();
    this.#rows = [];
  }

  async #putRight(): Promise<string[]> {
    const stored = new Map(
      (await this.#store.sessions()).filter(({ nas }) => nas === this.#name).map((one) => [one.id, one]),
    );
    const commands = new Set<string>();
    for (const row of this.#rows) {
      const cid = row.get("Client ID") ?? "";
      const user = row.get("Username") ?? "";
      if (!/^\d{1,20}$/.test(cid) || user === "" || user === "UNDEF") continue;
      // Listed with a name, but without an address: it has not logged in, or was refused and lingers.
      const address = row.get("Virtual Address") || row.get("Virtual IPv6 Address");
      if (!address && !this.#known.has(cid)) continue;
      const session = stored.get(this.#id(cid));
      stored.delete(this.#id(cid));
      // Taken out of the store by `sessions --disconnect`, now or before.
      if ((session === undefined && this.#asked.has(cid)) || this.#ending.has(cid)) {
        for (const command of await this.#end(cid)) commands.add(command);
        continue;
      }
      await this.#save(cid, user, Number(row.get("Connected Since (time_t)")) || seconds(), {
        callingStation: row.get("Real Address")?.replace(/:\d+$/, ""),
        framedAddress: address,
        bytesIn: Number(row.get("Bytes Received")) || 0,
        bytesOut: Number(row.get("Bytes Sent")) || 0,
      });
    }
    for (const { id, acctSessionId } of stored.values()) {
      if (this.#known.has(acctSessionId) && !this.#asked.has(acctSessionId)) continue;
      this.#known.delete(acctSessionId);
      await this.#store.dropSession(id);
    }
    this.#rows = [];
    return [...commands];
  }

  /** The commands that end a connection, and those that came back with the same token. */
  async #end(cid: string): Promise<string[]> {
    const token = this.#tokens.get(cid);
    if (token !== undefined) return this.#endToken(token);
    this.#known.delete(cid);
    this.#ending.add(cid);
    return [kill(cid)];
  }

  async #endToken(token: string): Promise<string[]> {
    this.#ended.add(token);
    if (this.#ended.size > ENDED) this.#ended.delete(this.#ended.values().next().value!);
    const cids = [...this.#tokens].flatMap(([cid, its]) => (its === token ? [cid] : []));
    for (const cid of cids) {
      this.#known.delete(cid);
      this.#ending.add(cid);
      await this.#store.dropSession(this.#id(cid));
    }
    return cids.map(kill);
  }

  async #save(
    cid: string,
    user: string,
    since: number,
    more: { [K in keyof Session]?: Session[K] | undefined },
  ) {
    const given = Object.entries(more).filter(([, value]) => value !== undefined && value !== "");
    this.#known.add(cid);
    await this.#store.saveSession({
      id: this.#id(cid),
      user,
      nas: this.#name,
      type: "openvpn",
      since,
      updated: seconds(),
      bytesIn: 0,
      bytesOut: 0,
      acctSessionId: cid,
      ...Object.fromEntries(given),
    });
  }

  #id(cid: string): string {
    return `${this.#name}/${cid}`;
  }
}

/** HALT, or the client comes back at once with its token. */
function kill(cid: string): string {
  return `client-kill ${cid} HALT`;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
