// Management from the Internet: off by default; which services, and pings; shown, and installed, as nftables rules.
import { Hono } from "hono";
import { html } from "hono/html";
import { DialwardError } from "../errors.ts";
import { installRules, printRules, removeRules } from "../admin/firewall.ts";
import { SERVICE_NAMES, type ServiceName } from "../admin/settings.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { check, csrfField, note, page } from "./page.ts";

const SERVICE_TEXTS: Record<ServiceName, string> = {
  https: "HTTPS (these pages)",
  sslVpn: "SSL VPN",
  tr069: "TR-069",
  ssh: "SSH",
};

export function managementPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { settings } = pages;
  app.get("/management", (c) => managementPage(c, pages));
  app.post("/management", async (c) => {
    const form = c.get("form");
    const before = settings.read().management.install;
    try {
      const services = Object.fromEntries(
        SERVICE_NAMES.map((name) => [name, { open: form.has(name), port: form.number(`${name}Port`) }]),
      ) as Record<ServiceName, { open: boolean; port: number }>;
      const enabled = form.has("enabled");
      const disablePing = form.has("disablePing");
      const install = form.has("install");
      const changed = settings.change((old) => ({
        ...old,
        management: { ...services, enabled, disablePing, install },
      }));
      if (install) await installRules(changed);
      else if (before) await removeRules();
    } catch (error) {
      if (!(error instanceof DialwardError)) throw error;
      return managementPage(c, pages, error.message);
    }
    return goTo(c, "/management", "good", "Saved.");
  });
  return app;
}

function managementPage(c: PageContext, { settings }: Pages, problem?: string) {
  const all = settings.read();
  const { management } = all;
  const services = SERVICE_NAMES.map(
    (name) =>
      html`<div class="service">
        ${check(name, "yes", management[name].open, SERVICE_TEXTS[name])}
        <label class="port"
          >Port<span class="hidden"> of ${SERVICE_TEXTS[name]}</span>
          <input
            name="${name}Port"
            inputmode="numeric"
            required
            pattern="[0-9]{1,5}"
            value="${management[name].port}"
        /></label>
      </div>`,
  );
  const body = html`${problem ? note("bad", problem) : ""}
    ${
      management.enabled && !all.advanced
        ? note(
            "bad",
            "Nobody can log in from the Internet yet: enable advanced authentication under Administrator password.",
          )
        : ""
    }
    <form method="post" action="/management" class="card">
      ${csrfField(c)} ${check("enabled", "yes", management.enabled, "Allow management from the Internet")}
      <fieldset class="services">
        <legend>Services</legend>
        ${services}
      </fieldset>
      ${check("disablePing", "yes", management.disablePing, "Disable ping from the Internet")}
      ${check("install", "yes", management.install, "Install the rules on this machine, now and at each start")}
      <p class="buttons"><button class="main">OK</button></p>
    </form>
    <details class="card" ${management.enabled ? "open" : ""}>
      <summary>Rules for nftables</summary>
      <p>
        They close the ports above, and pings, to addresses outside the LAN, but for what is chosen. Other
        traffic is not touched. ${management.install ? "" : "They are not installed: load them with nft -f."}
      </p>
      <pre tabindex="0"><code id="rules">${printRules(all)}</code></pre>
      <button type="button" data-copy="rules" hidden>Copy</button>
    </details>`;
  return page(c, "Management", body, problem ? 400 : 200);
}
