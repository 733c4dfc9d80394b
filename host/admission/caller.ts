// The same caller? The NAS and its calling station, where that tells callers apart. A station that is empty, the NAS's
// own, or one for many users names no caller: nobody waits by it, and the core is told that the source is unknown.
import { readStation, type Station } from "./station.ts";

/** How a client's stations are taken: as learned; always as callers; never. */
export const STATION_SETTINGS = ["auto", "caller", "none"] as const;
export type StationSetting = (typeof STATION_SETTINGS)[number];

/** What the stations of a NAS are. `undecided`: one only has been seen, so that it tells nobody apart. */
export type StationJudgement = "absent" | "own" | "undecided" | "constant" | "caller";

/** So many users let in for each station that was seen, and the station is one for many: a constant, a proxy. */
const USERS_OF_A_CONSTANT = 3;
/** What is remembered; the longest unseen make room. Many stations mean that callers are told apart anyhow. */
const MOST_NAS = 256;
const MOST_STATIONS = 64;
const MOST_USERS = 16;
const MOST_READ = 4096;

interface Nas {
  /** What its last request had. */
  last: "absent" | "own" | "told";
  /** Stations of late, the last seen at the end, with users who were let in from there. */
  stations: Map<string, Set<string>>;
  /** Users in all of them. */
  users: number;
}

/** Learns from each NAS's logins whether its calling stations tell callers apart; in memory, bounded. */
export class Callers {
  readonly #nas = new Map<string, Nas>();
  /** Stations as they were read, by the addresses of the NAS, which mostly come as the same array. */
  readonly #read = new WeakMap<readonly (string | undefined)[], Map<string, Station>>();

  /**
   * The place that a request names, as the same text for the same one; "" where it names none. `nas`: as the log names
   * it; `station`: Calling-Station-Id as sent; `nasAddresses`: the NAS's own, as text.
   */
  place(nas: string, station: string | undefined, nasAddresses: readonly (string | undefined)[]): string {
    const read = this.#readStation(station ?? "", nasAddresses);
    const seen = this.#find(nas);
    if (typeof read === "string") {
      seen.last = read;
      return "";
    }
    seen.last = "told";
    this.#see(seen, read.place);
    return read.place;
  }

  /** The caller at a place as text, "" for none: whether the NAS tells callers apart is set, or learned. */
  caller(nas: string, place: string, setting: StationSetting = "auto"): string {
    if (place === "" || setting === "none") return "";
    return setting === "caller" || this.judgement(nas) === "caller" ? `${nas} ${place}` : "";
  }

  /** A user was let in from a place: what is learned, since an attacker cannot make it up. */
  letIn(nas: string, place: string, user: string): void {
    const seen = this.#find(nas);
    const users = this.#see(seen, place);
    if (users.size >= MOST_USERS || users.has(user)) return;
    users.add(user);
    seen.users++;
  }

  /** What the stations of a NAS are, as far as it is known; undefined where it has sent nothing. */
  judgement(nas: string): StationJudgement | undefined {
    const seen = this.#nas.get(nas);
    if (seen === undefined) return undefined;
    const { stations, users, last } = seen;
    if (stations.size === 0) return last === "told" ? "undecided" : last;
    if (users >= USERS_OF_A_CONSTANT * stations.size) return "constant";
    return stations.size > 1 ? "caller" : "undecided";
  }

  #readStation(station: string, nasAddresses: readonly (string | undefined)[]): Station {
    let known = this.#read.get(nasAddresses);
    if (known === undefined || known.size >= MOST_READ) this.#read.set(nasAddresses, (known = new Map()));
    let read = known.get(station);
    if (read === undefined) known.set(station, (read = readStation(station, nasAddresses)));
    return read;
  }

  #find(name: string): Nas {
    let nas = this.#nas.get(name);
    if (nas !== undefined) return nas;
    nas = { last: "absent", stations: new Map(), users: 0 };
    this.#nas.set(name, nas);
    if (this.#nas.size > MOST_NAS) this.#nas.delete(this.#nas.keys().next().value!);
    return nas;
  }

  #see(nas: Nas, place: string): Set<string> {
    const users = nas.stations.get(place) ?? new Set<string>();
    nas.stations.delete(place);
    nas.stations.set(place, users); // the youngest stands last
    if (nas.stations.size > MOST_STATIONS) {
      const [oldest, its] = nas.stations.entries().next().value!;
      nas.stations.delete(oldest);
      nas.users -= its.size;
    }
    return users;
  }
}
