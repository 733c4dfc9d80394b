// The RADIUS clients that were added on the pages, with their secrets: radius-clients.json in the data folder (0600).
// Those of the configuration stand beside them, and go before them where both name an address.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import { DialwardError } from "../errors.ts";
import { canonicalPrefix, isPrefix } from "./networks.ts";
import { replacePrivateFile } from "./private-file.ts";

const clientSchema = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(64)),
  address: z.string().check(z.refine(isPrefix)),
  secret: z.string().check(z.minLength(1)),
  type: z.optional(z.enum(DIAL_IN_TYPES)),
  requireMessageAuthenticator: z._default(z.literal("auto"), "auto"),
});
const fileSchema = z.array(clientSchema);

export type AddedClient = z.output<typeof clientSchema>;

function fileIn(folder: string): string {
  return join(folder, "radius-clients.json");
}

/** The clients that were added. Throws DialwardError("config") where the file is damaged. */
export function readAddedClients(folder: string): AddedClient[] {
  const file = fileIn(folder);
  try {
    return parseAddedClients(readFileSync(file, "utf8"), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error instanceof DialwardError ? error : unreadable(file);
  }
}

/** Clients from the text of such a file, which `from` names. Throws DialwardError("config"). */
export function parseAddedClients(text: string, from: string): AddedClient[] {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw unreadable(from);
  }
}

function unreadable(file: string): DialwardError {
  return new DialwardError("config", `${file} cannot be read, or is damaged.`);
}

/** Adds a client. Throws DialwardError("exists") where its name or address is taken. */
export function addClient(folder: string, client: AddedClient): void {
  const all = readAddedClients(folder);
  const prefix = canonicalPrefix(client.address);
  if (all.some(({ name, address }) => name === client.name || canonicalPrefix(address) === prefix))
    throw new DialwardError("exists", `There is a RADIUS client of this name or address already.`);
  replacePrivateFile(fileIn(folder), JSON.stringify([...all, client], null, 2) + "\n");
}

/** Removes the client of a name; false where there is none. */
export function removeClient(folder: string, name: string): boolean {
  const all = readAddedClients(folder);
  const left = all.filter((one) => one.name !== name);
  if (left.length < all.length) replacePrivateFile(fileIn(folder), JSON.stringify(left, null, 2) + "\n");
  return left.length < all.length;
}
