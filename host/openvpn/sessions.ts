// Who is connected through OpenVPN: kept from its events, put right from its status, ended by client-kill.
// Source: OpenVPN's doc/management-notes.txt (ESTABLISHED, DISCONNECT, "status 3", client-kill).

import type { Session, Store } from "../store/store.ts";
import type { ClientEvent } from "./parse.ts";

/** Where the sessions are kept. */
export type SessionStore = Pick<Store, "saveSession" | "dropSession" | "sessions">;

/** Keeps the sessions of one OpenVPN in the store. One call at a time: the caller awaits each. */
export class OpenvpnSessions {
  readonly #name: string;
  readonly #store: SessionStore;
  /** Client ids whose session was put into the store since the connection stands. */
  readonly #known = new Set<string>();
  #columns: string[] = [];
  #rows: Map<string, string>[] = [];
  #asked = new Set<string>();

  constructor(name: string, store: SessionStore) {
    this.#name = name;
    this.#store = store;
  }

  /** ESTABLISHED and DISCONNECT. */
  async follow({ event, cid, env }: ClientEvent): Promise<void> {
    if (event === "DISCONNECT") {
      this.#known.delete(cid);
      await this.#store.dropSession(this.#id(cid));
    } else if (event === "ESTABLISHED") {
      const user = env.get("username") ?? env.get("common_name") ?? "";
      await this.#save(cid, user, seconds(), {
        callingStation: env.get("trusted_ip") ?? env.get("trusted_ip6"),
        framedAddress: env.get("ifconfig_pool_remote_ip"),
      });
    }
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
    this.#known.clear();
    this.#rows = [];
  }

  async #putRight(): Promise<string[]> {
    const stored = new Map(
      (await this.#store.sessions()).filter(({ nas }) => nas === this.#name).map((one) => [one.id, one]),
    );
    const commands: string[] = [];
    for (const row of this.#rows) {
      const cid = row.get("Client ID") ?? "";
      const user = row.get("Username") ?? "";
      if (!/^\d{1,20}$/.test(cid) || user === "" || user === "UNDEF") continue;
      // Listed with a name, but without an address: it has not logged in, or was refused and lingers.
      const address = row.get("Virtual Address") || row.get("Virtual IPv6 Address");
      if (!address && !this.#known.has(cid)) continue;
      const session = stored.get(this.#id(cid));
      stored.delete(this.#id(cid));
      if (session === undefined && this.#asked.has(cid)) {
        // Taken out of the store by `sessions --disconnect`. HALT, or the client comes back with its token.
        this.#known.delete(cid);
        commands.push(`client-kill ${cid} HALT`);
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
    return commands;
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

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
