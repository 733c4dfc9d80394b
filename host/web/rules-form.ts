// What a user or a group brings and asks: reply attributes, hours and limits as fields of a form, read back from it, and
// shown as what results for a user and where each thing comes from.
import { html } from "hono/html";
import { readAddedClients } from "../config/client-file.ts";
import { printAttribute } from "../groups/attribute.ts";
import { AttributeError } from "../groups/dictionary.ts";
import {
  fit,
  MOST_ATTRIBUTES,
  MOST_BYTES,
  ON_LIMIT,
  readLine,
  type Effective,
  type Rules,
} from "../groups/group.ts";
import {
  DAYS,
  isHours,
  isZone,
  parseLocal,
  printLocal,
  tidyHours,
  validAt,
  type Validity,
} from "../groups/validity.ts";
import type { Pages } from "./context.ts";
import type { Form } from "./form.ts";
import { check, field, fieldProblem, nameTag, select, type Html } from "./page.ts";
import type { Words } from "./words.ts";

const MOST_LOGINS = 10_000;

interface Shown {
  words: Words;
  rules: Rules;
  form?: Form | undefined;
  problems?: Record<string, string> | undefined;
  /** What an empty choice of what happens at the limit means. */
  otherwise: string;
}

/** The names that a line of attributes may go to. */
export function clientNames({ config }: Pick<Pages, "config">): string[] {
  const { clients } = config.radius;
  const named = clients.map(({ name, address }) => name ?? address);
  const own = clients.length === 0 ? ["loopback"] : [];
  const added = readAddedClients(config.data).map(({ name }) => name);
  return [...new Set([...named, ...own, ...added, ...config.openvpn.map(({ name }) => name)])];
}

/** The fields of `rules`, as they are or as they came back. */
export function rulesFields({ words, rules, form, problems = {}, otherwise }: Shown): Html {
  const text = words.rules;
  const { attributes = [], valid = {}, logins, onLimit } = rules;
  const typed = (name: string, stored = ""): string => form?.text(name) ?? stored;
  const time = (seconds?: number): string => (seconds === undefined ? "" : printLocal(seconds, valid.zone));
  const days = form ? form.list("days") : (valid.days ?? []);
  const zones = Intl.supportedValuesOf("timeZone").map((zone) => html`<option value="${zone}"></option>`);
  return html`<p class="field">
      <label for="attributes">${text.attributes}</label>
      <textarea
        id="attributes"
        name="attributes"
        rows="5"
        spellcheck="false"
        autocapitalize="none"
        autocomplete="off"
        aria-describedby="attributes-problem attributes-hint"
        ${problems["attributes"] ? html`aria-invalid="true" autofocus` : ""}
      >
${typed("attributes", attributes.join("\n"))}</textarea>
      ${fieldProblem("attributes", problems["attributes"])}<span class="hint" id="attributes-hint"
        >${text.attributesHint}</span
      >
    </p>
    <fieldset>
      <legend>${text.days}</legend>
      ${fieldProblem("days", problems["days"])}
      <div class="grid">${DAYS.map((day) => check("days", day, days.includes(day), text.dayNames[day]))}</div>
      <span class="hint">${text.daysHint}</span>
    </fieldset>
    <div class="two">
      ${field(text.hours, "hours", html`placeholder="08:00-18:00" value="${typed("hours", valid.hours)}"`, text.hoursHint, problems["hours"])}
      ${field(text.zone, "zone", html`placeholder="UTC" list="zones" spellcheck="false" value="${typed("zone", valid.zone)}"`, text.zoneHint, problems["zone"])}
      ${field(text.from, "from", html`type="datetime-local" value="${typed("from", time(valid.from))}"`, undefined, problems["from"])}
      ${field(text.until, "until", html`type="datetime-local" value="${typed("until", time(valid.until))}"`, text.untilHint, problems["until"])}
      ${field(text.logins, "logins", html`inputmode="numeric" value="${typed("logins", logins?.toString())}"`, text.loginsHint, problems["logins"])}
      ${select(
        text.onLimit,
        "onLimit",
        [["", otherwise], ...ON_LIMIT.map((one) => [one, text.onLimits[one]] as const)],
        typed("onLimit", onLimit),
      )}
    </div>
    <datalist id="zones">${zones}</datalist>`;
}

