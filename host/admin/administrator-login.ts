// What an administrator's login is: who, with what, and whence.

/** From the LAN the password is enough; from elsewhere it takes a code too. Failures are counted apart. */
export type Zone = "lan" | "wan";

export interface AdministratorLogin {
  name: string;
  password: string;
  /** Looked at from the WAN only. */
  code: string;
  zone: Zone;
  /** The client's address. */
  source: string;
}
