// A client of OpenVPN logs in: its user name and password become a dial-in, the verdict becomes a command.
// Source: OpenVPN's doc/management-notes.txt ("Challenge/Response Protocol", client-auth-nt, client-deny).

import type { DialIn, Verdict } from "../core/dial-in.ts";
import type { Log } from "../log/log.ts";
import { readStation } from "../admission/station.ts";
import { CODE_PROMPT, type Pending } from "../admission/pending-challenges.ts";
import { quote, type ClientEvent } from "./parse.ts";

/** What the OpenVPN door works with. */
export interface OpenvpnDoor {
  /** Of this OpenVPN, as the log and the sessions name it. */
  name: string;
  admission: { submit(dialIn: DialIn): Promise<Verdict> };
  /** Users whose password was right and whose code is awaited. */
  pending: Pending<"code">;
  log: Log;
}

/** What a client's password holds: one text, both answers to a static challenge, or the answer to a dynamic one. */
export type Answer = { text: Buffer } | { text: Buffer; state: Buffer } | undefined;

/**
 * Reads "SCRV1:password:response" (both base64; taken as password and code in one), "CRV1::state::response",
 * or plain text. Undefined where it begins like a challenge's answer and is none.
 */
export function readPassword(password: string): Answer {
  if (password.startsWith("SCRV1:")) {
    const parts = password.split(":");
    if (parts.length !== 3) return undefined;
    return { text: Buffer.concat(parts.slice(1).map((part) => Buffer.from(part, "base64"))) };
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
  const allow = `client-auth-nt ${cid} ${kid}`;
  const user = env.get("username") ?? "";

  // With `auth-gen-token … external-auth` OpenVPN asks although it has judged its own token already.
  const token = env.get("session_state") ?? "Initial";
  if (token === "Authenticated") return allow;
  if (token !== "Initial") return deny("token", "SESSION:Log in again");

  const answer = readPassword(env.get("password") ?? "");
  const address = env.get("untrusted_ip") ?? env.get("untrusted_ip6");
  const source = address === undefined ? door.name : `${door.name} ${address}`;
  const station = readStation(address, []);
  const caller = typeof station === "string" ? "" : `${door.name} ${station.place}`;
  if (answer === undefined || user === "") return refuse("bad-request");
  const proof = { kind: "clear", text: answer.text } as const;
  const dialIn: DialIn = { user, proof, type: "openvpn", source, nas: door.name, caller };
  if ("state" in answer) {
    if (door.pending.take(answer.state, user) === undefined) return refuse("challenge-expired");
    const verdict = await door.admission.submit({ ...dialIn, second: true });
    return verdict.outcome === "accept" ? allow : deny("refused");
  }
  const verdict = await door.admission.submit(dialIn);
  if (verdict.outcome === "accept") return allow;
  if (verdict.outcome === "refuse") return deny("refused");
  const state = door.pending.put("code", user).toString("hex");
  return deny("challenge", `CRV1:R,E:${state}:${Buffer.from(user).toString("base64")}:${CODE_PROMPT.trim()}`);

  function refuse(reason: string): string {
    door.log.info({ user, nas: door.name, source, type: "openvpn", reason }, "refuse");
    return deny("refused");
  }
}
