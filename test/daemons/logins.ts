// What every way to log in has to show, whatever the daemon: a right code connects, and neither the same code
// again nor a wrong one does; a dial-in type that is not allowed is refused although the code is right.
import { expect, test } from "vitest";
import type { DialInType } from "../../host/core/dial-in.ts";
import type { Lab } from "./lab.ts";
import { FACTORS, makeUser, type User, type UserOptions } from "./users.ts";

/**
 * Logs in, with a word for each question, and, where there is a tunnel, pings through it and ends it. False where the
 * daemon was told no; throws where anything else went wrong.
 */
export type Login = (user: User, ...words: string[]) => Promise<boolean>;

/** Tests `login` with TOTP and with mOTP. In mode `password+code` both are typed into one field. */
export function testLogin(
  what: string,
  lab: () => Lab,
  login: Login,
  mode: UserOptions["mode"] = "code",
): void {
  for (const factor of FACTORS) {
    const user = makeUser(factor, { mode });
    const other = makeUser(factor, { mode });
    test(`${what}, ${factor}: a right code, the same again, a wrong one`, async ({ onTestFailed }) => {
      onTestFailed(() => console.error(lab().logs()));
      const prefix = (who: User) => (mode === "password+code" ? who.password : "");
      const right = prefix(user) + user.code();
      expect(await login(user, right)).toBe(true);
      expect(await login(user, right)).toBe(false);
      expect(await login(other, prefix(other) + other.wrongCode())).toBe(false);
      await expect.poll(() => lab().reasons(user)).toEqual(["ok", "code-spent"]);
      await expect.poll(() => lab().reasons(other)).toEqual(["wrong-code"]);
    });
  }
}

/** Tests `login` in mode `password-then-code`, with TOTP and with mOTP; a wrong password is not asked for a code. */
export function testTwoSteps(what: string, lab: () => Lab, login: Login): void {
  for (const factor of FACTORS) {
    const user = makeUser(factor, { mode: "password-then-code" });
    const other = makeUser(factor, { mode: "password-then-code" });
    test(`${what}, password, then code, ${factor}: a right code, the same again, a wrong one`, async ({
      onTestFailed,
    }) => {
      onTestFailed(() => console.error(lab().logs()));
      const code = user.code();
      expect(await login(user, user.password, code)).toBe(true);
      expect(await login(user, user.password, code)).toBe(false);
      expect(await login(other, other.password, other.wrongCode())).toBe(false);
      expect(await login(other, "wrong")).toBe(false);
      await expect
        .poll(() => lab().reasons(user))
        .toEqual(["password-ok", "ok", "password-ok", "code-spent"]);
      await expect.poll(() => lab().reasons(other)).toEqual(["password-ok", "wrong-code", "wrong-code"]);
    });
  }
}

/** Tests that in mode `password-then-code` a right password is refused, and that the log says why. */
export function testOneStepOnly(what: string, lab: () => Lab, login: Login): void {
  const user = makeUser("totp", { mode: "password-then-code" });
  test(`${what} cannot ask for the code in a second step, and the log says so`, async ({ onTestFailed }) => {
    onTestFailed(() => console.error(lab().logs()));
    expect(await login(user, user.password)).toBe(false);
    await expect.poll(() => lab().reasons(user)).toEqual(["password-ok", "challenge-not-supported"]);
  });
}

/** Tests that `login` is taken for a dial-in of `type`: allowed alone it passes, left out it is refused. */
export function testType(what: string, lab: () => Lab, login: Login, type: DialInType): void {
  const others = ["ipsec-xauth", "ikev2-eap", "ssl-vpn", "openvpn", "l2tp", "pptp"] as const;
  const allowed = makeUser("totp", { types: [type] });
  const refused = makeUser("totp", { types: others.filter((each) => each !== type) });
  test(`${what} is told to be ${type}: a profile that allows only others is refused`, async ({
    onTestFailed,
  }) => {
    onTestFailed(() => console.error(lab().logs()));
    expect(await login(allowed, allowed.code())).toBe(true);
    expect(await login(refused, refused.code())).toBe(false);
    await expect.poll(() => lab().reasons(refused)).toEqual(["type-not-allowed"]);
  });
}
