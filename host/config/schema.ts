// What the configuration's file may say: its keys, what they must be, and what holds where one is left out.
import { isIP } from "node:net";
import * as z from "zod/mini";
import { DIAL_IN_TYPES } from "../core/dial-in.ts";
import { LOG_LEVELS } from "../log/log.ts";
import { canonicalPrefix, isPrefix } from "./networks.ts";

/**
 * Seconds in which any code of a user with the default windows stops being right: a code may be accepted at the far
 * end of the window's drift on one side, and must be out of it on the other (mOTP: 2 × (60 + 120) + 10).
 */
export const HOLD_SECONDS = 370;

/** How an installation is called that has no name of its own. */
export const SERVICE_NAME = "Dialward";

const textSchema = z.string().check(z.minLength(1));
const optionalTextSchema = z.optional(textSchema);
const flagSchema = z._default(z.boolean(), false);

const endpointSchema = z
  .string()
  .check(z.refine(isEndpoint, "must be HOST:PORT, such as 127.0.0.1:1812 or [::1]:1812"));

/** One, or a list. */
const endpointsSchema = z.union([endpointSchema, z.array(endpointSchema).check(z.minLength(1))], {
  error: "must be HOST:PORT, such as 127.0.0.1:1812 or [::1]:1812, or a list of them",
});

const OR_AUTO = 'must be true, false or "auto"';
const clientSchema = z
  .strictObject({
    address: z
      .string()
      .check(z.refine(isPrefix, "must be an IP address or a prefix, such as 192.0.2.1 or 10.0.0.0/8")),
    secret: optionalTextSchema,
    secretFile: optionalTextSchema,
    name: optionalTextSchema,
    requireMessageAuthenticator: z._default(z.union([z.boolean(), z.literal("auto")], OR_AUTO), "auto"),
    unsignedChap: z.optional(z.boolean()),
    realm: z.optional(z.enum(["keep", "strip"])),
    domain: z.optional(z.enum(["keep", "strip"])),
    case: z.optional(z.enum(["exact", "fold"])),
    type: z.optional(z.enum(DIAL_IN_TYPES)),
    challenge: z.optional(z.boolean()),
    resends: z.optional(z.literal("openvpn-plugin")),
    station: z.optional(z.enum(["auto", "caller", "none"])),
    disconnect: z.optional(endpointSchema),
  })
  .check(
    z.refine(({ secret, secretFile }) => (secret === undefined) !== (secretFile === undefined), {
      error: "give either secret or secretFile",
    }),
  );

/** Where RADIUS is answered if neither the file nor the page System says more. */
export const RADIUS_HERE = { listen: "127.0.0.1:1812", accounting: "127.0.0.1:1813" };

const radiusSchema = z.strictObject({
  listen: z._default(endpointsSchema, RADIUS_HERE.listen),
  accounting: z._default(endpointsSchema, RADIUS_HERE.accounting),
  clients: z
    ._default(z.array(clientSchema), [])
    .check(z.refine(haveAddressesApart, "must have an address or a prefix each")),
});

const openvpnSchema = z.strictObject({
  socket: z
    .string()
    .check(
      z.refine(
        (text) => text.includes("/") || isEndpoint(text),
        "must be a path that holds a / or HOST:PORT",
      ),
    ),
  name: z._default(textSchema, "openvpn"),
  passwordFile: optionalTextSchema,
});

/** The address of a Redis. */
export const redisUrlSchema = z
  .string()
  .check(
    z.refine(
      isRedisUrl,
      "must be redis://HOST:PORT/DATABASE or rediss://…, and the password in passwordFile",
    ),
  );

/** Where users are kept: in the data folder, or, with `url`, in Redis or Valkey. */
const storeSchema = z.strictObject({
  url: z.optional(z.union([redisUrlSchema, z.array(redisUrlSchema).check(z.minLength(1))])),
  passwordFile: optionalTextSchema,
  caFile: optionalTextSchema,
  wait: z._default(z.int().check(z.minimum(0), z.maximum(100)), 0),
  hold: z._default(z.int().check(z.minimum(0)), HOLD_SECONDS),
});

