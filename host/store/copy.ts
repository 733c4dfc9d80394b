// Moving from one store to another: all users and sessions, and a digest that shows that nothing was lost.
import { createHash } from "node:crypto";
import { DialwardError } from "../errors.ts";
import type { NewUser, Store } from "./store.ts";

/** The documents that a store may hold. */
const DOCUMENTS = ["groups"];

/** What a store holds, told in one line. */
export interface Contents {
  users: number;
  /** SHA-256 over each user's name, sealed profile and state in byte order of the names; hexadecimal. */
  digest: string;
}

/** Reads the whole store. Throws DialwardError("store"). */
export async function takeDigest(store: Store): Promise<Contents> {
  return digestOf(await readAll(store));
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
  await to.create(await readAll(from));
  for (const session of await from.sessions()) await to.saveSession(session);
  for (const name of DOCUMENTS) {
    const document = await from.document(name);
    if (document) await to.saveDocument(name, document);
  }
  return { from: await takeDigest(from), to: await takeDigest(to) };
}

async function readAll(store: Store): Promise<NewUser[]> {
  const found: Omit<NewUser, "mark">[] = [];
  // Copied: a store may hand out bytes that live only until its next read.
  for await (const { user, entry } of store.list())
    found.push({ user, profile: Buffer.from(entry.profile), state: Buffer.from(entry.state) });
  const marks = await store.marks(found.map(({ user }) => user));
  // Users that were removed meanwhile have none.
  return found.flatMap((one, i) => (marks[i] ? [{ ...one, mark: marks[i] }] : []));
}

function digestOf(users: readonly NewUser[]): Contents {
  const hash = createHash("sha256");
  for (const { user, profile, state } of users) {
    for (const bytes of [Buffer.from(user), profile, state]) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      hash.update(length).update(bytes);
    }
  }
  return { users: users.length, digest: hash.digest("hex") };
}
