// Management from the Internet: off by default; which services, and pings; shown, and installed, as nftables rules.
import { Hono } from "hono";
import { html } from "hono/html";
import { installRules, printRules, removeRules } from "../admin/firewall.ts";
import { SERVICE_NAMES, type ServiceName, type Settings } from "../admin/settings.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import { check, csrfField, fieldProblem, note, page, problemNote } from "./page.ts";
import { checkRevision, revisionField } from "./settings-form.ts";
import type { Words } from "./words.ts";

export function managementPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { settings } = pages;
  app.get("/management", (c) => managementPage(c, pages));
  onPost(
    app,
    pages,
    "/management",
    () => "/management",
    async (c, form) => {
      const words = c.get("words");
      const all = settings.read();
      const before = all.management.install;
      checkRevision(c, form, { management: all.management }, describe(words, all));
      const management = {
        ...readServices(form, words.management.portWrong),
        enabled: form.has("enabled"),
        disablePing: form.has("disablePing"),
        install: form.has("install"),
      };
      // Who comes from the WAN would saw off the branch.
      if (c.get("zone") === "wan" && !(management.enabled && management.https.open))
        throw new Problems({ "": words.management.youWouldBeOut });
      const next = { ...all, management };
      // What the kernel refuses is not saved.
      if (management.install) await installRules(next);
      else if (before) await removeRules();
      settings.change((old) => ({ ...old, management }));
      pages.changes.note("management changed", management.enabled ? "on" : "off", c.get("session").name);
      return goTo(c, "/management", "good", words.frame.saved);
    },
  );
  return app;
}

function describe({ management: words }: Words, { management }: Settings): string {
  const open = SERVICE_NAMES.filter((name) => management[name].open);
  const said = open.map((name) => `${words.services[name]} ${management[name].port}`);
  return words.describe(said, management.enabled, management.disablePing, management.install);
}

function readServices(form: Form, wrong: string): Record<ServiceName, { open: boolean; port: number }> {
  const problems: Record<string, string> = {};
  const services = SERVICE_NAMES.map((name) => {
    const port = form.number(`${name}Port`, 1, 65_535);
    if (port === undefined || Number.isNaN(port)) problems[`${name}Port`] = wrong;
    return [name, { open: form.has(name), port: port ?? 0 }] as const;
  });
  if (Object.keys(problems).length > 0) throw new Problems(problems);
  return Object.fromEntries(services) as Record<ServiceName, { open: boolean; port: number }>;
}

function managementPage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.management;
  const all = pages.settings.read();
  const { management } = all;
  const { form, problems = {} } = keptForm(c, pages) ?? {};
  const on = (name: string, stored: boolean): boolean => (form ? form.has(name) : stored);
  const services = SERVICE_NAMES.map((name) => {
    const port = `${name}Port`;
    const problem = problems[port];
    return html`<div class="service">
      ${check(name, "yes", on(name, management[name].open), text.services[name])}
      <label class="port"
        >${text.port}<span class="hidden"> ${text.services[name]}</span>
        <input
          name="${port}"
          inputmode="numeric"
          required
          pattern="[0-9]{1,5}"
          value="${form?.text(port) ?? management[name].port}"
          ${problem ? html`aria-invalid="true" aria-describedby="${port}-problem" autofocus` : ""}
        />${fieldProblem(port, problem)}</label
      >
    </div>`;
  });
  const body = html`${problemNote(words, problems)}
    ${management.enabled && !all.advanced ? note("bad", text.nobodyYet) : ""}
    <form method="post" action="/management" class="card">
      ${csrfField(c)}${revisionField({ management })}
      ${check("enabled", "yes", on("enabled", management.enabled), text.allow)}
      <fieldset class="services">
        <legend>${text.servicesTitle}</legend>
        ${services}
      </fieldset>
      ${check("disablePing", "yes", on("disablePing", management.disablePing), text.noPing)}
      ${check("install", "yes", on("install", management.install), text.install)}
      <p class="buttons"><button class="main">${words.frame.ok}</button></p>
    </form>
    <details class="card" ${management.enabled ? "open" : ""}>
      <summary>${text.rules}</summary>
      <p>${text.rulesText} ${management.install ? "" : text.notInstalled}</p>
      <pre tabindex="0"><code id="rules">${printRules(all)}</code></pre>
      <button type="button" data-copy="rules" hidden>${words.frame.copy}</button>
    </details>`;
  return page(c, text.title, body);
}
