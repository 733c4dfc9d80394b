// A client of OpenVPN logs in: its user name and password become a dial-in, the verdict becomes a command.
// Source: OpenVPN's doc/management-notes.txt ("Challenge/Response Protocol", client-auth-nt, client-deny).

import { randomBytes } from "node:crypto";
import type { Admission } from "../admission/admission.ts";
import type { DialIn, Verdict } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import { readStation } from "../admission/station.ts";
import type { Pending } from "../admission/pending-challenges.ts";
import { quote, type ClientEvent } from "./parse.ts";
import { admit } from "./client-config.ts";

/** What the OpenVPN door works with. */
export interface OpenvpnDoor {
  /** Of this OpenVPN, as the log and the sessions name it. */
  name: string;
  admission: Pick<Admission, "submit" | "look" | "mode">;
  /** Users whose password was right and whose code is awaited, with what the profile was called then. */
  pending: Pending<Uint8Array>;
  log: Log;
}

const NO_STANDING = new Uint8Array(0);

/** What a client's password holds: one text, both answers to a static challenge, or the answer to a dynamic one. */
export type Answer = { text: Buffer; code?: Buffer } | { text: Buffer; state: Buffer } | undefined;

/**
 * Reads "SCRV1:password:response" (both base64), "CRV1::state::response", or plain text. Undefined where it begins like a
 * challenge's answer and is none.
 */
export function readPassword(password: string): Answer {
  if (password.startsWith("SCRV1:")) {
    const parts = password.split(":");
    if (parts.length !== 3) return undefined;
    return { text: Buffer.from(parts[1]!, "base64"), code: Buffer.from(parts[2]!, "base64") };
  }
  if (password.startsWith("CRV1:")) {
    const match = /^CRV1::([0-9a-f]{32})::(.*)$/.exec(password);
    return match ? { text: Buffer.from(match[2]!), state: Buffer.from(match[1]!, "hex") } : undefined;
  }
  return { text: Buffer.from(password) };
}

/** The command that answers a CONNECT or REAUTH. */
export async function answerClient(event: ClientEvent, door: OpenvpnDoor): Promise<string> {
  const { cid, kid, env } = event;
  const deny = (reason: string, toClient = ""): string =>
    `client-deny ${cid} ${kid} ${quote(reason)}${toClient && ` ${quote(toClient)}`}`;
  const user = env.get("username") ?? "";

  const token = env.get("session_state") ?? "Initial";
  if (token !== "Initial" && token !== "Authenticated") return deny("token", "SESSION:Log in again");

  const answer = readPassword(env.get("password") ?? "");
  const address = env.get("untrusted_ip") ?? env.get("untrusted_ip6");
  const source = address === undefined ? door.name : `${door.name} ${address}`;
  const station = readStation(address, []);
  const caller = typeof station === "string" ? "" : `${door.name} ${station.place}`;
  if (answer === undefined || user === "") return refuse("bad-request");
  // With `auth-gen-token … external-auth` OpenVPN asks although it has judged its own token already. The token says who
  // the user was; whether the user may still come in, the store says.
  if (token === "Authenticated") {
    const { reason, attributes } = await door.admission.look(user, door.name, "openvpn");
    return reason === "ok" ? admit(cid, kid, attributes) : refuse(reason);
  }
  const judge = (text: Buffer, more: Partial<DialIn> = {}): Promise<Verdict> =>
    door.admission.submit({
      user,
      proof: { kind: "clear", text },
      type: "openvpn",
      source,
      nas: door.name,
      caller,
      ...more,
    });
  /** Has the client show `text` and ask for an answer, which comes with `state`. */
  const challenge = (reason: string, state: Buffer, text: string): string =>
    deny(reason, `CRV1:R,E:${state.toString("hex")}:${Buffer.from(user).toString("base64")}:${text}`);
  const tell = ({ outcome, attributes, message }: Verdict): string => {
    if (outcome === "accept") return admit(cid, kid, attributes);
    // Nothing waits for the answer: the user logs in anew, with the device.
    return message === undefined ? deny("refused") : challenge("first-login", randomBytes(16), message);
  };
  if ("state" in answer) {
    const standing = door.pending.take(answer.state, user);
    if (standing === undefined) return refuse("challenge-expired");
    return tell(await judge(answer.text, { second: true, ...(standing.length > 0 && { standing }) }));
  }
  const { text, code } = answer;
  const mode = code && (await door.admission.mode(user));
  // Clients want something in both fields; of a profile without a password only the code counts.
  if (code && mode === "code") return tell(await judge(code.length > 0 ? code : text));
  const verdict = await judge(code && mode !== "password-then-code" ? Buffer.concat([text, code]) : text);
  if (verdict.outcome !== "continue") return tell(verdict);
  const { standing = NO_STANDING } = verdict;
  if (code && code.length > 0)
    return tell(await judge(code, { second: true, ...(standing.length > 0 && { standing }) }));
  return challenge("challenge", door.pending.put(standing, user), door.pending.prompt.trim());

  function refuse(reason: string): string {
    door.log.info({ user, nas: door.name, source, type: "openvpn", reason }, "refuse");
    return deny("refused");
  }
}
