// A RADIUS door on loopback with an admission that stands in for the real one: it checks each proof with node:crypto.

import { createSocket } from "node:dgram";
import type { Mode } from "../../host/core/core.ts";
import type { RadiusClient } from "../../host/config/config.ts";
import * as core from "../../assembly/abi.ts";
import type { DialIn, Login, Look, Proof, Reason, ReplyAttribute, Verdict } from "../../host/core/dial-in.ts";
import type { Log } from "../../host/log/log.ts";
import type { DoorOptions } from "../../host/radius/door.ts";
import { startRadius, type RadiusServer } from "../../host/radius/server.ts";
import { respondChap } from "../../host/radius/client/peer.ts";
import { respondMsChapV2 } from "../../host/radius/client/peer-mschapv2.ts";
import type { Session } from "../../host/store/store.ts";

export const SECRET = "testing123";
export const LOOPBACK: RadiusClient = {
  address: "127.0.0.1",
  secret: SECRET,
  name: "loopback",
  requireMessageAuthenticator: "auto",
};

/** alice: a code; bob: a password, then a code. Each code is accepted once. */
export class StandIn {
  readonly dialIns: DialIn[] = [];
  readonly spent = new Set<string>();
  /** Awaited before each verdict, to hold one back. */
  gate: Promise<void> = Promise.resolve();

  /** What an Accept brings. */
  attributes: readonly ReplyAttribute[] = [];
  /** What is found of a user who is looked at once more. */
  standing: Reason = "ok";
  readonly present = new Set(["alice", "bob"]);
  /** Whether that is known at once. */
  atOnce = false;

  look(user: string): Look | Promise<Look> {
    const reason = this.present.has(user) ? this.standing : "unknown-user";
    const look: Look = { reason, attributes: this.attributes };
    return this.atOnce ? look : Promise.resolve(look);
  }

  /** bob has a password before the code. */
  async mode(user: string): Promise<Mode> {
    return user === "bob" ? "password-then-code" : "password+code";
  }

  /** As submit(), of a login that radius.wasm has laid out. */
  admit(login: Login): void {
    const { decide: _, ...dialIn } = { ...login, decide: undefined };
    const proof = decodeProof(login.proof);
    void this.submit({ ...dialIn, proof }).then((verdict) => {
      const { keys } = verdict;
      if (keys !== undefined && login.proof.kind === "laid-out") {
        login.proof.result.set(keys.authenticatorResponse, core.RESULT_AUTHENTICATOR_RESPONSE);
        login.proof.result.set(keys.sendKey, core.RESULT_SEND_KEY);
        login.proof.result.set(keys.receiveKey, core.RESULT_RECEIVE_KEY);
      }
      login.decide(verdict);
    });
  }

  async submit(dialIn: DialIn): Promise<Verdict> {
    this.dialIns.push(dialIn);
    await this.gate;
    const { user, second } = dialIn;
    const proof = decodeProof(dialIn.proof);
    const refuse: Verdict = { outcome: "refuse", reason: "wrong-code", waitSeconds: 0, offset: 0 };
    if (user === "bob" && !second) {
      const match = matchProof(proof, "p4ssw0rd");
      return match ? { ...refuse, outcome: "continue", reason: "password-ok" } : refuse;
    }
    const code = { alice: "123456", "DOM\\alice": "123456", bob: "654321" }[user];
    const match = code !== undefined && matchProof(proof, code);
    if (!match) return refuse;
    if (this.spent.has(user)) return { ...refuse, reason: "code-spent" };
    this.spent.add(user);
    const { attributes } = this;
    return { ...refuse, outcome: "accept", reason: "ok", attributes, ...(match !== true && { keys: match }) };
  }
}

