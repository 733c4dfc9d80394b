// The document of all groups: read anew where it was changed, here or by another machine, and only there.
import { expect, test } from "vitest";
import { Groups } from "../../host/groups/groups.ts";

test("what another machine has changed is seen, and what nobody has changed is not read anew", async () => {
  let document: Uint8Array | undefined;
  const store = {
    read: async () => document && Uint8Array.from(document),
    write: async (bytes: Uint8Array) => void (document = bytes),
  };
  const [here, there] = [new Groups(store, undefined, -1), new Groups(store, undefined, -1)];
  const none = await here.all();
  expect(await here.all()).toBe(none);
  await there.save({ name: "Sales", logins: 1 });
  const one = await here.all();
  expect([...one.keys()]).toEqual(["Sales"]);
  expect(await here.all()).toBe(one);
  await here.save({ name: "Office" });
  await there.save({ name: "Sales", logins: 2 });
  expect((await here.all()).get("Sales")).toEqual({ name: "Sales", logins: 2 });
  await there.remove("Office");
  expect([...(await here.all()).keys()]).toEqual(["Sales"]);
  const sound = document!;
  document = Buffer.from("[");
  for (let i = 0; i < 2; i++) await expect(here.all()).rejects.toThrow("damaged");
  document = sound;
  expect([...(await here.all()).keys()]).toEqual(["Sales"]);
});
