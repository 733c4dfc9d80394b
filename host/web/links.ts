// Links for users to enrol themselves, as an administrator makes them: shown, as a QR code, on a sheet, by e-mail.
import { Hono } from "hono";
import { html } from "hono/html";
import { randomBytes, randomInt } from "node:crypto";
import { newSecret, type Profile } from "../users/profile.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { goBack, keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import {
  csrfField,
  field,
  hiddenFields,
  nameTag,
  note,
  page,
  problemNote,
  select,
  timeTag,
  timeText,
} from "./page.ts";
import { qrCode } from "./qr.ts";
import { mailFault } from "./mail.ts";
import { quoted, shownName } from "./shown-name.ts";

/** For how long a link may be good, in seconds. */
const VALID = { hour: 3600, day: 86_400, week: 7 * 86_400 } as const;
type Validity = keyof typeof VALID;

interface Made {
  url: string;
  expires: number;
  mail?: { kind: "good" | "bad"; text: string };
}

export function linkPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { users, links } = pages;
  const linkAt = (form: Form): string => `/users/link?name=${encodeURIComponent(form.text("name"))}`;

  app.get("/users/link", async (c) =>
    linkPage(c, pages, (await users.get(c.req.query("name") ?? "")).profile),
  );
  onPost(app, pages, "/users/link", linkAt, async (c, form) => {
    const words = c.get("words").links;
    const name = form.text("name");
    const { profile } = await users.get(name);
    const to = form.optional("mail")?.trim();
    if (to !== undefined && !/^[^\s@<>,]+@[^\s@<>,]+$/.test(to))
      throw new Problems({ mail: words.mailWrong });
    // A lost device: its codes end before the link is made.
    if (form.has("lost")) await users.save(await placeholder(pages, profile), () => true);
    const valid = VALID[form.text("valid") as Validity] ?? VALID.day;
    const { secret, expires } = links.make(name, valid);
    pages.changes.note("link made", name, c.get("session").name);
    const made: Made = { url: `${enrolUrl(c, pages)}#${secret}`, expires };
    if (to !== undefined && pages.mail) {
      try {
        await pages.mail(to, words.mailSubject, words.mailText(made.url, timeText(c.get("words"), expires)));
        made.mail = { kind: "good", text: words.sent(to) };
      } catch (error) {
        const said = shownName((error as Error).message);
        made.mail = { kind: "bad", text: words.notSent(words.mailFaults[mailFault(error)], said) };
      }
    }
    return goBack(c, pages, linkAt(form), { form, problems: {}, result: made });
  });
  onPost(app, pages, "/users/link/withdraw", linkAt, (c, form) => {
    links.withdraw(form.text("name"));
    pages.changes.note("link taken back", form.text("name"), c.get("session").name);
    return goTo(c, linkAt(form), "good", c.get("words").links.withdrawn);
  });
  return app;
}

/** A profile of `row` that nobody can log in with: pending, and of a secret that nobody has seen. */
export async function placeholder(
  { users }: Pages,
  row: Partial<Profile> & { name: string },
  replaces = true,
) {
  const { created: _created, driftBound: _driftBound, recovery: _recovery, ...plain } = row;
  const factor = plain.factor ?? "totp";
  const secret = newSecret(factor);
  const pin = factor === "motp" ? String(randomInt(1_000_000, 9_999_999)) : undefined;
  const password =
    (plain.mode ?? "code") === "code" || plain.passwordFrom
      ? undefined
      : randomBytes(24).toString("base64url");
  const own = { ...(pin && { pin }), ...(password && { password }) };
  return users.draft({ ...own, ...plain, secret, active: false }, replaces);
}

/** Where users open their links: at an address of its own, else where the administrator is just now. */
function enrolUrl(c: PageContext, { config, enrolAt }: Pages): string {
  const own = config.web.enrolUrl ?? enrolAt();
  if (own !== undefined) return `${own.replace(/\/$/, "")}/enrol`;
  return `${c.get("secure") ? "https" : "http"}://${c.req.header("host")}${c.get("base")}/enrol`;
}

function linkPage(c: PageContext, pages: Pages, { name }: Profile) {
  const words = c.get("words");
  const text = words.links;
  const kept = keptForm(c, pages);
  const made = kept?.result as Made | undefined;
  const back = `/users/edit?name=${encodeURIComponent(name)}`;
  if (made) {
    const body = html`${made.mail ? note(made.mail.kind, made.mail.text) : ""}
      <div class="card print">
        <h2>${text.sheet} ${nameTag(name)}</h2>
        <p>${text.sheetText}</p>
        <div class="secret">
          ${qrCode(made.url, text.qrCode)}
          <div>
            <p><code id="link" class="key">${made.url}</code></p>
            <p><button type="button" data-copy="link" hidden>${words.frame.copy}</button></p>
            <p>${text.until} ${timeTag(made.expires * 1000)}</p>
          </div>
        </div>
      </div>
      <p class="hint">${text.once}</p>
      <p class="buttons">
        <button type="button" data-print hidden>${words.frame.print}</button>
        <a class="button main" href="/users">${words.recovery.done}</a>
      </p>`;
    return page(c, text.titleOf(quoted(name)), body);
  }
  const open = pages.links.of(name);
  const body = html`${problemNote(words, kept?.problems)}
    <form method="post" action="/users/link" class="card" autocomplete="off">
      ${csrfField(c)}${hiddenFields({ name })}
      <p>${text.intro}</p>
      ${select(
        text.valid,
        "valid",
        (Object.keys(VALID) as Validity[]).map((one) => [one, text.validities[one]] as const),
        kept?.form.text("valid") || "day",
      )}
      <label class="check"
        ><input type="checkbox" name="lost" value="yes" ${kept?.form.has("lost") ? "checked" : ""} /><span
          >${text.lost}</span
        ></label
      >
      ${
        pages.mail
          ? field(
              text.mail,
              "mail",
              html`type="email" autocomplete="off" value="${kept?.form.text("mail") ?? ""}"`,
              text.mailHint,
              kept?.problems["mail"],
            )
          : ""
      }
      <p class="buttons">
        <button class="main">${text.make}</button><a class="button" href="${back}">${words.frame.cancel}</a>
      </p>
    </form>
    ${
      open
        ? html`<form method="post" action="/users/link/withdraw" class="card">
            ${csrfField(c)}${hiddenFields({ name })}
            <p>${text.open} ${timeTag(open.expires * 1000)}</p>
            <p class="buttons"><button class="danger">${text.withdraw}</button></p>
          </form>`
        : ""
    }`;
  return page(c, text.titleOf(quoted(name)), body);
}
