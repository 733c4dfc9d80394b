// What a store does: hold a profile and a state for each user, and change a state only if nobody else did.

/** One user as stored. */
export interface Entry {
  /** The sealed profile: keys and policy (host/store/seal.ts). The embedded store reads it when it is asked for. */
  readonly profile: Uint8Array;
  /** 48 bytes, the record's state (assembly/abi.ts, STATE_*); not to be changed, and never older than `revision`. */
  readonly state: Uint8Array;
  /** Changes with every write of the entry and never comes back; what commit compares. */
  readonly revision: number;
  /** What was spent may have been lost: nobody is let in, and nothing is changed, before acceptLoss. */
  readonly damaged?: boolean;
  /** Where the store numbers its users, from 1 on without large gaps: the user's number. */
  readonly slot?: number;
  /** There: the profile's, above 0, which no other profile ever has while this process lives. */
  readonly standing?: number;
}

/** What a user's codes come from. What is spent is remembered by it, whatever user has it. */
export interface SecretMark {
  /** A keyed hash of 16 bytes over factor, step and secret. */
  hash: Uint8Array;
  /** Seconds of a step; 0 for HOTP, whose counters never get too old. */
  period: number;
}

/** One write: it takes place only if the entry's revision is still `revision`. */
export interface Update {
  user: string;
  revision: number;
  /** Undefined leaves it as it is. */
  profile?: Uint8Array;
  /** Where the profile has another secret: the state goes on from what is known of that. */
  mark?: SecretMark;
  state: Uint8Array;
}

/** A profile that says the same as before. */
export interface Resealed {
  user: string;
  /** Of the entry that it was read from. */
  revision: number;
  profile: Uint8Array;
}

/** One user to add. */
export interface NewUser {
  user: string;
  profile: Uint8Array;
  /** It goes on from what is known of the secret. */
  state: Uint8Array;
  mark: SecretMark;
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
  /** Other services may change it too. */
  readonly shared?: true;
  /** The entries of `users`, in their order, at once where they are resident; undefined where there is none. */
  load(users: readonly string[]): (Entry | undefined)[] | Promise<(Entry | undefined)[]>;
  /**
   * All updates, which stay as they are until then, each by compare-and-set; resolves when they are on the disk, with what took place. A commit
   * of nothing writes and syncs too, so that an unknown user's answer takes as long as a wrong code's.
   */
  commit(updates: readonly Update[]): Promise<boolean[]>;
  /**
   * Adds all of `users`, whose names differ, or, if some exist already, none; resolves to the names that exist. A million
   * may come piece by piece. What reading them throws is thrown, and none is added.
   */
  create(users: readonly NewUser[] | AsyncIterable<readonly NewUser[]>): Promise<string[]>;
  /** Removes an entry; false where there was none. */
  remove(user: string): Promise<boolean>;
  /** Puts profiles that were sealed anew in place of those of entries that still have the revision. */
  reseal(sealed: readonly Resealed[]): Promise<void>;
  /** Lets in a damaged user from `state` on; false where there is none. */
  acceptLoss(user: string, state: Uint8Array): Promise<boolean>;
  /** Where users have slots: `changed` hears of each whose profile is another one from now on, or nobody's. */
  watch?(changed: (slot: number) => void): void;
  /** What the secrets of `users` are remembered by, in their order. */
  marks(users: readonly string[]): Promise<(SecretMark | undefined)[]>;
  /** Every user, in byte order of the names; logins have their turn now and then. */
  list(): AsyncIterable<{ user: string; entry: Entry }>;
  saveSession(session: Session): Promise<void>;
  dropSession(id: string): Promise<Session | undefined>;
  sessions(): Promise<Session[]>;
  /** The document of that name, whole; undefined where there is none. */
  document(name: string): Promise<Uint8Array | undefined>;
  /** Puts a document in place of the one of its name; on the disk when it resolves. */
  saveDocument(name: string, document: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
