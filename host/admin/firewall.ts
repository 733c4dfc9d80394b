// Management from the Internet as an nftables rule set: the chosen services and pings, and nothing else of them.
// (nft(8). The table is the product's own: loading it again replaces it, deleting it undoes it.)
import { execFile } from "node:child_process";
import { isIP } from "node:net";
import { DialwardError } from "../errors.ts";
import { SERVICE_NAMES, type Settings } from "./settings.ts";

const TABLE = "inet dialward";

/** The rule set for `nft -f`. Addresses of the LAN reach everything; other traffic than management is not touched. */
export function printRules({ lan, management }: Settings): string {
  const open = new Set<number>();
  const closed = new Set<number>();
  for (const name of SERVICE_NAMES) {
    const { open: chosen, port } = management[name];
    (management.enabled && chosen ? open : closed).add(port);
  }
  for (const port of open) closed.delete(port);
  const list = (ports: Set<number>): string => [...ports].sort((a, b) => a - b).join(", ");
  const lines = [`iif "lo" accept`, "ct state established,related accept"];
  for (const prefix of lan) {
    lines.push(`${isIP(prefix.split("/")[0]!) === 6 ? "ip6" : "ip"} saddr ${prefix} accept`);
  }
  if (open.size > 0) lines.push(`tcp dport { ${list(open)} } accept comment "management from the Internet"`);
  if (closed.size > 0) lines.push(`tcp dport { ${list(closed)} } drop`);
  if (management.disablePing || !management.enabled) {
    lines.push("icmp type echo-request drop", "icmpv6 type echo-request drop");
  }
  const rules = lines.map((line) => `    ${line}`).join("\n");
  const chain = `  chain input {\n    type filter hook input priority filter; policy accept;\n${rules}\n  }`;
  // The first line makes sure that there is one to delete.
  return `table ${TABLE}\ndelete table ${TABLE}\ntable ${TABLE} {\n${chain}\n}\n`;
}

/** Puts the rule set into the kernel, all of it or nothing. Throws DialwardError("refused") with nft's word. */
export function installRules(settings: Settings): Promise<void> {
  return load(printRules(settings));
}

/** Takes the rule set out of the kernel. */
export function removeRules(): Promise<void> {
  return load(`table ${TABLE}\ndelete table ${TABLE}\n`);
}

function load(rules: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile("nft", ["-f", "-"], { timeout: 10_000 }, (error, _, words) => {
      if (!error) return resolve();
      const why = words.trim().split("\n")[0] || error.message;
      const text = `The rules are not in force: ${why}. It takes nftables, and root or CAP_NET_ADMIN.`;
      reject(new DialwardError("refused", text));
    });
    child.stdin?.on("error", () => {}); // nft is not there: told above
    child.stdin?.end(rules);
  });
}
