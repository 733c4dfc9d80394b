// OpenVPN's management interface, its side of the line: events and their environment blocks, bounded.
// Source: OpenVPN's doc/management-notes.txt ("COMMAND -- client-auth", "OUTPUT FORMAT").

/** A `>CLIENT:` notification with the environment that follows it. */
export interface ClientEvent {
  kind: "client";
  event: "CONNECT" | "REAUTH" | "ESTABLISHED" | "DISCONNECT";
  /** Client and key id: decimal digits. `kid` is empty where the event has none. */
  cid: string;
  kid: string;
  env: ReadonlyMap<string, string>;
}

export type ManagementEvent =
  | ClientEvent
  /** OpenVPN waits for `hold release`. */
  | { kind: "hold" }
  /** OpenVPN asks for the management password. */
  | { kind: "password" }
  /** Anything else that is a line of its own. */
  | { kind: "line"; text: string };

/** Longest line, and most variables of a block, that OpenVPN sends with room to spare. */
const LINE_CHARACTERS = 16_384;
const VARIABLES = 512;

const CLIENT = /^>CLIENT:(CONNECT|REAUTH|ESTABLISHED|DISCONNECT),(\d{1,20})(?:,(\d{1,20}))?$/;
const VARIABLE = /^>CLIENT:ENV,([^=]{1,256})=(.*)$/;

/** Cuts what arrives into events. Lines that are too long are left out; nothing throws. */
export class EventReader {
  #rest = "";
  #skipping = false;
  #open: { event: Omit<ClientEvent, "env">; env: Map<string, string> } | undefined;

  /** The events that `chunk`, the next part of the stream, completes. */
  *read(chunk: string): Generator<ManagementEvent> {
    this.#rest += chunk;
    for (let end = this.#rest.indexOf("\n"); end >= 0; end = this.#rest.indexOf("\n")) {
      const line = this.#rest.slice(0, end).replace(/\r$/, "");
      this.#rest = this.#rest.slice(end + 1);
      const skip = this.#skipping || line.length > LINE_CHARACTERS;
      this.#skipping = false;
      const event = skip ? undefined : this.#readLine(line);
      if (event !== undefined) yield event;
    }
    if (this.#rest === "ENTER PASSWORD:") {
      // The one thing that comes without an end of line.
      this.#rest = "";
      yield { kind: "password" };
    } else if (this.#rest.length > LINE_CHARACTERS) {
      this.#rest = "";
      this.#skipping = true;
    }
  }

  #readLine(line: string): ManagementEvent | undefined {
    if (line === ">CLIENT:ENV,END") {
      const done = this.#open;
      this.#open = undefined;
      return done && { ...done.event, env: done.env };
    }
    const variable = VARIABLE.exec(line);
    if (variable !== null) {
      if (this.#open !== undefined && this.#open.env.size < VARIABLES)
        this.#open.env.set(variable[1]!, variable[2]!);
      return undefined;
    }
    const client = CLIENT.exec(line);
    if (client !== null) {
      const [, event, cid = "", kid = ""] = client;
      this.#open = {
        event: { kind: "client", event: event as ClientEvent["event"], cid, kid },
        env: new Map(),
      };
      return undefined;
    }
    if (line.startsWith(">HOLD:")) return { kind: "hold" };
    return { kind: "line", text: line };
  }
}

/** A word for a command: quoted, with quote and backslash escaped, and no end of line in it. */
export function quote(text: string): string {
  return `"${text.replace(/[\r\n]/g, " ").replace(/["\\]/g, "\\$&")}"`;
}
