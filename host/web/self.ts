// Users enrol themselves: opened by a one-time link whose secret part stands behind the #, so that no server, proxy or
// Referer sees it; then password or PIN, the QR code, a first code, recovery codes. The administrator sees none of it.
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { newSecret, type Profile } from "../users/profile.ts";
import type { PageContext, PageEnv, Pages } from "./context.ts";
import { notVerified, secretCard } from "./enrol.ts";
import type { Enrolling } from "./enrolling.ts";
import type { Form } from "./form.ts";
import { field, nameTag, note, plainPage, type Html } from "./page.ts";
import { commonProblems } from "./profile-form.ts";

const COOKIE = "dialward-enrol";

export function selfPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { users, links, enrollings } = pages;

  app.get("/enrol", (c) => openPage(c));
  app.post("/enrol", (c) => {
    const link = links.find(c.get("form").text("link").trim().replace(/^.*#/, ""));
    if (link === undefined)
      return plainPage(c, c.get("words").self.title, note("bad", c.get("words").self.void), 410);
    const path = `${c.get("base") ?? ""}/enrol`;
    const secure = isOverTls(c);
    const value = enrollings.begin(link);
    setCookie(c, COOKIE, value, { path, httpOnly: true, sameSite: "Strict", secure });
    return c.redirect("/enrol/steps", 303);
  });

  app.get("/enrol/steps", async (c) => {
    const one = enrollings.find(getCookie(c, COOKIE));
    if (one === undefined)
      return plainPage(c, c.get("words").self.title, note("bad", c.get("words").self.void), 410);
    if (one.recovery) return donePage(c, one);
    const { profile } = await users.get(one.user);
    if (one.draft === undefined && !(await beginDraft(pages, one, profile))) return ownPage(c, one, profile);
    return codePage(c, one);
  });
  app.post("/enrol/own", async (c) => {
    const one = enrollings.find(getCookie(c, COOKIE));
    if (one === undefined) return c.redirect("/enrol/steps", 303);
    const { profile } = await users.get(one.user);
    one.problem = readOwn(c, one, profile, c.get("form"));
    if (one.problem === undefined) await beginDraft(pages, one, profile);
    return c.redirect("/enrol/steps", 303);
  });
  app.post("/enrol/code", async (c) => {
    const one = enrollings.find(getCookie(c, COOKIE));
    if (one?.draft === undefined || one.recovery) return c.redirect("/enrol/steps", 303);
    const { draft } = one;
    const code = c.get("form").text("code");
    // For a draft that is verified already and could not be saved: a second code is not asked for.
    const { outcome, ...why } =
      draft.active && one.problem
        ? { outcome: "accept" as const, reason: "ok" as const, waitSeconds: 0 }
        : draft.verify(code);
    if (outcome !== "accept") {
      const findings = why.reason === "wrong-code" ? await draft.diagnose(code) : [];
      one.problem = notVerified(c.get("words"), why, findings);
      return c.redirect("/enrol/steps", 303);
    }
    // Used up first: two browsers with one link end as one device.
    if (!links.spend(one.link)) {
      enrollings.end(getCookie(c, COOKIE)!);
      return c.redirect("/enrol/steps", 303);
    }
    const asShown = ({ secret }: Profile): boolean => secret === one.replaces;
    await users.save(draft, asShown, one.own);
    one.recovery = await users.help.recoveryCodes(one.user, true);
    return c.redirect("/enrol/steps", 303);
  });
  return app;
}

/** Begins the draft once the user has chosen what the mode needs; false where that is missing. */
async function beginDraft({ users }: Pages, one: Enrolling, profile: Profile): Promise<boolean> {
  const needed = neededOf(profile, one);
  if (needed.some((name) => one.own[name] === undefined)) return false;
  const { created: _created, driftBound: _driftBound, recovery: _recovery, ...plain } = profile;
  one.replaces = profile.secret;
  one.draft = await users.draft(
    { ...plain, ...one.own, secret: newSecret(profile.factor), active: false },
    true,
  );
  return true;
}

/** What the user chooses: a PIN for mOTP, a password where the mode has one that is kept here and was not shown. */
function neededOf(
  { factor, mode, passwordFrom }: Profile,
  { proved }: Pick<Enrolling, "proved">,
): ("pin" | "password")[] {
  return [
    ...(factor === "motp" ? (["pin"] as const) : []),
    ...(mode === "code" || proved || passwordFrom ? [] : (["password"] as const)),
  ];
}

function readOwn(c: PageContext, one: Enrolling, profile: Profile, form: Form): string | undefined {
  const words = c.get("words");
  const pin = form.optional("pin");
  const password = form.optional("password");
  const needed = neededOf(profile, one);
  if (needed.includes("pin") && pin === undefined) return words.profile.pinNeeded;
  if (needed.includes("password") && [...(password ?? "")].length < 8) return words.password.short(8);
  const problems = commonProblems({ pin, password, types: [...profile.types] }, words);
  if (Object.keys(problems).length > 0) return Object.values(problems).join(" ");
  if (password !== undefined && password !== form.text("again")) return words.password.differ;
  if (needed.includes("pin")) one.own.pin = pin!;
  if (needed.includes("password")) one.own.password = password!;
  return undefined;
}

/** Before the link is taken: script takes it from behind the #, or the user pastes it. */
function openPage(c: PageContext) {
  const words = c.get("words").self;
  const body = html`<form method="post" action="/enrol" class="card" data-link="link" autocomplete="off">
    <p>${words.intro}</p>
    ${field(words.link, "link", html`required autocomplete="off" spellcheck="false" autocapitalize="none"`, words.linkHint)}
    <p class="buttons"><button class="main">${words.begin}</button></p>
  </form>`;
  return plainPage(c, words.title, body);
}

function ownPage(c: PageContext, one: Enrolling, profile: Profile) {
  const words = c.get("words");
  const needed = neededOf(profile, one);
  const secretly = html`type="password" required autocomplete="new-password"`;
  const body = html`${greeting(c, one)}${one.problem ? note("bad", one.problem) : ""}
    <form method="post" action="/enrol/own" class="card" autocomplete="off">
      ${
        needed.includes("pin")
          ? field(
              words.profile.pin,
              "pin",
              html`type="password" inputmode="numeric" pattern="[0-9]{4,7}" maxlength="7" required autofocus
              autocomplete="off"`,
              words.self.pinHint,
            )
          : ""
      }
      ${
        needed.includes("password")
          ? html`${field(words.password.password, "password", html`${secretly} minlength="8" autofocus`, words.self.passwordHint)}
            ${field(words.password.again, "again", secretly)}`
          : ""
      }
      <p class="buttons"><button class="main">${words.frame.next}</button></p>
    </form>`;
  return plainPage(c, words.self.title, body);
}

function codePage(c: PageContext, one: Enrolling) {
  const words = c.get("words");
  const { profile, uri } = one.draft!;
  const body = html`${greeting(c, one)}
    <section class="card" aria-label="${words.profile.secret}">
      <h2>${words.self.step1}</h2>
      ${secretCard(words, profile, uri, words.self.showNobody)}
      <p class="buttons">
        <a class="button" href="${uri}">${words.self.openApp}</a>
        <a class="button" href="/token/" target="_blank" rel="noopener">${words.self.token}</a>
      </p>
    </section>
    <section class="card" aria-label="${words.enrol.verify}">
      <h2>${words.self.step2}</h2>
      ${one.problem ? note("bad", one.problem) : ""}
      <form method="post" action="/enrol/code" class="verify" autocomplete="off">
        ${field(
          words.self.code,
          "code",
          html`required ${one.problem ? "autofocus" : ""} autocapitalize="none" spellcheck="false"
          maxlength="20" ${profile.factor === "motp" ? "" : html`inputmode="numeric"`}`,
        )}
        <button class="main">${words.self.finish}</button>
      </form>
    </section>`;
  return plainPage(c, words.self.title, body);
}

function donePage(c: PageContext, one: Enrolling) {
  const words = c.get("words");
  const body = html`${note("good", words.self.done)}
    <div class="card print">
      <h2>${words.recovery.of} ${nameTag(one.user)}</h2>
      <p>${words.self.recovery}</p>
      <ol class="codes">
        ${one.recovery!.map((code) => html`<li><code>${code}</code></li>`)}
      </ol>
    </div>
    <p class="buttons"><button data-print hidden>${words.frame.print}</button></p>`;
  return plainPage(c, words.self.title, body);
}

function greeting(c: PageContext, { user }: Enrolling): Html {
  return html`<p>${c.get("words").self.hello} <strong>${nameTag(user)}</strong></p>`;
}

/** Whether the browser came over TLS, to these pages, or to a proxy: where enrolment has an address of its own, it says so. */
function isOverTls(c: PageContext): boolean {
  const own = new URL(c.req.url).protocol === "https:" || c.req.header("x-forwarded-proto") === "https";
  return c.get("secure") || own;
}
