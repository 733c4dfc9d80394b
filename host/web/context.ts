// What every page has at hand: the service, the request's origin, the session, and how forms are read.
import type { Context } from "hono";
import type { Administrator, Zone } from "../admin/account.ts";
import type { Config } from "../config/config.ts";
import { DialwardError } from "../errors.ts";
import type { Service } from "../service/service.ts";
import type { WebSession, WebSessions } from "./session.ts";

export interface Pages extends Pick<Service, "admission" | "store" | "users" | "journal" | "settings"> {
  config: Config;
  administrator: Administrator;
  sessions: WebSessions;
  /** Typed in to choose the first password: only who can read the terminal or the data folder has it. */
  setupCode: string;
  /** Cookies are sent over TLS only. */
  secure: boolean;
  warn: (message: string) => void;
}

export interface PageEnv {
  Variables: { address: string; zone: Zone; session: WebSession; form: Form; complete: boolean };
}
export type PageContext = Context<PageEnv>;

/** A submitted form: one value a name, several for check boxes. */
export class Form {
  readonly #values: Record<string, unknown>;

  constructor(values: Record<string, unknown>) {
    this.#values = values;
  }

  /** A field's text; empty where it is missing. */
  text(name: string): string {
    const value = this.#values[name];
    const one = Array.isArray(value) ? value.at(-1) : value;
    return typeof one === "string" ? one : "";
  }

  /** As text(), undefined where nothing was typed. */
  optional(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  number(name: string): number | undefined {
    const text = this.text(name).trim();
    if (text === "") return undefined;
    if (!/^\d{1,9}$/.test(text)) throw new DialwardError("usage", `${name}: must be a whole number`);
    return Number(text);
  }

  /** All values of check boxes of one name. */
  list(name: string): string[] {
    const value = this.#values[name];
    return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");
  }

  has(name: string): boolean {
    return this.text(name) !== "";
  }
}

/** Goes on to another page, where `text` is told. */
export function goTo(c: PageContext, path: string, kind: "good" | "bad" = "good", text?: string): Response {
  if (text !== undefined) c.get("session").flash = { kind, text };
  return c.redirect(path, 303);
}
