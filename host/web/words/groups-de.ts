// Die Texte zu Gruppen und Regeln auf Deutsch.
import type { AttributeFault, Definition } from "../../groups/dictionary.ts";
import { printLocal } from "../../groups/validity.ts";
import type { groups as english, rules as englishRules } from "./groups-en.ts";

const WANTED: Record<Definition["data"], string> = {
  text: "ein Text",
  bytes: "0x und Hexadezimalziffern, oder ein Text",
  number: "eine ganze Zahl",
  number64: "eine ganze Zahl",
  address: "eine IPv4-Adresse",
  address6: "eine IPv6-Adresse",
  prefix6: "ein IPv6-Präfix",
  interface: "vier Gruppen von Hexadezimalziffern",
  time: "ein Zeitpunkt",
};

const FAULTS: Record<Exclude<AttributeFault, "value">, (attribute: string) => string> = {
  form: (line) => `„${line}“ ist kein Attribut: Bitte so schreiben: Framed-IP-Address = 10.0.0.7.`,
  unknown: (name) =>
    `${name} steht nicht im Wörterbuch: Bitte als Nummer schreiben, etwa Attr-26.9.1 = 0x6162.`,
  own: (name) => `${name} lässt sich nicht setzen: Es gehört dem Protokoll selbst.`,
  none: (name) => `${name}: Ein solches Attribut gibt es nicht.`,
  "no-tag": (name) => `${name} nimmt keine Marke (Tag).`,
  tag: (name) => `${name}: Eine Marke (Tag) ist eine Zahl von 1 bis 31.`,
  "tagged-number": (name) => `${name}: Eine Zahl mit Marke hat drei Bytes hinter 00.`,
  empty: (name) => `${name}: Hinter dem = steht nichts.`,
  long: (name) => `${name}: Der Wert ist zu lang für ein Attribut.`,
  hexadecimal: (name) => `${name}: Hinter 0x stehen Paare von Hexadezimalziffern.`,
  quote: (name) => `${name}: Das schließende Anführungszeichen fehlt.`,
  "beyond-prefix": (name) => `${name}: Hinter der Länge des Präfixes sind Bits gesetzt.`,
};

const DAYS = { Mon: "Mo", Tue: "Di", Wed: "Mi", Thu: "Do", Fri: "Fr", Sat: "Sa", Sun: "So" };

export const groups: typeof english = {
  name: "Gruppe",
  nameHint: "Etwa Vertrieb. Der Name bleibt.",
  nameWrong: "Bitte einen Namen von bis zu 64 Buchstaben angeben, ohne Komma.",
  taken: "Eine Gruppe dieses Namens gibt es schon.",
  users: "Benutzer",
  brings: "Was sie bringt und verlangt",
  none: "Es gibt noch keine Gruppen. Eine Gruppe gibt vielen Benutzern dieselben Adressen, Zeiten und Grenzen.",
  intro:
    "Was hier steht, gilt für jeden Benutzer der Gruppe, der selbst nichts dergleichen hat und keine Gruppe vor dieser.",
  editTitle: (name) => `Gruppe ${name}`,
  saved: (name) => `Die Gruppe ${name} ist gespeichert.`,
  changed: (name) =>
    `Jemand anders hat die Gruppe ${name} inzwischen geändert. Noch ist nichts gespeichert: Bitte vergleichen, und speichern, was stimmt.`,
  now: (lines) => `Sie ist jetzt: ${lines}`,
  remove: "Entfernen",
  removeTitle: (name) => `Die Gruppe ${name} entfernen?`,
  removeText: "Kein Benutzer ist in ihr.",
  removed: (name) => `Die Gruppe ${name} ist entfernt.`,
  inUse: (name, users) =>
    `In der Gruppe ${name} ${users === 1 ? "ist 1 Benutzer" : `sind ${users} Benutzer`}. Bitte zuerst herausnehmen: Was sie verbietet, darf nicht vergessen werden.`,
  togetherHint: "Gleichzeitige Anmeldungen aller ihrer Benutzer. Leer: beliebig viele.",
};

