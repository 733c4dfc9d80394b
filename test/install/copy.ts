// A copy of this machine: its files under a layer that takes all changes and is gone afterwards (overlayfs), with no
// network but its own loopback. For what installs itself.
import { spawn } from "node:child_process";

/** Runs `script` (bash) as root in a fresh copy, this repository at its place; resolves to its output, rejects where it fails. */
export function runInCopy(script: string, folder = process.cwd()): Promise<string> {
  const enter = `set -eu
    layer=$(mktemp -d)
    mount -t tmpfs -o size=1G none "$layer"
    mkdir "$layer/upper" "$layer/work" "$layer/root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
    mount --rbind /dev "$layer/root/dev"
    mount -t proc proc "$layer/root/proc"
    mount -t tmpfs none "$layer/root/run"
    mount -t tmpfs none "$layer/root/tmp"
    mkdir -p "$layer/root${folder}"
    mount --bind "${folder}" "$layer/root${folder}"
    ip link set lo up
    cd "$layer/root"
    exec chroot . bash -euo pipefail -s`;
  const args = ["--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", enter];
  const child = spawn("unshare", args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stdin.end(`cd ${folder}\n${script}`);
  return new Promise((resolve, reject) => {
    child.on("close", (status) =>
      status === 0 ? resolve(said) : reject(new Error(`status ${status}\n${said}`)),
    );
  });
}
