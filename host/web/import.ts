// Users from files of other programs: first the plan, what becomes of each row; then the act, all or none.
import { Hono } from "hono";
import { html } from "hono/html";
import { FORMATS, readFiles } from "../formats/formats.ts";
import { ImportedGroups } from "../groups/imported-groups.ts";
import { noCounts, nothingWrong, planImport, usersOf } from "../formats/plan.ts";
import type { Fate, PlanOptions, PlanRow } from "../formats/plan.ts";
import type { ReadRow } from "../formats/row.ts";
import { SECRET_ENCODINGS, Source } from "../formats/source.ts";
import { ENCODINGS } from "../formats/text.ts";
import { goTo, type PageContext, type PageEnv, type Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { keptForm, onPost } from "./forms.ts";
import { Problems } from "./kept-forms.ts";
import {
  check,
  csrfField,
  field,
  fieldProblem,
  hiddenFields,
  listTable,
  nameTag,
  note,
  page,
  problemNote,
  select,
  type Html,
} from "./page.ts";
import { letLoginsIn } from "../core/turn.ts";

const PAGE = "/users/import";
/** Rows of a plan that are shown; those that are refused come first. */
const SHOWN = 200;
const SHOWN_FIRST: readonly Fate[] = ["refused", "left", "changed", "taken"];

export function importPages(pages: Pages): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  const { imports, users } = pages;
  const mine = (c: PageContext): string => c.get("session").name;
  const planAt = (id: string): string => `/users/import/plan?id=${encodeURIComponent(id)}`;

  app.get(PAGE, (c) => filePage(c, pages));
  onPost(
    app,
    pages,
    PAGE,
    () => PAGE,
    async (c, form) => {
      const text = c.get("words").moving;
      const files = form.files("files");
      if (files.length === 0) throw new Problems({ files: text.noFile });
      const groups = await ImportedGroups.open({
        list: async () => [...(await pages.groups.all()).values()],
        save: (group) => pages.groups.save(group),
      });
      const rows = await readAll(form, files, (group) => groups.hear(group));
      const count = rows.reduce((sum, piece) => sum + piece.length, 0);
      if (count === 0) throw new Problems({ files: text.nobodyIn });
      const options: PlanOptions = {
        active: form.has("active"),
        allowWeaker: form.has("allowWeaker"),
        skipUnsupported: form.has("skipUnsupported"),
      };
      const planned = { files: files.map(({ name }) => name).join(", "), rows, count, groups, options };
      return c.redirect(planAt(imports.keep(mine(c), planned)), 303);
    },
  );

  app.get("/users/import/plan", (c) => planPage(c, pages, c.req.query("id") ?? ""));
  onPost(
    app,
    pages,
    "/users/import/save",
    (form) => planAt(form.text("id")),
    async (c, form) => {
      const text = c.get("words").moving;
      const planned = imports.find(form.text("id"), mine(c));
      if (planned === undefined) return goTo(c, PAGE, "bad", text.planGone);
      const others = await planned.groups.save();
      // What was added meanwhile is seen once more: all or none.
      let count = 0;
      const hear = ({ fate }: PlanRow): unknown => fate !== "left" && count++;
      const bad = await users.import(usersOf(planned.rows, nothingWrong, planned.options, hear));
      if (bad.length > 0)
        throw new Problems({ "": text.meanwhile(bad.slice(0, 3).map(({ name }) => name ?? "")) });
      imports.end(form.text("id"));
      const said = others.length > 0 ? ` ${text.otherGroups(others.join(", "))}` : "";
      return goTo(c, "/users", "good", text.imported(count) + said);
    },
  );
  return app;
}

/** The rows of what was uploaded, read a few at a time: a login waits for none. */
async function readAll(
  form: Form,
  files: readonly File[],
  group: (group: unknown) => void,
): Promise<ReadRow[][]> {
  const passphrase = form.optional("passphrase");
  const options = {
    columns: form
      .optional("columns")
      ?.split(",")
      .map((column) => column.trim()),
    secretEncoding: SECRET_ENCODINGS.find((one) => one === form.text("secretEncoding")),
    factor: ["totp", "hotp"].find((one) => one === form.text("factor")),
    passphrase: passphrase === undefined ? undefined : async () => passphrase,
    now: Math.floor(Date.now() / 1000),
    group,
  };
  const encoding = ENCODINGS.find((one) => one === form.text("encoding"));
  const name = form.optional("name");
  const opened: { source: Source; name: string | undefined }[] = [];
  for (const file of files)
    opened.push({
      source: new Source(Buffer.from(await file.arrayBuffer()), file.name, encoding),
      name: name ?? (files.length > 1 ? file.name : undefined),
    });
  const rows: ReadRow[][] = [];
  try {
    for await (const piece of readFiles(opened, options, form.optional("format"))) {
      rows.push(piece);
      await letLoginsIn();
    }
  } finally {
    for (const { source } of opened) source.wipe();
  }
  return rows;
}

