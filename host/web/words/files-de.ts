// Warum eine Datei von Benutzern nicht gelesen werden kann, auf Deutsch.
import type { Sayings } from "../said.ts";

/** Nach dem englischen Text; Teil von said-de.ts. */
export const files: Sayings = {
  "What {file} is cannot be told. Give --format; `dialward user import --help` says which there are":
    "Was {file} ist, lässt sich nicht erkennen. Bitte unten das Format wählen",
  "{file} begins like JSON, and is damaged or cut short":
    "{file} fängt an wie JSON, und ist beschädigt oder abgeschnitten",
  "{file} is a workbook or an archive, and not read: save its table as CSV":
    "{file} ist eine Arbeitsmappe oder ein Archiv, und wird nicht gelesen: Bitte die Tabelle als CSV speichern",
  "{file} is a picture or document of a kind that is not read: save the QR code as PNG or JPEG":
    "{file} ist ein Bild oder Dokument von einer Art, die nicht gelesen wird: Bitte den QR-Code als PNG oder JPEG speichern",
  "{file} holds zero bytes: it is no text, or UTF-16 without its mark (--encoding utf-16le)":
    "In {file} stehen Nullbytes: Das ist kein Text, oder UTF-16 ohne Kennung (Kodierung utf-16le)",
  "{file} is empty": "{file} ist leer",
  "This file": "Diese Datei",
  "This is not JSON": "Das ist kein JSON",
  'It must hold {"users":[…]}': 'Darin muss {"users":[…]} stehen',
  'The file has no list "{name}" in it': "In der Datei gibt es keine Liste {name}",
  "The file is larger than {size} MiB. Split it": "Die Datei ist größer als {size} MiB. Bitte teilen",
  "Line {line} is not {encoding} text. Save the file as UTF-8, or say what it is: --encoding latin1 for a spreadsheet of Windows":
    "Zeile {line} ist kein Text in {encoding}. Bitte als UTF-8 speichern, oder unten die Kodierung wählen: latin1 für Tabellen aus Windows",
  "The file is not {encoding} text. Save the file as UTF-8, or say what it is: --encoding latin1 for a spreadsheet of Windows":
    "Die Datei ist kein Text in {encoding}. Bitte als UTF-8 speichern, oder unten die Kodierung wählen: latin1 für Tabellen aus Windows",
  "The file is no text any more: it was changed while it was read":
    "Die Datei ist kein Text mehr: Sie wurde geändert, während sie gelesen wurde",
  "Line {line} holds a zero byte: this is no text, or it is UTF-16 without its mark (--encoding utf-16le)":
    "In Zeile {line} steht ein Nullbyte: Das ist kein Text, oder UTF-16 ohne Kennung (Kodierung utf-16le)",
  "Line {line} must name the columns, name and secret among them; or give --columns name,secret,…":
    "Zeile {line} muss die Spalten nennen, darunter name und secret; oder bitte unten die Spalten angeben",
  "Line {line} is no line of a UCI file": "Zeile {line} ist keine Zeile einer UCI-Datei",
  "Line {line} opens a quotation mark that is never closed":
    "In Zeile {line} beginnt ein Anführungszeichen, das nie geschlossen wird",
  "Line {line} is too long: a quotation mark before it is not closed":
    "Zeile {line} ist zu lang: Ein Anführungszeichen davor ist nicht geschlossen",
  "Line {line} has letters behind a closing quotation mark":
    "In Zeile {line} stehen Buchstaben hinter einem schließenden Anführungszeichen",
  "Line {line} has a quotation mark within a cell; write it twice, and quote the cell":
    "In Zeile {line} steht ein Anführungszeichen in einer Zelle; bitte verdoppeln, und die Zelle in Anführungszeichen setzen",
  "The XML declares a document type of its own, which is not read. Take it out":
    "Das XML erklärt einen eigenen Dokumenttyp, der nicht gelesen wird. Bitte herausnehmen",
  "Line {line}: this is no well-formed XML; the file may be cut short":
    "Zeile {line}: Das ist kein wohlgeformtes XML; vielleicht ist die Datei abgeschnitten",
  "The XML has no {root} in it, or nothing within": "Im XML gibt es kein {root}, oder nichts darin",
  "This is no PSKC file: it has no KeyPackage": "Das ist keine PSKC-Datei: Ein KeyPackage fehlt",
  "Google Authenticator showed {count} QR codes, and {missing} of them are missing: number {numbers}. Give all of them at once":
    "Google Authenticator hat {count} QR-Codes gezeigt, und {missing} davon fehlen: Nummer {numbers}. Bitte alle zugleich wählen",
  "The otpauth-migration URI in {place} is cut short or damaged":
    "Die Adresse mit otpauth-migration in {place} ist abgeschnitten oder beschädigt",
  "The QR code in the picture is not one of an authenticator":
    "Der QR-Code im Bild ist keiner eines Authenticators",
  "There is no QR code in the picture, or it is not sharp enough":
    "Im Bild ist kein QR-Code, oder er ist nicht scharf genug",
  "The picture is damaged": "Das Bild ist beschädigt",
  "The picture is empty, or too large: at most 40 million pixels":
    "Das Bild ist leer oder zu groß: höchstens 40 Millionen Pixel",
  "The drawing is no well-formed SVG": "Die Zeichnung ist kein wohlgeformtes SVG",
  "The drawing is no SVG": "Die Zeichnung ist kein SVG",
  "The drawing does not say its size": "Die Zeichnung sagt ihre Größe nicht",
  "The file is sealed: give --passphrase-file":
    "Die Datei ist versiegelt: Bitte unten die Passphrase angeben",
  "The file was sealed by a newer version of Dialward (format {format}; this one knows {known})":
    "Die Datei wurde von einer neueren Version von Dialward versiegelt (Format {format}; diese kennt {known})",
  "The head of the sealed file is damaged": "Der Anfang der versiegelten Datei ist beschädigt",
  "The sealed file is cut short": "Die versiegelte Datei ist abgeschnitten",
  "The passphrase is wrong, or the file was changed":
    "Die Passphrase ist falsch, oder die Datei wurde verändert",
  "The sealed file was changed or is cut short":
    "Die versiegelte Datei wurde verändert oder ist abgeschnitten",
  "This is an encrypted export of {app}. {remedy}, and delete the file afterwards":
    "Das ist ein verschlüsselter Export von {app}. {remedy}, und die Datei danach löschen",
  "In Aegis: Settings, Import & Export, Export, without “Encrypt the vault”":
    "Bitte in Aegis: Einstellungen, Import & Export, Export, ohne „Tresor verschlüsseln“",
  "In andOTP: Backups, Plain-text, Backup": "Bitte in andOTP: Sicherungen, Klartext, Sichern",
  "In Bitwarden: Tools, Export vault, file format .json (not .json (Encrypted))":
    "Bitte in Bitwarden: Werkzeuge, Tresor exportieren, Dateiformat .json (nicht das verschlüsselte)",
  "In Ente Auth: Settings, Data, Export codes, Plain text":
    "Bitte in Ente Auth: Einstellungen, Daten, Codes exportieren, Klartext",
  "In Proton Authenticator: Settings, Export, without a password":
    "Bitte in Proton Authenticator: Einstellungen, Exportieren, ohne Passwort",
  "In Stratum: Back up, Backup to file, without a password":
    "Bitte in Stratum: Sichern, In eine Datei, ohne Passwort",
  "In 2FAS: Settings, 2FAS Backup, Export, without a password":
    "Bitte in 2FAS: Einstellungen, 2FAS-Backup, Exportieren, ohne Passwort",
};