/** The proof in a request of the core's (assembly/abi.ts), copied. */
export function decodeProof(proof: DialIn["proof"]): Proof {
  if (proof.kind !== "laid-out") return proof;
  const { request } = proof;
  const length = request[core.REQUEST_LENGTH]!;
  const copy = (at: number, bytes: number): Buffer => Buffer.from(request.subarray(at, at + bytes));
  const kind = request[core.REQUEST_PROOF]!;
  if (kind === core.PROOF_CHAP)
    return {
      kind: "chap",
      id: request[core.REQUEST_CHAP_ID]!,
      challenge: copy(core.REQUEST_CHAP_CHALLENGE, length),
      response: copy(core.REQUEST_RESPONSE, 16),
    };
  if (kind === core.PROOF_MSCHAPV2)
    return {
      kind: "mschapv2",
      authenticatorChallenge: copy(core.REQUEST_CHALLENGE, 16),
      peerChallenge: copy(core.REQUEST_PEER_CHALLENGE, 16),
      response: copy(core.REQUEST_RESPONSE, 24),
      name: copy(core.REQUEST_NAME, request[core.REQUEST_NAME_LENGTH]!),
    };
  return { kind: "clear", text: copy(core.REQUEST_TEXT, length) };
}

function matchProof(proof: Proof, password: string): boolean | NonNullable<Verdict["keys"]> {
  if (proof.kind === "clear") return Buffer.from(proof.text).toString() === password;
  if (proof.kind === "chap")
    return respondChap(Buffer.of(proof.id), password, proof.challenge).equals(proof.response);
  const expected = respondMsChapV2({ ...proof, password });
  return expected.response.equals(proof.response) && expected;
}

export interface Fixture {
  server: RadiusServer;
  admission: StandIn;
  sessions: Map<string, Session>;
  /** What the log was told: level, fields, message. */
  told: { level: string; fields: Record<string, unknown>; message: string | undefined }[];
}

/** Opens a door; the caller closes `server`. */
export async function openDoor(
  clients: RadiusClient[] = [LOOPBACK],
  host = "127.0.0.1",
  more: Partial<DoorOptions> = {},
): Promise<Fixture> {
  const admission = new StandIn();
  const sessions = new Map<string, Session>();
  const told: Fixture["told"] = [];
  const tell = (level: string) => (fields: unknown, message?: string) =>
    void told.push({ level, fields: fields as Record<string, unknown>, message });
  const log = { debug: tell("debug"), info: tell("info"), warn: tell("warn"), error: tell("error") } as Log;
  const store = {
    async saveSession(session: Session) {
      sessions.set(session.id, session);
    },
    async dropSession(id: string) {
      const session = sessions.get(id);
      sessions.delete(id);
      return session;
    },
    async sessions() {
      return [...sessions.values()];
    },
  };
  const listen = `${host}:0`;
  const server = await startRadius({
    ...{ listen, accounting: listen, clients, admission, store, log },
    ...more,
  });
  return { server, admission, sessions, told };
}

/** A socket that sends datagrams and hands over what comes back. */
export async function openNas(
  address: string,
  port: number,
): Promise<{
  send(datagram: Buffer): void;
  /** The next datagram, or undefined after `milliseconds`. */
  next(milliseconds?: number): Promise<Buffer | undefined>;
  close(): void;
}> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  const received: Buffer[] = [];
  let waiting: ((datagram: Buffer) => void) | undefined;
  socket.on("message", (datagram) => {
    if (waiting) waiting(datagram);
    else received.push(datagram);
  });
  await new Promise<void>((resolve) => socket.connect(port, address, resolve));
  socket.setRecvBufferSize(1024 * 1024); // for a burst of replies while this process is not at work
  return {
    send: (datagram) => socket.send(datagram),
    close: () => socket.close(),
    async next(milliseconds = 30_000) {
      const already = received.shift();
      if (already) return already;
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting = undefined;
          resolve(undefined);
        }, milliseconds);
        waiting = (datagram) => {
          clearTimeout(timer);
          waiting = undefined;
          resolve(datagram);
        };
      });
    },
  };
}
