// Moving from one store to another: all users and sessions, and a digest that shows that nothing was lost.
import { createHash } from "node:crypto";
import { DialwardError } from "../errors.ts";
import type { NewUser, Store } from "./store.ts";

/** Users that are held in memory at once. */
const PIECE = 1000;
/** The documents that a store may hold. */
const DOCUMENTS = ["groups", "radius-signing"];

/** What a store holds, told in one line. */
export interface Contents {
  users: number;
  /** SHA-256 over each user's name, sealed profile and state in byte order of the names; hexadecimal. */
  digest: string;
}

/** Reads the whole store. Throws DialwardError("store"). */
export async function takeDigest(store: Store): Promise<Contents> {
  const hash = createHash("sha256");
  const length = Buffer.alloc(4);
  let users = 0;
  for await (const piece of readUsers(store))
    for (const { user, profile, state } of piece) {
      users++;
      for (const bytes of [Buffer.from(user), profile, state]) {
        length.writeUInt32LE(bytes.length);
        hash.update(length).update(bytes);
      }
    }
  return { users, digest: hash.digest("hex") };
}

/**
 * Copies everything into `to`, which must hold no user, all or nothing, and reads both ends again. They differ where
 * somebody wrote meanwhile. Throws DialwardError("exists") or ("store").
 */
export async function copyStore(from: Store, to: Store): Promise<{ from: Contents; to: Contents }> {
  for await (const { user } of to.list())
    throw new DialwardError(
      "exists",
      `The target holds users already, such as "${user}". Name an empty one.`,
    );
  await to.create(readUsers(from));
  for (const session of await from.sessions()) await to.saveSession(session);
  for (const name of DOCUMENTS) {
    const document = await from.document(name);
    if (document) await to.saveDocument(name, document);
  }
  return { from: await takeDigest(from), to: await takeDigest(to) };
}

async function* readUsers(store: Store): AsyncGenerator<NewUser[]> {
  let found: Omit<NewUser, "mark">[] = [];
  const piece = async (): Promise<NewUser[]> => {
    const marks = await store.marks(found.map(({ user }) => user));
    // Users that were removed meanwhile have none.
    const users = found.flatMap((one, i) => (marks[i] ? [{ ...one, mark: marks[i] }] : []));
    found = [];
    return users;
  };
  for await (const { user, entry } of store.list()) {
    // Copied: a store may hand out bytes that live only until its next read.
    found.push({ user, profile: Buffer.from(entry.profile), state: Buffer.from(entry.state) });
    if (found.length === PIECE) yield await piece();
  }
  if (found.length > 0) yield await piece();
}
