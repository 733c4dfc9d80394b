// What a store does: hold a profile and a state for each user, and change a state only if nobody else did.

/** One user as stored. */
export interface Entry {
  /** The sealed profile: keys and policy (host/store/seal.ts). */
  profile: Uint8Array;
  /** 48 bytes, the record's state (assembly/abi.ts, STATE_*); not to be changed, and never older than `revision`. */
  state: Uint8Array;
  /** Changes with every write of the entry and never comes back; what commit compares. */
  revision: number;
}

/** One write: it takes place only if the entry's revision is still `revision` (0: only if there is none). */
export interface Update {
  user: string;
  revision: number;
  /** Undefined leaves it as it is. */
  profile?: Uint8Array;
  state: Uint8Array;
}

/** One user to add. */
export interface NewUser {
  user: string;
  profile: Uint8Array;
  state: Uint8Array;
}

/** One connected user, as accounting told it. */
export interface Session {
  /** NAS and Acct-Session-Id, unique. */
  id: string;
  user: string;
  nas: string;
  type?: string;
  /** Seconds since 1970. */
  since: number;
  /** When the last word of it came. */
  updated: number;
  callingStation?: string;
  framedAddress?: string;
  bytesIn: number;
  bytesOut: number;
  /** What a Disconnect-Request needs to name the session (RFC 5176). */
  acctSessionId: string;
  nasPort?: number;
}

export interface Store {
  /** The entries of `users`, in their order; undefined where there is none. */
  load(users: readonly string[]): Promise<(Entry | undefined)[]>;
  /**
   * All updates, each by compare-and-set; resolves when they are on the disk, with what took place. A commit
   * of nothing writes and syncs too, so that an unknown user's answer takes as long as a wrong code's.
   */
  commit(updates: readonly Update[]): Promise<boolean[]>;
  /** Adds all of `users`, or, if some exist already, none; resolves to the names that exist. */
  create(users: readonly NewUser[]): Promise<string[]>;
  /** Removes an entry; false where there was none. */
  remove(user: string): Promise<boolean>;
  /** Every user, in byte order of the names. */
  list(): AsyncIterable<{ user: string; entry: Entry }>;
  saveSession(session: Session): Promise<void>;
  dropSession(id: string): Promise<Session | undefined>;
  sessions(): Promise<Session[]>;
  close(): Promise<void>;
}