/** What rulesFields() shows; all keys are there, so that what was taken out goes. Fills `problems`. */
export function readRules(
  form: Form,
  words: Words,
  clients: readonly string[],
  problems: Record<string, string>,
): Required<{ [Key in keyof Rules]: Rules[Key] | null }> {
  const text = words.rules;
  const attributes = readAttributes(form, words, clients, problems);
  const zone = form.text("zone").trim();
  if (zone && !isZone(zone)) problems["zone"] = text.zoneWrong;
  const hours = tidyHours(form.text("hours"));
  if (hours && !isHours(hours)) problems["hours"] = text.hoursWrong;
  const days = DAYS.filter((day) => form.list("days").includes(day));
  const time = (name: "from" | "until"): number | undefined => {
    const typed = form.text(name).slice(0, 16);
    if (!typed || problems["zone"]) return undefined;
    const read = parseLocal(typed, zone || undefined);
    if (read === undefined) problems[name] = text.timeWrong;
    return read;
  };
  const [from, until] = [time("from"), time("until")];
  if (from !== undefined && until !== undefined && from >= until) problems["until"] = text.untilWrong;
  const valid: Validity = {
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(days.length > 0 && days.length < DAYS.length && { days }),
    ...(hours && { hours }),
  };
  // The zone alone says nothing.
  if (Object.keys(valid).length > 0 && zone) valid.zone = zone;
  const logins = form.number("logins", 1, MOST_LOGINS);
  if (Number.isNaN(logins)) problems["logins"] = words.profile.between(1, MOST_LOGINS);
  const onLimit = ON_LIMIT.find((one) => one === form.text("onLimit")) ?? null;
  return { attributes, valid, logins: logins ?? 0, onLimit };
}

function readAttributes(
  form: Form,
  words: Words,
  clients: readonly string[],
  problems: Record<string, string>,
): string[] {
  const text = words.rules;
  const lines = form.text("attributes").split(/\r?\n/);
  const wrong = lines.flatMap((line, i) => {
    if (line.trim() === "") return [];
    try {
      const { client } = readLine(line);
      if (client === undefined || clients.includes(client)) return [];
      return [text.line(i + 1, text.noClient(client, clients.join(", ")))];
    } catch (error) {
      if (error instanceof AttributeError) return [text.line(i + 1, text.attributeWrong(error))];
      throw error;
    }
  });
  const kept = lines.map((line) => line.trim()).filter(Boolean);
  if (kept.length > MOST_ATTRIBUTES || !fit(kept)) wrong.push(text.tooMany(MOST_ATTRIBUTES, MOST_BYTES));
  if (wrong.length > 0) problems["attributes"] = wrong.join(" ");
  return kept;
}

/** What results for a user by these rules at `now` (seconds since 1970), and where each thing comes from. */
export function resultTable(words: Words, rules: Effective, now: number): Html | string {
  const text = words.rules;
  const { sources } = rules;
  const rows: [what: string, value: string, source: string | undefined][] = rules.attributes.map(
    ({ client, attribute, source }) => {
      const [name = "", value = ""] = printAttribute(attribute).split(/ \+?= (.*)/s);
      return [client === undefined ? name : text.toClient(name, client), value, source];
    },
  );
  if (rules.valid) {
    const state = validAt(rules.valid, now).valid ? text.validNow : text.notValidNow;
    rows.push([text.valid, `${text.validity(rules.valid)}; ${state}`, sources.valid]);
  }
  const then = text.onLimits[rules.onLimit];
  if (rules.logins !== undefined) rows.push([text.logins, `${rules.logins}: ${then}`, sources.logins]);
  for (const { group, logins } of rules.groupLogins)
    rows.push([text.groupLogins, `${logins}: ${then}`, group]);
  if (rows.length === 0) return "";
  return html`<section class="card" aria-labelledby="results">
    <h2 id="results">${text.results}</h2>
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">${words.user.what}</th>
          <th scope="col">${text.value}</th>
          <th scope="col">${text.whence}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([what, value, source]) =>
            html`<tr>
              <th scope="row" data-head="${words.user.what}">${what}</th>
              <td data-head="${text.value}"><span class="rule">${value}</span></td>
              <td data-head="${text.whence}">
                ${source === undefined ? text.own : html`${text.ofGroup} ${nameTag(source)}`}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
