// The pages' ports: this machine's own, one more that the pages were told of, and one for users who enrol. They are bound
// while the service may still be root, and serve when it is not any more.
import type { SettingsFile } from "../admin/settings.ts";
import type { Config } from "../config/config.ts";
import { readEndpoint, type Endpoint } from "../config/endpoint.ts";
import { asOwner } from "../service/privileges.ts";
import { listen, type Fetch, type Listener } from "./listener.ts";
import { namesOf, readTls } from "./tls.ts";

/** Where nothing is configured. */
export const DEFAULT_LISTEN = "127.0.0.1:8080";
/** A port that is given up still answers what has begun. */
const LAST_WORDS_MS = 3000;

type What = "main" | "also" | "enrol";
type Port = Listener & { tls: ReturnType<typeof readTls>; at: Endpoint };

export class WebPorts {
  readonly #config: Config;
  readonly #warn: (message: string) => void;
  readonly #ports = new Map<What, Port>();

  constructor(config: Config, warn: (message: string) => void) {
    this.#config = config;
    this.#warn = warn;
  }

  /** Binds what configuration and settings say. Throws DialwardError("config") where it cannot. */
  async bind(settings: ReturnType<SettingsFile["read"]>): Promise<void> {
    const { web } = this.#config;
    try {
      await this.open("main", web.listen ?? DEFAULT_LISTEN, "web.listen");
      if (web.listen === undefined && settings.web.listen !== undefined) {
        // The address may be gone, with the network card that had it: this machine's own stays.
        await this.open("also", settings.web.listen, "web.listen").catch((error: Error) => {
          this.#warn(error.message);
        });
      }
      if (web.enrol !== undefined) await this.open("enrol", web.enrol, "web.enrol");
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Binds a port in place of the one before, which ends a little later. Throws DialwardError("config"). */
  async open(what: What, text: string, key: string): Promise<Listener> {
    const at = await readEndpoint(text, key);
    // What is kept in the data folder is its owner's; a certificate elsewhere may be root's.
    const read = async () => readTls(this.#config, at.address, this.#warn);
    const tls = this.#config.web.key === undefined ? await asOwner(this.#config, read) : await read();
    const listener = await listen(at, tls, key);
    this.giveUp(what);
    this.#ports.set(what, { ...listener, tls, at });
    return listener;
  }

  giveUp(what: What): void {
    const port = this.#ports.get(what);
    this.#ports.delete(what);
    if (port) setTimeout(() => void port.close(), LAST_WORDS_MS).unref();
  }

  serve(what: What, fetch: Fetch): void {
    this.#ports.get(what)?.serve(fetch);
  }

  url(what: What): string | undefined {
    return this.#ports.get(what)?.url;
  }

  /** The certificate of the first that has one. */
  get certificate(): Port["tls"] {
    return [...this.#ports.values()].find(({ tls }) => tls)?.tls;
  }

  /** The names that the certificates are for. */
  get names(): string[] {
    return [...this.#ports.values()].flatMap(({ tls }) => (tls ? namesOf(tls.cert) : []));
  }

  /** Takes certificates that were changed, and makes those of this machine anew in time. Throws DialwardError("config"). */
  renew(): void {
    for (const port of this.#ports.values()) {
      if (port.tls === undefined) continue;
      port.tls = readTls(this.#config, port.at.address, this.#warn);
      if (port.tls) port.renew(port.tls);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ports.values()].map((port) => port.close()));
  }
}