function filePage(c: PageContext, pages: Pages) {
  const words = c.get("words");
  const text = words.moving;
  const { form, problems = {} } = keptForm(c, pages) ?? {};
  const typed = (name: string): Html => html`value="${form?.text(name) ?? ""}"`;
  const choose = (name: string, label: string, options: readonly string[], first: string): Html =>
    select(label, name, [["", first], ...options.map((one) => [one, one] as const)], form?.text(name) ?? "");
  const more = ["format", "encoding", "name", "columns", "secretEncoding", "factor"].some((name) =>
    form?.has(name),
  );
  const body = html`${problemNote(words, problems)}
    <form method="post" action="${PAGE}" enctype="multipart/form-data" class="card" autocomplete="off">
      ${csrfField(c)}
      <p>${text.importIntro}</p>
      <p class="field">
        <label for="files">${text.files}</label>
        <input
          id="files"
          name="files"
          type="file"
          multiple
          required
          aria-describedby="files-problem files-hint"
          ${problems["files"] ? html`aria-invalid="true" autofocus` : ""}
        />
        ${fieldProblem("files", problems["files"])}<span class="hint" id="files-hint">${text.filesHint}</span>
      </p>
      ${field(text.passphraseOf, "passphrase", html`type="password" autocomplete="off"`, text.passphraseOfHint)}
      ${check("active", "yes", form?.has("active") ?? false, text.active)}
      ${check("allowWeaker", "yes", form?.has("allowWeaker") ?? false, text.allowWeaker)}
      ${check("skipUnsupported", "yes", form?.has("skipUnsupported") ?? false, text.skipUnsupported)}
      <details ${more ? "open" : ""}>
        <summary>${text.more}</summary>
        ${select(
          text.format,
          "format",
          [["", text.told], ...FORMATS.map(({ name }) => [name, `${name}: ${text.formats[name]}`] as const)],
          form?.text("format") ?? "",
        )}
        ${field(text.nameOf, "name", html`maxlength="64" ${typed("name")}`, text.nameOfHint)}
        ${field(text.columns, "columns", html`spellcheck="false" ${typed("columns")}`, text.columnsHint)}
        <div class="two">
          ${choose("secretEncoding", text.secretEncoding, SECRET_ENCODINGS, text.told)}
          ${choose("encoding", text.encoding, ENCODINGS, text.told)}
        </div>
        ${choose("factor", words.profile.factor, ["totp", "hotp"], text.told)}
      </details>
      <p class="buttons">
        <button class="main">${text.showPlan}</button>
        <a class="button" href="/users">${words.frame.cancel}</a>
      </p>
    </form>`;
  return page(c, text.importTitle, body);
}

async function planPage(c: PageContext, pages: Pages, id: string) {
  const words = c.get("words");
  const text = words.moving;
  const planned = pages.imports.find(id, c.get("session").name);
  if (planned === undefined) return goTo(c, PAGE, "bad", text.planGone);
  const checkRows = planned.groups.checking((some) => pages.users.check(some));
  const counts = noCounts();
  const shown = new Map<Fate, PlanRow[]>(SHOWN_FIRST.map((fate) => [fate, []]));
  for await (const row of planImport(planned.rows, checkRows, planned.options)) {
    counts[row.fate]++;
    const rows = shown.get(row.fate)!;
    if (rows.length < SHOWN) rows.push(row);
  }
  const rows = SHOWN_FIRST.flatMap((fate) => shown.get(fate)!).slice(0, SHOWN);
  const taken = counts.taken + counts.changed;
  const verdict =
    counts.refused > 0
      ? note("bad", text.refusedAll(counts.refused, planned.count))
      : taken === 0
        ? note("bad", text.nobodyIn)
        : note("good", text.wouldImport(taken, counts.changed, counts.left));
  const body = html`${problemNote(words, keptForm(c, pages)?.problems)}${verdict}
    <p class="quiet">${text.planOf} ${nameTag(planned.files)}</p>
    ${listTable(
      [text.place, words.users.name, text.fate, text.why],
      rows.map(
        ({ place, name = "", fate, notes }) =>
          html`<tr>
            <td data-head="${text.place}">${words.said(place)}</td>
            <th scope="row" data-head="${words.users.name}">${nameTag(name)}</th>
            <td data-head="${text.fate}"><span class="badge ${BADGES[fate]}">${text.fates[fate]}</span></td>
            <td data-head="${text.why}">${notes.map(words.said).join("; ")}</td>
          </tr>`,
      ),
    )}
    ${rows.length < planned.count ? html`<p class="quiet">${text.shownOf(rows.length, planned.count)}</p>` : ""}
    <form method="post" action="/users/import/save">
      ${csrfField(c)}${hiddenFields({ id })}
      <p class="buttons">
        <button class="main" ${counts.refused > 0 || taken === 0 ? "disabled" : ""}>
          ${text.importThem(taken)}
        </button>
        <a class="button" href="${PAGE}">${words.frame.back}</a>
      </p>
    </form>`;
  return page(c, text.planTitle, body);
}

/** The colours of the lists' badges. */
const BADGES: Record<Fate, string> = {
  taken: "active",
  changed: "pending",
  left: "disabled",
  refused: "refuse",
};
