// What the recorded service and the test share, and a disk that loses power: it keeps what was synced, and of each
// 512-byte sector written since either the old or the new.

export const START = 1_800_000_000;
export const ROUNDS = 30;
export const NAMES = Array.from({ length: 60 }, (_, i) => `user${i}`);
export const KEY = Buffer.from("12345678901234567890");
export const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
export const SEALING_KEY = Buffer.alloc(32, 5);

const SECTOR = 512;

export type Event =
  | { kind: "write"; at: number; data: Buffer; synced: boolean }
  | { kind: "sync" }
  | { kind: "truncate"; size: number }
  | { kind: "accept"; user: string; round: number };

/** Reads strace's record (-f -y -xx, every byte) of the calls on `file` and of what was written to `ACCEPT`. */
export function readTrace(text: string, file: string): Event[] {
  const events: Event[] = [];
  const position = new Map<string, number>();
  const synced = new Set<string>();
  const begun = new Map<string, string>();
  for (const part of text.split("\n")) {
    // A call during which another thread makes one stands in two lines; it counts where it has ended.
    const [, thread = "", first] = /^(\d+) +(.*) <unfinished \.\.\.>$/.exec(part) ?? [];
    if (first !== undefined) {
      begun.set(thread, first);
      continue;
    }
    const line = part.replace(/^(\d+) +<\.\.\. \w+ resumed>/, (_, id) => `${id} ${begun.get(id)}`);
    const call = /^\d+ +(\w+)\((.*)\) += (-?\d+)/.exec(line);
    if (!call) continue;
    const [, name, args, result] = call as unknown as [string, string, string, string];
    const bytes = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) =>
      Buffer.from(hex!.replaceAll("\\x", ""), "hex"),
    );
    if (name === "openat") {
      const opened = line.split(" = ").at(-1)!.split("<")[0]!;
      position.delete(opened);
      synced.delete(opened);
      if (args.includes("O_DSYNC")) synced.add(opened);
      continue;
    }
    const [fd = ""] = args.split("<");
    if (name === "write" && fd === "1") {
      for (const [, user, round] of String(bytes[0]).matchAll(/ACCEPT (\S+) (\d+)/g))
        events.push({ kind: "accept", user: user!, round: Number(round) });
      continue;
    }
    if (!args.startsWith(`${fd}<${file}>`)) continue;
    const numbers = args.split(", ").map(Number);
    const data = Buffer.concat(bytes);
    if (name === "lseek") position.set(fd, Number(result));
    else if (name === "pwrite64" || name === "pwritev")
      events.push({ kind: "write", at: numbers.at(-1)!, data, synced: synced.has(fd) });
    else if (name === "write" || name === "writev") {
      const at = position.get(fd) ?? 0;
      position.set(fd, at + data.length);
      events.push({ kind: "write", at, data, synced: synced.has(fd) });
    } else if (name === "fdatasync" || name === "fsync") events.push({ kind: "sync" });
    else if (name === "ftruncate") events.push({ kind: "truncate", size: numbers.at(-1)! });
  }
  return events;
}

/** The file as it may be found when the power fails after `count` of `events`; `keep` decides for each sector. */
export function afterPowerCut(
  start: Buffer,
  events: readonly Event[],
  count: number,
  keep: () => boolean,
): Buffer {
  let durable = start;
  let pending: { at: number; data: Buffer }[] = [];
  const apply = (image: Buffer, at: number, data: Buffer): Buffer => {
    const grown = Buffer.alloc(Math.max(image.length, at + data.length));
    image.copy(grown);
    data.copy(grown, at);
    return grown;
  };
  for (const event of events.slice(0, count)) {
    if (event.kind === "write" && event.synced) durable = apply(durable, event.at, event.data);
    else if (event.kind === "write") pending.push(event);
    else if (event.kind === "truncate") durable = Buffer.concat([durable], event.size);
    else if (event.kind === "sync") {
      for (const { at, data } of pending) durable = apply(durable, at, data);
      pending = [];
    }
  }
  // The call that the power cut interrupts has begun too, whether it would have been synced or not.
  const interrupted = events[count];
  if (interrupted?.kind === "write") pending.push(interrupted);
  for (const { at, data } of pending) {
    for (let from = 0; from < data.length;) {
      const to = Math.min(data.length, from + SECTOR - ((at + from) % SECTOR));
      if (keep()) durable = apply(durable, at + from, data.subarray(from, to));
      from = to;
    }
  }
  return durable;
}
