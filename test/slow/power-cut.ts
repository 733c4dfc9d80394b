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
  | { kind: "write"; file: string; at: number; data: Buffer }
  | { kind: "truncate"; file: string; size: number }
  | { kind: "sync"; file: string }
  | { kind: "create"; file: string; empty: boolean }
  | { kind: "rename"; file: string; to: string }
  | { kind: "unlink"; file: string }
  | { kind: "accept"; user: string; round: number };

/** Reads strace's record (-f -y -xx, every byte) of the calls on files in `folder` and of what was written to `ACCEPT`. */
export function readTrace(text: string, folder: string): Event[] {
  const events: Event[] = [];
  const position = new Map<string, number>();
  const appending = new Set<string>();
  const sizes = new Map<string, number>();
  const begun = new Map<string, string>();
  const bytesOf = (args: string): Buffer[] =>
    [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) =>
      Buffer.from(hex!.replaceAll("\\x", ""), "hex"),
    );
  const inFolder = (path: string): string | undefined =>
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path === folder ? "" : undefined;
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
    if (Number(result) < 0) continue;
    if (name === "openat") {
      const file = inFolder(bytesOf(args)[0]!.toString());
      const fd = line.split(" = ").at(-1)!.split("<")[0]!;
      position.delete(fd);
      appending.delete(fd);
      if (args.includes("O_APPEND")) appending.add(fd);
      if (file && args.includes("O_CREAT"))
        events.push({ kind: "create", file, empty: args.includes("O_TRUNC") });
      if (file && args.includes("O_TRUNC")) sizes.set(file, 0);
      continue;
    }
    if (name.startsWith("rename") || name.startsWith("unlink")) {
      const [file, to] = bytesOf(args.replaceAll(/<[^>]*>/g, "")).map((path) => inFolder(path.toString()));
      if (file && name.startsWith("unlink")) events.push({ kind: "unlink", file });
      else if (file && to) {
        events.push({ kind: "rename", file, to });
        sizes.set(to, sizes.get(file) ?? 0);
      }
      continue;
    }
    const [fd = ""] = args.split("<");
    if (name === "write" && fd === "1") {
      for (const [, user, round] of String(bytesOf(args)[0]).matchAll(/ACCEPT (\S+) (\d+)/g))
        events.push({ kind: "accept", user: user!, round: Number(round) });
      continue;
    }
    const path = /^\d+<([^>]*)>/.exec(args)?.[1];
    const file = path && inFolder(Buffer.from(path.replaceAll("\\x", ""), "hex").toString());
    if (file === undefined) continue;
    if (name === "fdatasync" || name === "fsync") events.push({ kind: "sync", file });
    if (file === "" || name === "fdatasync" || name === "fsync") continue;
    const numbers = args.split(", ").map(Number);
    const data = Buffer.concat(bytesOf(args.slice(args.indexOf(">"))));
    if (name === "lseek") position.set(fd, Number(result));
    else if (name === "ftruncate") events.push({ kind: "truncate", file, size: numbers.at(-1)! });
    else if (["write", "writev", "pwrite64", "pwritev"].includes(name)) {
      const placed = name.startsWith("p");
      const at = placed
        ? numbers.at(-1)!
        : appending.has(fd)
          ? (sizes.get(file) ?? 0)
          : (position.get(fd) ?? 0);
      if (!placed) position.set(fd, at + data.length);
      sizes.set(file, Math.max(sizes.get(file) ?? 0, at + data.length));
      events.push({ kind: "write", file, at, data });
    }
  }
  return events;
}

interface Inode {
  durable: Buffer;
  pending: { at: number; data: Buffer }[];
}

/** The folder as the calls change it, and as a disk may hold it when the power fails at any moment. */
export class Disk {
  /** What the system shows, and what a sync of the folder has made last. */
  #names = new Map<string, Inode>();
  #durable = new Map<string, Inode>();
  /** Changes of names since: the disk has the first of them, however many. */
  #changes: ((names: Map<string, Inode>) => void)[] = [];

  constructor(files: ReadonlyMap<string, Buffer>) {
    for (const [name, bytes] of files) this.#names.set(name, { durable: bytes, pending: [] });
    this.#durable = new Map(this.#names);
  }

  apply(event: Event): void {
    if (event.kind === "accept") return;
    const inode = this.#names.get(event.file);
    if (event.kind === "sync") {
      if (inode) sync(inode);
      // A folder's names, those of folders in it not.
      else {
        for (const change of this.#changes) change(this.#durable);
        this.#changes = [];
      }
    } else if (event.kind === "write") inode!.pending.push(event);
    else if (event.kind === "truncate") {
      sync(inode!);
      inode!.durable = Buffer.concat([inode!.durable], event.size);
    } else if (event.kind === "create") {
      if (!inode) {
        const made: Inode = { durable: Buffer.alloc(0), pending: [] };
        this.#change((names) => names.set(event.file, made));
      } else if (event.empty) Object.assign(inode, { durable: Buffer.alloc(0), pending: [] });
    } else if (event.kind === "rename")
      this.#change((names) => {
        const moved = names.get(event.file) ?? inode;
        names.delete(event.file);
        if (moved) names.set(event.to, moved);
      });
    else this.#change((names) => names.delete(event.file));
  }

  /** The files after a power cut during `interrupted`; `keep` decides for each sector that was not synced. */
  afterPowerCut(interrupted: Event | undefined, keep: () => boolean): Map<string, Buffer> {
    const names = new Map(this.#durable);
    for (const change of this.#changes) {
      if (!keep()) break;
      change(names);
    }
    const now = interrupted?.kind === "write" ? this.#names.get(interrupted.file) : undefined;
    return new Map(
      [...names].map(([name, inode]) => {
        const pending =
          inode === now && interrupted?.kind === "write" ? [...inode.pending, interrupted] : inode.pending;
        return [name, tear(inode.durable, pending, keep)];
      }),
    );
  }

  /** The files as the system shows them. */
  get files(): Map<string, Buffer> {
    return new Map(
      [...this.#names].map(([name, { durable, pending }]) => [name, tear(durable, pending, () => true)]),
    );
  }

  #change(change: (names: Map<string, Inode>) => void): void {
    change(this.#names);
    this.#changes.push(change);
  }
}

function sync(inode: Inode): void {
  inode.durable = tear(inode.durable, inode.pending, () => true);
  inode.pending = [];
}

function tear(durable: Buffer, pending: Inode["pending"], keep: () => boolean): Buffer {
  const size = pending.reduce((most, { at, data }) => Math.max(most, at + data.length), durable.length);
  const image = Buffer.alloc(size);
  durable.copy(image);
  let end = durable.length;
  for (const { at, data } of pending) {
    for (let from = 0; from < data.length;) {
      const to = Math.min(data.length, from + SECTOR - ((at + from) % SECTOR));
      if (keep()) {
        data.copy(image, at + from, from, to);
        end = Math.max(end, at + to);
      }
      from = to;
    }
  }
  return image.subarray(0, end);
}
