// System, the pages' certificate: given, tried before it is kept, or made here.
import { X509Certificate, createPrivateKey } from "node:crypto";
import { Hono } from "hono";
import { html } from "hono/html";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import { onPost } from "./forms.ts";
import { Problems, type KeptForm } from "./kept-forms.ts";
import { askPage, csrfField, fieldProblem, type Html } from "./page.ts";
import { daysLeft, forgetGiven, keepGiven } from "./tls.ts";

const PAGE = "/system";

/** Takes what certificateForm() shows. */
export function certificatePages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { config } = pages;
  const here = (): string => PAGE;

  onPost(app, pages, "/system/certificate", here, (c, form) => {
    const words = c.get("words").system;
    const [cert, key] = [form.text("cert").trim(), form.text("key").trim()];
    try {
      const parsed = new X509Certificate(cert);
      if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Problems({ key: words.otherKey });
      if (daysLeft(Buffer.from(cert)) <= 0) throw new Problems({ cert: words.expired });
    } catch (error) {
      if (error instanceof Problems) throw error;
      throw new Problems({ cert: words.noCertificate });
    }
    keepGiven(config, `${cert}\n`, `${key}\n`);
    pages.changes.note("certificate given", "", c.get("session").name);
    pages.renew();
    return goTo(c, PAGE, "good", words.certificateTaken);
  });

  app.get("/system/certificate/make", (c) => {
    const { system: words } = c.get("words");
    return askPage(c, {
      title: words.makeCertificateTitle,
      text: words.makeCertificateText,
      path: "/system/certificate/make",
      fields: {},
      label: words.makeCertificateButton,
      back: PAGE,
    });
  });
  onPost(app, pages, "/system/certificate/make", here, (c) => {
    forgetGiven(config);
    pages.changes.note("certificate made", "", c.get("session").name);
    pages.renew();
    return goTo(c, PAGE, "good", c.get("words").system.certificateMade);
  });
  return app;
}

/** The form of System that takes a certificate, and the way back to one that is made here. */
export function certificateForm(
  c: PageContext,
  pages: Pages,
  { form, problems = {} }: Partial<KeptForm> = {},
): Html {
  const { system: text, frame } = c.get("words");
  const pem = (name: "cert" | "key", label: string) =>
    html`<p class="field">
      <label for="${name}">${label}</label>
      <textarea
        id="${name}"
        name="${name}"
        rows="4"
        spellcheck="false"
        autocomplete="off"
        required
        ${problems[name] ? html`aria-invalid="true" aria-describedby="${name}-problem" autofocus` : ""}
      >
${name === "cert" ? (form?.text(name) ?? "") : ""}</textarea>
      ${fieldProblem(name, problems[name])}
    </p>`;
  const given = pages.config.web.cert === undefined && pages.certificate()?.made === false;
  return html`<details class="card" ${problems["cert"] || problems["key"] ? "open" : ""}>
    <summary>${text.giveCertificate}</summary>
    <form method="post" action="/system/certificate">
      ${csrfField(c)}
      <p>${text.certificateText}</p>
      ${pem("cert", text.certPem)} ${pem("key", text.keyPem)}
      <p class="buttons"><button class="main">${frame.save}</button></p>
    </form>
    ${
      given
        ? html`<p class="buttons after">
            <a class="button danger" href="/system/certificate/make">${text.makeCertificate}</a>
          </p>`
        : ""
    }
  </details>`;
}
