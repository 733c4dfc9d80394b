// The story of a group, for every daemon that reads what an Accept brings: "Sales" has a network and working hours, its
// user dials in, gets the address, and is out when the hours end; then a right code is refused, and it is said why.
import { expect, test } from "vitest";
import type { Session } from "../../host/store/store.ts";
import { ROUTER } from "./behind.ts";
import type { Lab } from "./lab.ts";
import type { Login } from "./logins.ts";
import { makeUser } from "./users.ts";

/** A connection that stands: the client's address in the tunnel, and whether the server has ended it. */
export interface Standing {
  address: string;
  over(): boolean | Promise<boolean>;
  stop(): Promise<void>;
}

export interface Story {
  /** Logs in and stays; undefined where the daemon was told no. */
  stay(user: { name: string }, code: string): Promise<Standing | undefined>;
  /** As testLogin() has it. */
  login: Login;
  /** The address that the user gets, of the daemon's own network. */
  address: string;
  /** More lines of reply attributes. */
  attributes?: readonly string[];
  /** What the group does at the daemon, beside the address. */
  check?(lab: Lab): Promise<void>;
}

/** How long the hours last at least from when they are set, in seconds: time to dial in. */
const LEAST_SECONDS = 25;
/** The hours' end, a minute for the service to end what goes on, and a busy machine. */
const PATIENCE_MS = 300_000;

/** `11:34-12:34`, which ends with a minute that is not far, and when that is. */
function hoursThatEnd(): { hours: string; end: number } {
  const clock = (time: number): string => new Date(time).toISOString().slice(11, 16);
  const end = Math.ceil((Date.now() + LEAST_SECONDS * 1000) / 60_000) * 60_000;
  return { hours: `${clock(end - 3_600_000)}-${clock(end)}`, end };
}

/** Tests the story with the daemon of `lab`; a router's daemon, which has no groups, has no such story. */
export function testSales(what: string, lab: () => Lab, story: Story): void {
  const user = makeUser("totp");
  test.skipIf(ROUTER)(
    `${what}: a user of Sales gets the group's address and is out at the end of the hours`,
    async ({ onTestFailed }) => {
      onTestFailed(() => console.error(lab().logs()));
      const here = lab();
      const run = async (args: readonly string[], input = ""): Promise<string> => {
        const { status, output } = await here.dialward(args, input);
        expect(status, output).toBe(0);
        return output;
      };
      const mine = async (): Promise<Session[]> =>
        (await here.sessions()).filter((one) => one.user === user.name);
      await run([
        "group",
        "save",
        "Sales",
        "--attribute",
        `Framed-IP-Address = ${story.address}`,
        ...(story.attributes ?? []),
      ]);
      await run(["user", "edit", user.name, "--groups", "Sales"]);
      const { hours, end } = hoursThatEnd();
      await run(["group", "save", "Sales", "--hours", hours]);
      const standing = await story.stay(user, user.code());
      try {
        expect(standing?.address).toBe(story.address);
        await story.check?.(here);
        await expect.poll(mine).toHaveLength(1);
        await expect.poll(() => standing!.over(), { timeout: PATIENCE_MS, interval: 1000 }).toBe(true);
        await expect(here.ping(2)).rejects.toThrow("does not answer");
      } finally {
        await standing?.stop();
      }
      // strongSwan is a few seconds early.
      await expect.poll(() => Date.now() > end, { timeout: PATIENCE_MS }).toBe(true);
      const code = user.code();
      expect(await story.login(user, code)).toBe(false);
      const reasons = () => [here.reasons(user)[0], here.reasons(user).at(-1)];
      await expect.poll(reasons).toEqual(["ok", "not-valid-now"]);
      const said = await run(["doctor", user.name], `${code}\n`);
      expect(said).toMatch(/may not dial in at this time, but: \d\d:\d\d-\d\d:\d\d, UTC \(group "Sales"\)/);
      // It is not spent by that: without the hours the same code lets in.
      await run(["group", "save", "Sales", "--hours", "none"]);
      expect(await story.login(user, code)).toBe(true);
    },
  );
}
