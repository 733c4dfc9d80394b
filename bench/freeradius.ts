// FreeRADIUS as the peer: with nothing in it but rlm_files and rlm_totp, or storing each accepted step in SQLite besides.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { base32, freePort, pin, SECRET, stop, type Server, type User } from "./servers.ts";

/** How long it may take to start. */
const START_SECONDS = 20;

/**
 * FreeRADIUS with nothing in it but rlm_files and rlm_totp; with `stores` it puts each accepted step into SQLite besides,
 * which syncs it (synchronous=FULL), before it answers. Undefined where it is not installed.
 */
export async function startFreeRadius(
  folder: string,
  users: readonly User[],
  core: number | undefined,
  stores = false,
): Promise<Server | undefined> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const endpoint = { address: "127.0.0.1", port: await freePort() };
  writeFileSync(`${folder}/radiusd.conf`, configureFreeRadius(folder, endpoint.port, stores));
  writeFileSync(
    `${folder}/users`,
    users.map(({ name, key }) => `${name} TOTP-Secret := "${base32(key)}", Auth-Type := totp\n`).join(""),
  );
  // In the foreground and in one thread, which is faster on one core.
  const command = pin(core, ["freeradius", "-f", "-s", "-d", folder]);
  const child = spawn(command[0]!, command.slice(1), { stdio: "ignore" });
  const failed = new Promise<boolean>((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", () => resolve(false));
  });
  const ready = (async () => {
    for (const end = Date.now() + START_SECONDS * 1000; Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      try {
        if (readFileSync(`${folder}/log`, "utf8").includes("Ready to process requests")) return true;
      } catch {
        // The log is not there yet.
      }
    }
    return false;
  })();
  if (!(await Promise.race([failed, ready]))) {
    child.kill("SIGKILL");
    return undefined;
  }
  return { endpoint, pid: child.pid!, stop: () => stop(child) };
}

export function freeRadiusVersion(): string | undefined {
  try {
    const text = execFileSync("freeradius", ["-v"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return /Version (\S+?),? /.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** As little work for each request as it allows, and no time that a finished request is kept for. */
function configureFreeRadius(folder: string, port: number, stores: boolean): string {
  // One sync for each login is the least that SQLite can do (synchronous is FULL by itself). The count makes it write where
  // the step is the same as before, which it lets pass: the generator has no fresh code for each login.
  const table = "CREATE TABLE spent (user TEXT PRIMARY KEY, step INTEGER, logins INTEGER);";
  writeFileSync(`${folder}/schema.sql`, `PRAGMA journal_mode = WAL;\n${table}\n`);
  const sql = `sql {
    dialect = "sqlite"
    driver = "rlm_sql_sqlite"
    sqlite {
      filename = "${folder}/spent.db"
      bootstrap = "${folder}/schema.sql"
    }
    pool {
      start = 1
      min = 1
      max = 1
    }
  }`;
  const spend = `post-auth {
    if ("%{sql:INSERT INTO spent VALUES ('%{User-Name}', %l / 30, 1) ON CONFLICT (user) DO UPDATE SET step = excluded.step, logins = logins + 1 WHERE excluded.step >= step}" == "0") {
      reject
    }
  }`;
  return `prefix = /usr
sysconfdir = /etc
localstatedir = ${folder}
logdir = ${folder}
raddbdir = ${folder}
confdir = ${folder}
radacctdir = ${folder}
libdir = /usr/lib/freeradius
pidfile = ${folder}/pid
name = freeradius
correct_escapes = true
max_request_time = 5
cleanup_delay = 0
max_requests = 65536
hostname_lookups = no
proxy_requests = no
log {
  destination = files
  file = ${folder}/log
  auth = no
}
security {
  reject_delay = 0
  status_server = no
}
thread pool {
  start_servers = 1
  max_servers = 1
  min_spare_servers = 1
  max_spare_servers = 1
  max_requests_per_server = 0
  max_queue_size = 65536
}
client bench {
  ipaddr = 127.0.0.1
  secret = ${SECRET}
}
modules {
  totp {
  }
  files {
    filename = ${folder}/users
  }
  always reject {
    rcode = reject
  }
  ${stores ? sql : ""}
}
server bench {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
  }
  authorize {
    files
    update request {
      &TOTP-Password := &User-Password
    }
  }
  authenticate {
    Auth-Type totp {
      totp
    }
  }
  ${stores ? spend : ""}
}
`;
}
