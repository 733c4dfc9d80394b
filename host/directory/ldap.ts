// A bind to LDAP or Active Directory with the user's own name and password. (RFC 4511 section 4.2, RFC 4513.)
import { isIP } from "node:net";
import { Client, InvalidCredentialsError, ResultCodeError } from "ldapts";
import { bounded, type Directory } from "./directory.ts";

export interface LdapOptions {
  /** ldap://HOST or ldaps://HOST, with a port where it is not 389 or 636. */
  url: string;
  /** The name to bind with, `{user}` in place of the user's: a DN, or USER@DOMAIN or DOMAIN\USER for Active Directory. */
  name: string;
  /** Whether ldap:// goes on in TLS (RFC 4511 section 4.14). */
  startTls: boolean;
  /** Certificates that may sign the server's, PEM; else the system's. */
  ca?: string | undefined;
  /** Milliseconds for connection and answer together. */
  timeout: number;
}

/** What is no user's name in USER@DOMAIN or DOMAIN\USER, where nothing can be escaped. */
const UNSAFE_IN_LOGIN = /["/\\[\]:;|=,+*?<>@\p{Cc}]/u;

/** A directory that is asked by a bind on a connection of its own, so that no answer can be another user's. */
export function ldapDirectory({ url, name, startTls, ca, timeout }: LdapOptions): Directory {
  const { hostname, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  // Options of one connection, which the library writes into; the certificate must be that of the host.
  const tls = () => ({
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  });
  const isDn = /^[^@\\]*=/.test(name);
  return bounded({
    async check(user, password, why) {
      if (!isDn && UNSAFE_IN_LOGIN.test(user)) return "wrong";
      // With tlsOptions the library speaks TLS at once, whatever the URL says.
      const secure = protocol === "ldaps:" && { tlsOptions: tls() };
      const client = new Client({ url, timeout, connectTimeout: timeout, strictDN: false, ...secure });
      let late: NodeJS.Timeout | undefined;
      const end = new Promise<never>((_, reject) => {
        late = setTimeout(() => reject(new Error(`no answer within ${timeout / 1000} s`)), timeout);
      });
      try {
        const bind = async (): Promise<void> => {
          if (startTls) await client.startTLS(tls());
          await client.bind(name.replaceAll("{user}", isDn ? escapeRdn(user) : user), password);
        };
        await Promise.race([bind(), end]);
        return "right";
      } catch (error) {
        if (error instanceof InvalidCredentialsError) return "wrong";
        why(error instanceof ResultCodeError ? `the directory refused: ${error.name}` : describe(error));
        return "unreachable";
      } finally {
        clearTimeout(late);
        client.unbind().catch(() => {}); // the answer is known; a connection that is gone needs no farewell
      }
    },
  });
}

/** A user's name as the value of a DN's attribute: whatever could be more than a letter as its byte (RFC 4514 section 2.4). */
function escapeRdn(user: string): string {
  return user.replace(/[^\p{L}\p{N}._-]/gu, (letter) =>
    Buffer.from(letter).toString("hex").replace(/../g, "\\$&"),
  );
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
