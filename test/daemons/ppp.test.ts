// L2TP over IPsec and PPTP: xl2tpd inside strongSwan's transport mode, and pptpd, both with pppd's RADIUS plug-in, in
// user-mode Linux, since few hosts have /dev/ppp.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lab } from "./lab.ts";
import { testSales } from "./sales.ts";
import { testLogin, testOneStepOnly, testType, type Login } from "./logins.ts";

const UML = new URL("uml", import.meta.url).pathname;
const SERVICES = { l2tp: "10.51.0.1", pptp: "10.52.0.1" } as const;
type Service = keyof typeof SERVICES;
/** What pppd requires, in place of the line of the options file, and what the client adds. */
const PROOFS = {
  PAP: { server: "require-pap", client: "noccp" },
  CHAP: { server: "require-chap", client: "noccp" },
  "MS-CHAPv2": { server: "require-mschap-v2", client: "noccp" },
  "MS-CHAPv2 with MPPE 128": { server: "require-mschap-v2\nrequire-mppe-128", client: "require-mppe-128" },
} as const;

let lab: Lab;
const given = {} as Record<Service, string>;

beforeAll(async () => {
  lab = await Lab.open("ppp", async (lab) => {
    for (const words of [
      "tuntap add dwtap mode tap",
      "address add 192.0.2.1/24 dev dwtap",
      "link set dwtap up",
    ])
      await lab.run("server", ["ip", ...words.split(" ")]);
  });
  const folder = join(lab.folder, "ppp");
  execFileSync("sh", [join(folder, "make-dictionary.sh")]);
  for (const service of ["l2tp", "pptp"] as const)
    given[service] = readFileSync(join(folder, `options.${service}`), "utf8");
  const shim = join(lab.folder, "xstate.so");
  execFileSync("gcc", ["-shared", "-fPIC", "-o", shim, join(UML, "xstate.c")]);
  cpSync(UML, join(lab.folder, "uml"), { recursive: true });
  const machine = ["mem=256M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet"];
  const devices = ["vec0:transport=tap,ifname=dwtap", "con=null", "con0=null,fd:1", `uml_dir=${lab.folder}`];
  const first = [`LAB=${lab.folder}`, `init=${lab.folder}/uml/init.sh`];
  const uml = lab.start("server", "uml", ["linux.uml", ...machine, ...devices, ...first], {
    LD_PRELOAD: shim,
  });
  await lab.until("user-mode Linux is ready", async () => {
    if (!uml.running) throw new Error(`User-mode Linux has ended.\n${lab.logs()}`);
    const log = await inside("cat /run/*.log");
    return log.includes("Listening on IP address") && log.includes("IPsec is ready");
  });
});
afterAll(() => lab?.close());

/** Runs a line of shell in the guest; what it writes. */
async function inside(line: string): Promise<string> {
  const command = ["busybox", "nc", "192.0.2.2", "4000"];
  return (await lab.run("server", command, { input: `exec 2>&1\n${line}\n` })).output;
}

/** Writes the options of both sides; the line of shell that dials in. */
function prepare(
  service: Service,
  proof: keyof typeof PROOFS,
  name: string,
  password: string,
  more = "",
): string {
  const { server, client } = PROOFS[proof];
  const options = given[service].replace(/^(require-|noccp).*\n/gm, "");
  const common = "noauth\nrefuse-eap\nnoipv6\nnodefaultroute\nlinkname client\nlogfile /run/client.log";
  // The first word of one side comes before the other listens, and the last one is not heard: do not wait long.
  const hurry = "lcp-restart 1\nlcp-max-terminate 1\nlcp-echo-interval 0";
  writeFileSync(join(lab.folder, `ppp/options.${service}`), `${options}${server}\n${hurry}\n`);
  lab.write(
    "client-options",
    `user ${name}\npassword "${password}"\n${common}\n${hurry}\n${client}\n`,
    0o600,
  );
  return `busybox sh $LAB/uml/dial.sh ${service} ${SERVICES[service]} ${more}`;
}

const loginBy =
  (service: Service, proof: keyof typeof PROOFS): Login =>
  async ({ name }, password) => {
    const output = await inside(prepare(service, proof, name, password));
    const esp = service === "l2tp" ? "inside ESP\n" : "";
    if (output === `refused\n${esp}`) return false;
    expect(output).toBe(`connected\nthe ping is answered\n${esp}`);
    return true;
  };

testLogin("L2TP, PAP", () => lab, loginBy("l2tp", "PAP"));
testLogin("L2TP, CHAP, password and code", () => lab, loginBy("l2tp", "CHAP"), "password+code");
testLogin("L2TP, MS-CHAPv2", () => lab, loginBy("l2tp", "MS-CHAPv2"));
testLogin("L2TP, MS-CHAPv2 with MPPE 128", () => lab, loginBy("l2tp", "MS-CHAPv2 with MPPE 128"));
testLogin("PPTP, PAP, password and code", () => lab, loginBy("pptp", "PAP"), "password+code");
testLogin("PPTP, CHAP", () => lab, loginBy("pptp", "CHAP"));
testLogin("PPTP, MS-CHAPv2", () => lab, loginBy("pptp", "MS-CHAPv2"));
testLogin("PPTP, MS-CHAPv2 with MPPE 128", () => lab, loginBy("pptp", "MS-CHAPv2 with MPPE 128"));
testType("L2TP", () => lab, loginBy("l2tp", "MS-CHAPv2 with MPPE 128"), "l2tp");
testType("PPTP", () => lab, loginBy("pptp", "CHAP"), "pptp");
testOneStepOnly("pppd", () => lab, loginBy("pptp", "PAP"));

testSales("pppd", () => lab, {
  async stay({ name }, password) {
    const line = prepare("pptp", "MS-CHAPv2 with MPPE 128", name, password, "stay");
    // Its shell ends when the server hangs up.
    const words = `printf 'exec 2>&1\\n%s\\n' '${line}' | busybox nc 192.0.2.2 4000`;
    const client = lab.start("server", "pppd-client", ["sh", "-c", words]);
    await lab.until("pppd is connected or refused", () => /^(address|refused)/m.test(client.log()));
    const address = /^address (\S+)$/m.exec(client.log())?.[1];
    if (address === undefined) return undefined;
    return {
      address,
      over: () => !client.running && /^hung up: .*terminated/m.test(client.log()),
      stop: () => client.stop(),
    };
  },
  login: loginBy("pptp", "MS-CHAPv2 with MPPE 128"),
  address: "10.52.0.77",
});

test("L2TP outside IPsec is dropped", async () => {
  const blocked = async () =>
    Number(/XfrmInPolBlock\s+(\d+)/.exec(await inside("cat /proc/net/xfrm_stat"))![1]);
  const before = await blocked();
  const lines = ["[lac vpn]", "lns = 10.87.1.1", "autodial = yes"];
  const client = "xl2tpd -D -c /run/clear.conf -p /run/xl2tpd/client.pid -C /run/xl2tpd/client";
  await inside(`printf '${lines.join("\\n")}\\n' > /run/clear.conf
    timeout 90 nsenter --net=/run/netns/client ${client} > /run/clear.log 2>&1 & echo $! > /run/clear.pid`);
  // It sends its first word again and again.
  await lab.until("two packets have been dropped", async () => (await blocked()) >= before + 2);
  const output = await inside("kill $(cat /run/clear.pid); cat /run/clear.log");
  expect(output).toContain("Connecting to host 10.87.1.1, port 1701");
  expect(output).not.toContain("Connection established");
});
