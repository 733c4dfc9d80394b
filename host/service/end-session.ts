// Ending a connection: by Disconnect-Request to its NAS (RFC 5176), or through OpenVPN's management socket.
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import type { Store } from "../store/store.ts";

/** RFC 5176 section 3.6: the NAS knows of no such session. */
const SESSION_NOT_FOUND = 503;

/** Ends a session, and says whose it was and what became of it. Throws DialwardError("not-found"). */
export async function endSession(
  id: string,
  store: Store,
  config: Config,
  warn: (message: string) => void,
): Promise<{ user: string; outcome: string; text: string }> {
  const session = (await store.sessions()).find((one) => one.id === id);
  if (session === undefined)
    throw new DialwardError("not-found", `There is no session "${id}"; see: dialward sessions`);
  const { user, nas } = session;
  if (config.openvpn.some(({ name }) => name === nas)) {
    // The running service sees that it is gone and tells OpenVPN (host/openvpn/sessions.ts).
    await store.dropSession(id);
    return { user, outcome: "disconnected", text: `OpenVPN ends the connection of "${user}" within 10 s.` };
  }
  const [{ loadClients }, { disconnect }] = await Promise.all([
    import("../config/config.ts"),
    import("../radius/client/disconnect.ts"),
  ]);
  const result = await disconnect(session, loadClients(config, warn).clients);
  const { outcome } = result;
  if (outcome === "disconnected")
    return { user, outcome, text: `${nas} has ended the connection of "${user}".` };
  if (outcome === "no-answer")
    return { user, outcome, text: `${nas} does not answer to Disconnect-Requests.` };
  if (outcome === "not-offered")
    return {
      user,
      outcome,
      text: `${nas} takes no Disconnect-Requests: set \`disconnect\` of its RADIUS client.`,
    };
  if (result.cause !== SESSION_NOT_FOUND)
    return {
      user,
      outcome,
      text: `${nas} refuses to end it (Error-Cause ${result.cause ?? "is not told"}).`,
    };
  await store.dropSession(id);
  return { user, outcome, text: `${nas} knows of no such connection; it is taken off the list.` };
}