const webSchema = z
  .strictObject({
    /** HOST:PORT, or "off"; where it is left out, 127.0.0.1:8080 if that is free. */
    listen: z.optional(z.union([z.literal("off"), endpointSchema])),
    /** PEM files; without them, one is made by openssl where `tls` is true or the pages listen beyond loopback. */
    cert: optionalTextSchema,
    key: optionalTextSchema,
    tls: flagSchema,
    /** Proxies whose X-Real-IP is believed. */
    proxies: z._default(
      z.array(z.string().check(z.refine(isPrefix, "must be an IP address or a prefix, such as 192.0.2.1"))),
      [],
    ),
    /** The names that browsers ask for the pages by, beside this machine's own and the certificate's. */
    names: z._default(z.array(textSchema), []),
    /** Where users open their links to enrol themselves, and nothing else is there; without it, where the pages are. */
    enrol: z.optional(endpointSchema),
    /** How their browsers reach that, such as https://vpn.example.org:8444. */
    enrolUrl: z.optional(
      z
        .string()
        .check(z.regex(/^https?:\/\/[^\s#?]+$/, "must be an address such as https://vpn.example.org")),
    ),
    /** Users who log in with the right password and have no device yet are told a link to set one up. */
    enrolAtLogin: flagSchema,
    /** The path under which a proxy serves the pages, such as /dialward. */
    path: z._default(
      z
        .string()
        .check(z.regex(/^(\/[\w.-]+)*$/, "must be a path such as /dialward, without a slash at its end")),
      "",
    ),
  })
  .check(
    z.refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
      error: "give both cert and key",
    }),
    z.refine(({ enrolAtLogin, enrolUrl }) => !enrolAtLogin || enrolUrl !== undefined, {
      error: "enrolAtLogin needs enrolUrl: how users' browsers reach the link",
    }),
  );

/** The SMTP server that sends users their links. */
const mailSchema = z.strictObject({
  host: textSchema,
  port: z._default(z.int().check(z.minimum(1), z.maximum(65_535)), 587),
  /** TLS: after STARTTLS, from the beginning (port 465), or never (a relay on this machine). */
  tls: z._default(z.enum(["starttls", "always", "never"]), "starttls"),
  user: optionalTextSchema,
  passwordFile: optionalTextSchema,
  from: textSchema,
});

const nameSchema = z.string().check(z.regex(/^[A-Za-z_][\w.-]*$/, "must be a name, such as dialward"));

/** Where the passwords of users are whose profile says so: LDAP or Active Directory, or another RADIUS server. */
const directorySchema = z
  .strictObject({
    url: z.optional(
      z
        .string()
        .check(
          z.regex(/^ldaps?:\/\/[^/\s]+\/?$/, "must be ldaps://HOST or ldap://HOST, with a port or without"),
        ),
    ),
    /** The name to bind with, {user} in place of the user's. */
    name: z.optional(
      z.string().check(z.regex(/\{user\}/, "must hold {user}, as in uid={user},ou=people,dc=example")),
    ),
    startTls: flagSchema,
    caFile: optionalTextSchema,
    radius: z.optional(endpointSchema),
    secretFile: optionalTextSchema,
    timeoutSeconds: z._default(z.number().check(z.minimum(0.5), z.maximum(60)), 3),
  })
  .check(
    z.refine(({ url, radius }) => (url === undefined) !== (radius === undefined), {
      error: "give either url (LDAP) or radius",
    }),
    z.refine(({ url, name }) => (url === undefined) === (name === undefined), {
      error: "url and name go together",
    }),
    z.refine(({ radius, secretFile }) => (radius === undefined) === (secretFile === undefined), {
      error: "radius and secretFile go together",
    }),
    z.refine(({ url, startTls }) => !isOpenLdap(url, startTls), {
      error:
        "ldap:// beyond this machine shows passwords to everybody on the way: use ldaps:// or startTls = true",
    }),
  );

/** The whole file. */
export const configSchema = z.strictObject({
  data: optionalTextSchema,
  /** How this installation is called: in authenticator apps, on the pages, where users are asked for a code. */
  service: z.prefault(
    z.strictObject({
      name: z._default(
        z
          .string()
          .check(z.regex(/^(?=[^\s])[^\p{C}:]{1,32}(?<=[^\s])$/u, "must be 1 to 32 letters without a colon")),
        SERVICE_NAME,
      ),
    }),
    {},
  ),
  store: z.prefault(storeSchema, {}),
  radius: z.prefault(radiusSchema, {}),
  /** OpenVPN's management sockets; the names tell the sessions apart. */
  openvpn: z._default(z.array(openvpnSchema), []).check(z.refine(areNamedApart, "must have a name each")),
  directory: z.optional(directorySchema),
  /** The administrator's pages. */
  web: z.prefault(webSchema, {}),
  mail: z.optional(mailSchema),
  log: z.prefault(
    z.strictObject({
      level: z._default(z.enum(LOG_LEVELS), "info"),
      /** A file that gets a line for each verdict and each change by an administrator. */
      audit: optionalTextSchema,
    }),
    {},
  ),
  /** Where /metrics and /healthz are; nowhere by default. */
  metrics: z.prefault(z.strictObject({ listen: z.optional(endpointSchema) }), {}),
  /** Whom the service runs as, once its ports are open. */
  run: z.prefault(z.strictObject({ user: z.optional(nameSchema), group: z.optional(nameSchema) }), {}),
});

/** Whether passwords would go over a network in clear. */
function isOpenLdap(url: string | undefined, startTls: boolean): boolean {
  return url !== undefined && /^ldap:\/\/(?!127\.|localhost\b|\[::1\])/.test(url) && !startTls;
}

function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/[^/]+(\/\d*)?$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, password } = new URL(text);
  return hostname !== "" && password === "";
}

function isEndpoint(text: string): boolean {
  const match = /^(?:\[([^\]]+)\]|[^:[\]\s]+):(\d{1,5})$/.exec(text);
  return match !== null && Number(match[2]) <= 65535 && (match[1] === undefined || isIP(match[1]) === 6);
}

/** Of two with one address the first alone would count. */
function haveAddressesApart(clients: readonly { address: string }[]): boolean {
  return new Set(clients.map(({ address }) => canonicalPrefix(address))).size === clients.length;
}

function areNamedApart(all: readonly { name: string }[]): boolean {
  return new Set(all.map(({ name }) => name)).size === all.length;
}