export const rules: typeof englishRules = {
  groups: "Gruppen",
  groupsHint:
    "Für jede Sache entscheidet, wer sie zuerst hat: der Benutzer, dann die Gruppen in dieser Folge.",
  groupAt: (place) => `Gruppe ${place}`,
  noGroup: "keine",
  noGroups: "Es gibt noch keine Gruppen.",
  newGroup: "Neue Gruppe",
  gone: (name) => `${name} (nicht mehr da)`,
  groupGone: (name) => `Eine Gruppe „${name}“ gibt es nicht mehr: Bitte herausnehmen, oder wieder anlegen.`,
  groupTwice: "Eine Gruppe steht zweimal hier.",
  ownRules: "Eigene Antwortattribute, Zeiten und Grenzen",
  attributes: "Antwortattribute",
  attributesHint:
    "Eines je Zeile, etwa Framed-IP-Address = 10.0.0.7; mit += neben dem, was Gruppen unter dem Namen haben; mit [office] davor nur für den RADIUS-Client office.",
  line: (line, text) => `Zeile ${line}: ${text}`,
  attributeWrong: ({ fault, attribute, wanted }) =>
    fault === "value"
      ? `${attribute}: Verlangt ist ${WANTED[wanted!.data]}${wanted!.example && `, etwa ${wanted!.example}`}.`
      : FAULTS[fault](attribute),
  noClient: (client, clients) => `Einen RADIUS-Client „${client}“ gibt es nicht; es gibt: ${clients}.`,
  tooMany: (lines, bytes) => `In eine Antwort passen höchstens ${lines} Zeilen von zusammen ${bytes} Bytes.`,
  days: "Wochentage",
  dayNames: {
    Mon: "Montag",
    Tue: "Dienstag",
    Wed: "Mittwoch",
    Thu: "Donnerstag",
    Fri: "Freitag",
    Sat: "Samstag",
    Sun: "Sonntag",
  },
  daysHint: "An denen die Stunden beginnen. Keiner: jeden Tag.",
  hours: "Stunden",
  hoursHint: "Etwa 08:00-18:00; 22:00-06:00 endet am nächsten Tag. Mit ihnen endet auch die Verbindung.",
  hoursWrong: "Bitte so schreiben: 08:00-18:00.",
  zone: "Zeitzone",
  zoneHint: "Etwa Europe/Berlin. Leer: UTC.",
  zoneWrong: "Bitte eine Zeitzone wie Europe/Berlin angeben.",
  from: "Nicht vor",
  until: "Nicht ab",
  untilHint: "Nach der Uhr der Zeitzone oben.",
  timeWrong: "Bitte so schreiben: 2027-01-31T08:00.",
  untilWrong: "Das muss später sein als der Anfang.",
  logins: "Gleichzeitige Anmeldungen",
  loginsHint: "Eines Benutzers. Leer: beliebig viele.",
  groupLogins: "Gleichzeitige Anmeldungen der ganzen Gruppe",
  onLimit: "Eine Anmeldung zu viel",
  onLimits: { "refuse-newest": "wird abgelehnt", "disconnect-oldest": "trennt die älteste" },
  asGroups: "wie die Gruppen sagen",
  refuseElse: "hier nicht gesagt",
  atMost: (logins) => `höchstens ${logins} Anmeldungen eines Benutzers`,
  atMostTogether: (logins) => `höchstens ${logins} Anmeldungen aller zusammen`,
  results: "Was sich ergibt",
  value: "Wert",
  whence: "Woher",
  own: "der Benutzer",
  ofGroup: "Gruppe",
  toClient: (attribute, client) => `${attribute}, an ${client}`,
  valid: "Darf sich einwählen",
  validity: ({ from, until, days, hours, zone }) => {
    const time = (seconds: number): string =>
      `${printLocal(seconds, zone).replace("T", " ")} ${zone ?? "UTC"}`;
    return [
      from !== undefined && `von ${time(from)}`,
      until !== undefined && `bis ${time(until)}`,
      days?.map((day) => DAYS[day]).join(", "),
      hours,
      (days || hours) && (zone ?? "UTC"),
    ]
      .filter(Boolean)
      .join(", ");
  },
  validNow: "jetzt: ja",
  notValidNow: "jetzt: nein",
};
