// The first factor at another RADIUS server: its yes, its no, and its silence.
import { expect, test } from "vitest";
import { upstreamDirectory } from "../../host/radius/client/upstream.ts";
import { openDoor, SECRET } from "./fixture.ts";

const silent = (): void => {};

test("yes is right, no is wrong, and everything else is no answer", async () => {
  const { server } = await openDoor();
  const there = server.addresses.authentication;
  const directory = upstreamDirectory({ server: there, secret: SECRET, timeout: 30_000 });
  expect(await directory.check("alice", "123456", silent)).toBe("right");
  expect(await directory.check("alice", "654321", silent)).toBe("wrong");
  expect(await directory.check("alice", "", silent)).toBe("wrong");
  expect(await directory.check("alice", `123456${"x".repeat(129)}`, silent)).toBe("wrong");
  const reasons: string[] = [];
  const stranger = upstreamDirectory({ server: there, secret: "another", timeout: 300 });
  expect(await stranger.check("alice", "123456", (why) => reasons.push(why))).toBe("unreachable");
  await server.close();
  const gone = upstreamDirectory({ server: there, secret: SECRET, timeout: 300 });
  expect(await gone.check("alice", "123456", (why) => reasons.push(why))).toBe("unreachable");
  expect(reasons).toHaveLength(2);
  expect(reasons.join()).not.toContain("123456");
});

test("a password with which the server asks on is not the whole password: no answer lets nobody in", async () => {
  const { server } = await openDoor();
  const there = server.addresses.authentication;
  const directory = upstreamDirectory({ server: there, secret: SECRET, timeout: 30_000 });
  expect(await directory.check("bob", "p4ssw0rd", silent)).not.toBe("right");
  await server.close();
});
