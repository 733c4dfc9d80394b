// Makes dist/dialward_VERSION_ARCHITECTURE.deb from what is built: the program with the packages that it needs, the unit,
// man pages, completion. (deb(5), deb-control(5), Debian Policy 6, "Package maintainer scripts")

import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { stage } from "./stage.mjs";

process.chdir(fileURLToPath(new URL("../..", import.meta.url)));
const ours = "host/build/debian";
const run = (command, ...args) => execFileSync(command, args, { encoding: "utf8" });
const { version: packaged } = JSON.parse(readFileSync("package.json", "utf8"));
/** Another version, to try an upgrade with. */
const version = process.argv[2] ?? packaged;
const architecture = run("dpkg", "--print-architecture").trim();
const root = mkdtempSync(join(tmpdir(), "dialward-deb-"));

/** Writes a file of the package. */
function put(path, content, mode = 0o644) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  chmodSync(join(root, path), mode);
}

try {
  stage(join(root, "usr/lib/dialward"));
  // Its own user in place of one that systemd makes up: commands find the same one.
  const unit = readFileSync("host/service/dialward.service", "utf8");
  if (!unit.includes("DynamicUser=yes\n")) throw new Error("the unit has no DynamicUser=yes to replace");
  put(
    "lib/systemd/system/dialward.service",
    unit.replace("DynamicUser=yes\n", "User=dialward\nGroup=dialward\n"),
  );
  put("usr/bin/dialward", readFileSync(`${ours}/dialward`), 0o755);
  put("etc/dialward/dialward.toml", readFileSync(`${ours}/dialward.toml`));
  const documents = "usr/share/doc/dialward";
  put(`${documents}/copyright`, readFileSync("LICENSE"));
  put(`${documents}/changelog.gz`, gzipSync(readFileSync("CHANGELOG.md"), { level: 9 }));
  for (const name of ["README.md", "SECURITY.md"]) put(`${documents}/${name}`, readFileSync(`host/${name}`));
  const dialward = (...args) => run(process.execPath, "dist/dialward.mjs", ...args);
  put("usr/share/bash-completion/completions/dialward", dialward("completion", "bash"));
  put("usr/share/zsh/vendor-completions/_dialward", dialward("completion", "zsh"));
  put("usr/share/fish/vendor_completions.d/dialward.fish", dialward("completion", "fish"));
  for (const name of readdirSync("dist/man"))
    put(`usr/share/man/man1/${name}`, readFileSync(`dist/man/${name}`));

  put("DEBIAN/conffiles", "/etc/dialward/dialward.toml\n");
  const control = readFileSync(`${ours}/control`, "utf8");
  put("DEBIAN/control", control.replace("VERSION", version).replace("ARCHITECTURE", architecture));
  for (const name of ["postinst", "prerm", "postrm"])
    put(`DEBIAN/${name}`, readFileSync(`${ours}/${name}`), 0o755);
  const product = `dist/dialward_${version}_${architecture}.deb`;
  run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, product);
  console.log(product);
} finally {
  rmSync(root, { recursive: true, force: true });
}
