// The container image's recipe, without an engine: its files on a copy of this machine, its user, its entry and its health
// check, on a root that cannot be written to. The codes are RFC 4226's (appendix D).
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { runInCopy } from "./copy.ts";

const recipe = readFileSync("host/build/image/Containerfile", "utf8").replaceAll("\\\n", "");
/** What stands after a word of the recipe. */
const after = (word: string) => new RegExp(`^${word} (.*)$`, "m").exec(recipe)![1]!;
const words = (list: string) =>
  (JSON.parse(list) as string[]).map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
const users = JSON.stringify({
  users: [{ name: "alice", factor: "hotp", secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", active: true }],
});

beforeAll(() => void execFileSync(process.execPath, ["host/build/stage.mjs"]));

test("without privileges, on a root that is only read: serves, is healthy, lets in once", async () => {
  const copies = [...recipe.matchAll(/^COPY (\S+) (\S+)$/gm)].map(([, from, to]) =>
    from!.endsWith("/") ? `mkdir -p ${to} && cp -r ${from}. ${to}` : `install -D -m 0644 ${from} ${to}`,
  );
  const [uid, gid] = after("USER").split(":");
  const healthy = words(after("HEALTHCHECK .*? CMD"));
  const said = await runInCopy(`
    ${copies.join("\n")}
    ${after("RUN")}
    mount -t tmpfs -o uid=${uid},gid=${gid},mode=0700 none ${after("VOLUME")}
    mount -t tmpfs none /mnt
    mount -o remount,ro /
    as="setpriv --reuid ${uid} --regid ${gid} --clear-groups --bounding-set=-all --no-new-privs"
    ! touch /anywhere 2>/dev/null
    $as ${words(after("ENTRYPOINT"))} ${words(after("CMD"))} >/mnt/log 2>&1 & service=$!
    for i in $(seq 300); do grep -q ^ready /mnt/log && break; sleep 0.1; done
    grep ^ready /mnt/log || cat /mnt/log
    $as ${healthy} && echo healthy
    echo '${users}' | $as dialward user import -
    echo 755224 | $as dialward dial alice
    echo 755224 | $as dialward dial alice || echo "status $?"
    kill $service
    wait $service && echo ended
    $as ${healthy} || echo "not healthy"`);
  expect(said).toMatch(/ready\nhealthy\n[^]*accepted\nrefused[^]*status 1\nended\nnot healthy\n$/);
});
