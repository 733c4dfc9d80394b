// Was die Formate von einer Datei und ihren Zeilen sagen (host/formats), auf Deutsch.
import type { Sayings } from "../said.ts";

/** Nach dem englischen Text; die Schalter der Befehlszeile heißen hier wie die Felder der Seite. */
export const formats: Sayings = {
  // Stellen
  "line {line}": "Zeile {line}",
  "row {row}": "Zeile {row}",
  "entry {entry}": "Eintrag {entry}",
  "item {entry}": "Eintrag {entry}",
  "service {entry}": "Eintrag {entry}",
  "account {entry}": "Konto {entry}",
  "token {entry}": "Token {entry}",
  "authenticator {entry}": "Authenticator {entry}",
  "key {entry}": "Schlüssel {entry}",
  "user {user}": "Benutzer {user}",
  "freeradius user {user}": "Benutzer {user} von freeradius",
  "the file": "die Datei",

  // Was zurückbleibt
  "left behind: {names}": "bleibt zurück: {names}",
  issuer: "Aussteller",
  "issuer, unknown fields": "Aussteller, unbekannte Felder",
  "serial number": "Seriennummer",
  "serial number, resolver, realm": "Seriennummer, Resolver, Realm",
  maker: "Hersteller",
  "further columns": "weitere Spalten",
  "access code": "Zugangscode",
  "access codes": "Zugangscodes",
  "failures, time and place of the last login": "Fehlversuche, Zeit und Ort der letzten Anmeldung",
  "what it replies ({names})": "was er antwortet ({names})",
  "ExpiryDate, until when it is valid": "ExpiryDate, bis wann es gilt",
  "the drift of its clock, {steps} steps, more than is followed here":
    "der Gang seiner Uhr, {steps} Schritte, mehr als hier gefolgt wird",
  "has expired: it is taken disabled": "ist abgelaufen und wird gesperrt übernommen",
  "the container's signature is not checked": "die Unterschrift der Datei wird nicht geprüft",
  "its {count} emergency codes are left behind: eight digits can be guessed; make recovery codes in their place":
    "seine {count} Notfallcodes bleiben zurück: Acht Ziffern lassen sich raten; bitte hier neue machen",
  "its last code is not that of its counter": "sein letzter Code gehört nicht zu seinem Zähler",
  "types its identifier before the code: switch that off in the key":
    "tippt seine Kennung vor dem Code: Bitte im Schlüssel abschalten",
  "its certificate is checked by OpenVPN, and not here": "sein Zertifikat prüft OpenVPN, nicht Dialward",

  // Was schwächer würde
  "{why} (--allow-weaker takes it all the same)":
    "{why} (auf Wunsch wird er trotzdem übernommen: siehe vorige Seite)",
  "its password is kept as a hash: only the code would be asked for":
    "sein Passwort steht nur als Prüfsumme da: Gefragt würde nur nach dem Code",
  "its password is kept as a hash ({attribute}): only the code would be asked for":
    "sein Passwort steht nur als Prüfsumme da ({attribute}): Gefragt würde nur nach dem Code",
  "its password is checked elsewhere or kept as a hash: only the code would be asked for":
    "sein Passwort wird anderswo geprüft oder steht nur als Prüfsumme da: Gefragt würde nur nach dem Code",
  "its PIN is kept as a hash: only the code would be asked for":
    "seine PIN steht nur als Prüfsumme da: Gefragt würde nur nach dem Code",
  "its PIN is kept elsewhere (+): only the code would be asked for":
    "seine PIN steht anderswo (+): Gefragt würde nur nach dem Code",
  "is let in only under a condition on {attribute}":
    "wird nur unter einer Bedingung an {attribute} eingelassen",
  "asks for a PIN behind the code, which is not in the file or not possible here":
    "fragt nach einer PIN hinter dem Code, die nicht in der Datei steht oder hier nicht geht",
  "asks for a PIN before the code, which is not in the file or not possible here":
    "fragt nach einer PIN vor dem Code, die nicht in der Datei steht oder hier nicht geht",
  "has a policy that is not known here ({names})": "hat eine Regel, die hier nicht bekannt ist ({names})",

  // Was kein Benutzer ist
  "is in Ente's bin": "liegt in Entes Papierkorb",
  "has no one-time password": "hat kein Einmalpasswort",
  "has no otp_seed": "hat kein otp_seed",
  "has no TOTP-Secret": "hat kein TOTP-Secret",
  "has a method that is not known here": "hat ein Verfahren, das hier nicht bekannt ist",
  "names another file, which is not read: import that by itself":
    "nennt eine andere Datei, die nicht gelesen wird: Bitte einzeln importieren",
  "DEFAULT is no user": "DEFAULT ist kein Benutzer",
  "is no user": "ist kein Benutzer",
  "is no token": "ist kein Token",
  "is no record": "ist kein Datensatz",
  "is the certificate of a server": "ist das Zertifikat eines Servers",
  "is let in without a code there": "wird dort ohne Code eingelassen",

  // Verfahren, die hier keine Anmeldung nimmt
  "is of a kind that no login here takes (TOTP, HOTP and mOTP are taken)":
    "ist von einer Art, die hier keine Anmeldung nimmt (TOTP, HOTP und mOTP gehen)",
  "is of a kind that no login here takes (TOTP and HOTP are taken)":
    "ist von einer Art, die hier keine Anmeldung nimmt (TOTP und HOTP gehen)",
  "is a code of Steam's, which no login here takes": "ist ein Code von Steam, den hier keine Anmeldung nimmt",
  "the type is neither totp nor hotp": "die Art ist weder totp noch hotp",
  "the type is neither TOTP nor HOTP": "die Art ist weder TOTP noch HOTP",
  "is neither for TOTP nor for HOTP": "ist weder für TOTP noch für HOTP",
  "answers challenges, which no login here asks": "beantwortet Aufgaben, die hier keine Anmeldung stellt",
  "an mOTP URI has no PIN in it: import the user by CSV, with a column pin":
    "in einer Adresse von mOTP steht keine PIN: Bitte den Benutzer als CSV importieren, mit einer Spalte pin",
  "is an mOTP token, and the list has no PINs: import the user by CSV, with a column pin":
    "ist ein mOTP-Token, und die Liste hat keine PINs: Bitte den Benutzer als CSV importieren, mit einer Spalte pin",
  "has a type that is neither HOTP, HOTP/T30 nor MOTP":
    "hat eine Art, die weder HOTP, HOTP/T30 noch MOTP ist",
  "mOTP by events or of other than 10 s is not known here":
    "mOTP nach Ereignissen oder mit anderem Takt als 10 s ist hier nicht bekannt",
  "mOTP codes of other than 6 digits are not known here":
    "Codes von mOTP mit anderer Länge als 6 sind hier nicht bekannt",
  "is not in mode OATH-HOTP, which alone makes codes for here":
    "ist nicht in der Art OATH-HOTP, die allein Codes für hier macht",

  // Warum eine Zeile abgelehnt wird
  "names no account": "nennt kein Konto",
  "names no account: give --name": "nennt kein Konto: Bitte unten den Benutzer angeben",
  "does not name its user: give --name": "nennt keinen Benutzer: Bitte unten angeben",
  "has no identifier: give --name": "hat keine Kennung: Bitte unten den Benutzer angeben",
  "has no name": "hat keinen Namen",
  "has no properties": "hat keine Eigenschaften",
  "has no secret": "hat kein Geheimnis",
  "has no PIN, which mOTP needs": "hat keine PIN, und mOTP braucht eine",
  "is missing": "fehlt",
  "is empty": "ist leer",
  "is too large": "ist zu groß",
  "is not known": "ist nicht bekannt",
  "is no date": "ist kein Datum",
  "is not a text": "ist kein Text",
  "is not a record": "ist kein Datensatz",
  "is not a whole number": "ist keine ganze Zahl",
  "is neither yes nor no": "ist weder ja noch nein",
  "is no list of bytes": "ist keine Liste von Bytes",
  "is none of SHA1, SHA256 and SHA512": "ist weder SHA1 noch SHA256 noch SHA512",
  "are neither 6 nor 8": "sind weder 6 noch 8",
  "is not base64": "ist kein Base64",
  "is not base32": "ist kein Base32",
  "is not base32, but may be hexadecimal: say so by --secret-encoding hex":
    "ist kein Base32, vielleicht aber hexadezimal: Bitte unten sagen, wie Geheimnisse geschrieben sind",
  "is not made of pairs of hexadecimal digits": "besteht nicht aus Paaren hexadezimaler Ziffern",
  "stands there twice, with two values": "steht zweimal da, mit zwei Werten",
  "stands in two columns, with two values": "steht in zwei Spalten, mit zwei Werten",
  "has more cells than there are columns": "hat mehr Zellen, als es Spalten gibt",
  "has a line that is neither an option nor an emergency code":
    "hat eine Zeile, die weder Option noch Notfallcode ist",
  "cannot be understood from column {column} on": "ist ab Spalte {column} nicht zu verstehen",
  "asks a program (`…`), which is not run": "fragt ein Programm (`…`), das nicht gestartet wird",
  "is no otpauth:// URI": "ist keine Adresse mit otpauth://",
  "refers to a profile or key that is not in the file":
    "nennt ein Profil oder einen Schlüssel, der nicht in der Datei steht",
  "shows codes in hexadecimal, not in decimal digits": "zeigt hexadezimale Codes, keine dezimalen",
  "shows codes in letters, not in decimal digits": "zeigt Codes in Buchstaben, nicht in Ziffern",
  "adds a check digit to its codes": "hängt eine Prüfziffer an seine Codes",
  "is not meant for one-time passwords (KeyUsage)": "ist nicht für Einmalpasswörter bestimmt (KeyUsage)",
  "mixes a PIN into its codes in a way of its own": "mischt eine PIN auf eigene Art in seine Codes",
  "does not say whether it is TOTP or HOTP: give --factor":
    "sagt nicht, ob es TOTP oder HOTP ist: Bitte unten das Verfahren angeben",
  "is a {kind}, which this version does not know": "ist ein {kind}, das diese Version nicht kennt",
  "is in row {row} too; a user has one device here":
    "steht auch in Zeile {row}; ein Benutzer hat hier ein Gerät",
  "is in row {row} too": "steht auch in Zeile {row}",
  "there is such a user already": "Einen solchen Benutzer gibt es schon",
  'there is no group "{group}". Make it first: dialward group save':
    "Eine Gruppe {group} gibt es nicht. Bitte zuerst anlegen",

  // Verschlüsselte Schlüssel (PSKC)
  "is encrypted, and the file does not say under which key":
    "ist verschlüsselt, und die Datei sagt nicht, mit welchem Schlüssel",
  "does not open: wrong passphrase or key, or the file was changed":
    "lässt sich nicht öffnen: Passphrase oder Schlüssel ist falsch, oder die Datei wurde verändert",
  "does not open: wrong passphrase or key, or the file was changed (its MAC differs)":
    "lässt sich nicht öffnen: Passphrase oder Schlüssel ist falsch, oder die Datei wurde verändert (MAC)",
  "is encrypted without a MAC: whether it was changed cannot be told":
    "ist ohne MAC verschlüsselt: Ob es verändert wurde, ist nicht zu sagen",
  "is encrypted by an algorithm that is not known here (AES in CBC or GCM mode is)":
    "ist auf eine Art verschlüsselt, die hier nicht bekannt ist (AES mit CBC oder GCM geht)",
  "takes a key of {bits} bits, and the one given has {given}":
    "nimmt einen Schlüssel von {bits} Bits, und dieser hat {given}",
  "The container {what}": "Die Datei {what}",
  "The keys are encrypted for a certificate's owner; only that one can open them":
    "Die Schlüssel sind für den Besitzer eines Zertifikats verschlüsselt; nur er kann sie öffnen",
  "The keys are encrypted under a key that was agreed on: give it by --key-file, in hexadecimal":
    "Die Schlüssel sind mit einem vereinbarten Schlüssel verschlüsselt: Das geht auf der Befehlszeile, dialward user import --key-file",
  'The keys are encrypted under a key that was agreed on ("{name}"): give it by --key-file, in hexadecimal':
    "Die Schlüssel sind mit einem vereinbarten Schlüssel ({name}) verschlüsselt: Das geht auf der Befehlszeile, dialward user import --key-file",
  "The key is derived otherwise than by PBKDF2, which is not known here":
    "Der Schlüssel ist anders abgeleitet als durch PBKDF2; das ist hier nicht bekannt",
  "The parameters of PBKDF2 are out of range": "Die Werte von PBKDF2 liegen außerhalb des Erlaubten",
  "The keys are encrypted under a passphrase: give --passphrase-file":
    "Die Schlüssel sind mit einer Passphrase verschlüsselt: Bitte unten angeben",
  "The algorithm of {what} is not known here": "Das Verfahren von {what} ist hier nicht bekannt",
};
