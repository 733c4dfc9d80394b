// What others name (users, NAS, callers, groups, RADIUS clients) turns no page around, and is no part of its markup.
import { expect, test } from "vitest";
import type { Session } from "../../host/store/store.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { openPages } from "./open-pages.ts";

/** A name that begins with `word`: it turns what follows, is written from right to left, and would be an element. */
const turning = (word: string): string => `${word}\u202e<i>\u05d0"&`;

class StoreWithSession extends MemoryStore {
  override async sessions(): Promise<Session[]> {
    return [
      {
        id: turning("id"),
        user: turning("user"),
        nas: turning("nas"),
        callingStation: turning("station"),
        framedAddress: "10.0.0.7",
        since: 1_800_000_000,
        updated: 1_800_000_000,
        bytesIn: 1,
        bytesOut: 2,
      } as Session,
    ];
  }
}

test.each(["en", "de"])("names on every page that shows them: %s", async (language) => {
  const { ask, logIn, users, groups, journal, changes, administrator, close } = await openPages({
    store: new StoreWithSession(),
  });
  await logIn();
  const name = turning("user");
  const at = encodeURIComponent(name);
  await users.add({ name, secret: "GEZDGNBVGY3TQOJQ" });
  await groups.save({ name: turning("group") });
  await administrator.setPassword(turning("desk"), "correct horse battery", "helpdesk");
  changes.note("link made", turning("what"), turning("who"));
  const dialIn = {
    ...{ login: "1", user: name, nas: turning("nas"), source: turning("source") },
    proof: { kind: "clear", text: Buffer.from("1") },
  } as const;
  const verdict = { outcome: "refuse", reason: "wrong-code", waitSeconds: 0, offset: 0 } as const;
  journal.note({ time: Date.now(), dialIn, verdict });
  const paths = [
    ...["/users", "/connections", "/connections/list", "/log", "/groups", "/administrator", "/users/export"],
    ...["edit", "link", "recovery", "remove", "doctor"].map((page) => `/users/${page}?name=${at}`),
    ...[`/log?user=${at}`, `/users?q=${at}`, `/users/edit?name=${at}x`, `/test?name=${at}`],
    ...[`/groups/edit?name=${encodeURIComponent(turning("group"))}`, `/administrator/remove?name=${at}`],
    ...[`/clients/remove?name=${at}`, `/connections/end?id=${encodeURIComponent(turning("id"))}`],
  ];
  for (const path of paths) {
    const { text } = await ask(path, undefined, { headers: { "accept-language": language } });
    expect(text, path).not.toContain("<i>");
    // A field holds what was typed, and nothing follows in it.
    const shown = text.replace(/<(input|option|textarea)\b[^>]*>/g, "");
    expect(
      [...shown.matchAll(/.{30}\u202e.{10}/g)].map(([one]) => one),
      path,
    ).toEqual([]);
  }
  for (const word of ["nas", "source"]) expect((await ask("/log")).text).toContain(`<bdi>${word}\\u202e`);
  const connections = (await ask("/connections")).text;
  expect(connections).toContain("<bdi>nas\\u202e");
  expect(connections).toContain("station\\u202e");
  await close();
});
