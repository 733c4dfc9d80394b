// The bind to a directory: names that want to be more than a name, passwords that are none, servers that say nothing.
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import fc from "fast-check";
import { bounded } from "../../host/directory/directory.ts";
import { ldapDirectory } from "../../host/directory/ldap.ts";
import { runs } from "../runs.ts";

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
  server = undefined;
});

/** A directory that answers each bind by `result` (an LDAP result code), or not at all; resolves to its URL. */
async function listen(result: (name: string, password: string) => number | undefined): Promise<string> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      const bind = readBind(bytes);
      if (!bind) return;
      const code = result(bind.name, bind.password);
      // LDAPMessage { messageID, BindResponse { resultCode, matchedDN "", diagnosticMessage "" } }, RFC 4511 section 4.2.2.
      if (code !== undefined)
        socket.write(Buffer.from([0x30, 12, 2, 1, bind.id, 0x61, 7, 0x0a, 1, code, 4, 0, 4, 0]));
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return `ldap://127.0.0.1:${(server!.address() as AddressInfo).port}`;
}

/** Message id, name and password of a simple BindRequest (RFC 4511 section 4.2); lengths below 64 KiB. */
function readBind(bytes: Buffer): { id: number; name: string; password: string } | undefined {
  let at = 0;
  const next = (): { tag: number; value: Buffer } => {
    const tag = bytes[at++]!;
    let length = bytes[at++]!;
    if (length > 128) {
      const more = length - 128;
      length = bytes.readUIntBE(at, more);
      at += more;
    }
    return { tag, value: bytes.subarray(at, at + length) };
  };
  next(); // LDAPMessage
  const id = next();
  at += id.value.length;
  const request = next();
  if (request.tag !== 0x60) return undefined;
  const version = next();
  at += version.value.length;
  const name = next();
  at += name.value.length;
  return { id: id.value[0]!, name: name.value.toString(), password: next().value.toString() };
}

const options = { startTls: false, timeout: 5000 };
const silent = (): void => {};

test("right, wrong, and a server that refuses for another reason", async () => {
  const url = await listen((name, password) =>
    name !== "uid=ann,dc=example" ? 34 : password === "secret" ? 0 : 49,
  );
  const directory = ldapDirectory({ url, name: "uid={user},dc=example", ...options });
  expect(await directory.check("ann", "secret", silent)).toBe("right");
  expect(await directory.check("ann", "secreT", silent)).toBe("wrong");
  const reasons: string[] = [];
  expect(await directory.check("bob", "secret", (why) => reasons.push(why))).toBe("unreachable");
  expect(reasons.join()).not.toContain("secret");
  expect(reasons).toHaveLength(1);
});

test("no password is never a right one: a bind without one would succeed", async () => {
  const url = await listen(() => 0);
  const directory = ldapDirectory({ url, name: "uid={user},dc=example", ...options });
  expect(await directory.check("ann", "", silent)).toBe("wrong");
  expect(await directory.check("ann", "\0", silent)).toBe("wrong");
});

test("a name stays one name, whatever is in it", async () => {
  const names: string[] = [];
  const url = await listen((name) => {
    names.push(name);
    return 0;
  });
  const directory = ldapDirectory({ url, name: "uid={user},dc=example", ...options });
  const name = fc.oneof(
    fc.stringMatching(/^[a-z ,+"\\<>;=#@.]{1,12}$/),
    fc.constantFrom("a,dc=other", "x+cn=y", "#04", " a ", "a\\", 'a"b'),
  );
  await fc.assert(
    fc.asyncProperty(name, async (user) => {
      names.length = 0;
      await directory.check(user, "secret", silent);
      // What is not escaped ends the value: a comma or plus without a backslash before it would begin another.
      for (const bound of names) {
        const value = bound.slice("uid=".length, -",dc=example".length);
        expect(value.replace(/\\[0-9a-f]{2}/g, "")).not.toMatch(/[,+"<>;=\\ #]/);
        expect(decodeURIComponent(value.replace(/\\/g, "%"))).toBe(user);
      }
    }),
    runs(6),
  );
});

test("Active Directory's logins take names that can be no more than a name", async () => {
  const names: string[] = [];
  const url = await listen((name) => {
    names.push(name);
    return 0;
  });
  const directory = ldapDirectory({ url, name: "{user}@corp.example", ...options });
  expect(await directory.check("ann.o'neill", "secret", silent)).toBe("right");
  for (const user of ["ann@other.example", "CORP\\ann", "a\0b", "*"])
    expect(await directory.check(user, "secret", silent)).toBe("wrong");
  expect(names).toEqual(["ann.o'neill@corp.example"]);
});

test("a server that says nothing, or is not there, is no answer, and is told", async () => {
  const url = await listen(() => undefined);
  const reasons: string[] = [];
  const slow = ldapDirectory({ url, name: "uid={user},dc=example", ...options, timeout: 100 });
  expect(await slow.check("ann", "secret", (why) => reasons.push(why))).toBe("unreachable");
  server!.close();
  for (const socket of sockets) socket.destroy();
  const gone = ldapDirectory({ url, name: "uid={user},dc=example", ...options });
  expect(await gone.check("ann", "secret", (why) => reasons.push(why))).toBe("unreachable");
  expect(reasons).toHaveLength(2);
});

test("questions are bounded in number", async () => {
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const directory = bounded({ check: async () => (await held, "right") }, 2);
  const first = [directory.check("a", "x", silent), directory.check("b", "x", silent)];
  expect(await directory.check("c", "x", silent)).toBe("unreachable");
  release!();
  expect(await Promise.all(first)).toEqual(["right", "right"]);
  expect(await directory.check("c", "x", silent)).toBe("right");
});
