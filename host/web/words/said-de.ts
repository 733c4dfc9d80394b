// Was die Teile unter den Seiten sonst noch sagen (Profile, Gruppen, Dienst), auf Deutsch.
import type { Sayings } from "../said.ts";
import { files } from "./files-de.ts";
import { formats } from "./formats-de.ts";

/** Nach dem englischen Text. */
export const said: Sayings = {
  ...formats,
  ...files,

  // Profile
  "must be 1 to 64 bytes without control characters": "1 bis 64 Bytes, ohne Steuerzeichen",
  "mOTP needs one, of 4 to 7 digits": "mOTP braucht eine, von 4 bis 7 Ziffern",
  "only mOTP has one": "nur mOTP hat eine",
  "must be 4 to 7 digits": "4 bis 7 Ziffern",
  "mode {mode} needs one": "die Art {mode} braucht eines",
  "the directory has it; leave it out": "steht im Verzeichnis; bitte weglassen",
  "mode code has no password": "die Art code hat kein Passwort",
  "mode code has none": "die Art code hat keines",
  "mOTP has one only, MD5; leave it out": "mOTP hat nur MD5; bitte weglassen",
  "HOTP has none": "HOTP hat keine",
  "only HOTP has one": "nur HOTP hat einen",
  "HOTP has a counter": "HOTP hat einen Zähler",
  "HOTP has no clock": "HOTP hat keine Uhr",
  "there are no recovery codes": "es gibt keine Notfallcodes",
  "mOTP needs 16 or 32 hexadecimal digits": "mOTP braucht 16 oder 32 hexadezimale Ziffern",
  "must be base32 (letters A to Z, digits 2 to 7) of 1 to 64 bytes":
    "Base32 (Buchstaben A bis Z, Ziffern 2 bis 7) von 1 bis 64 Bytes",
  "factor must be totp, hotp or motp": "factor ist totp, hotp oder motp",
  "algorithm must be sha1, sha256 or sha512, and none for mOTP":
    "algorithm ist sha1, sha256 oder sha512, und bei mOTP keiner",
  "digits must be 6, 7 or 8, and 6 for mOTP": "digits ist 6, 7 oder 8, und bei mOTP 6",
  "mode must be code, password+code or password-then-code":
    "mode ist code, password+code oder password-then-code",
  "types must be dial-in types": "types sind Einwahlarten",
  "enabled must be true or false": "enabled ist true oder false",
  "secret must have 1 to 64 bytes; for mOTP 8 or 16 bytes and a PIN of 4 to 7 digits":
    "secret hat 1 bis 64 Bytes; bei mOTP 8 oder 16, und eine PIN von 4 bis 7 Ziffern",
  "password must have at most 32 bytes of UTF-8, and at least one in this mode":
    "password hat höchstens 32 Bytes, und in dieser Art mindestens eines",
  "period must be 1 or more seconds, and 10 for mOTP": "period ist mindestens 1 Sekunde, und bei mOTP 10",
  "back + 1 + forward must be at most {steps} steps; HOTP has neither back nor drift":
    "back + 1 + forward sind höchstens {steps} Schritte; HOTP hat weder back noch drift",
  "state is damaged": "der Stand ist beschädigt",
  "the enrolment is not valid": "das Profil ist nicht gültig",
  "{field} must be a whole number from 0 to {most}": "{field} ist eine ganze Zahl von 0 bis {most}",
  "No code for this record and time": "Zu dieser Zeit hat das Profil keinen Code",
  "These codes, or later ones, have been used already. Wait for two new codes":
    "Diese Codes oder spätere wurden schon benutzt. Bitte zwei neue abwarten",
  "These are no two consecutive codes of this user within a day. Check their order, the secret and, for mOTP, the PIN":
    "Das sind keine zwei aufeinanderfolgenden Codes dieses Benutzers innerhalb eines Tages. Bitte Reihenfolge, Geheimnis und bei mOTP die PIN prüfen",
  "The codes are too close to the last accepted one. Wait a minute":
    "Die Codes liegen zu nah am zuletzt angenommenen. Bitte eine Minute warten",
  'The counter of "{user}" is lost: give --counter, the first one that was not used, or a new secret':
    "Der Zähler von {user} ist verloren: Bitte ein neues Geheimnis vergeben",
  "There is a RADIUS client of this name or address already":
    "Einen RADIUS-Client dieses Namens oder dieser Adresse gibt es schon",
  'There is no administrator "{name}"': "Einen Administrator {name} gibt es nicht",
  'Nothing of "{user}" is lost': "Von {user} ist nichts verloren",
  "Too many links are open. Take some back": "Es sind zu viele Links offen. Bitte einige zurücknehmen",
  "{file} is damaged. Remove it: its links are void then":
    "{file} ist beschädigt. Bitte entfernen: Die Links gelten dann nicht mehr",
  'The profile of "{user}" does not open: {why}': "Das Profil von {user} lässt sich nicht öffnen: {why}",
  "it is cut short; remove the user and add it again": "abgeschnitten; bitte entfernen und neu anlegen",
  "it was sealed by another version of Dialward, or is damaged":
    "von einer anderen Version von Dialward versiegelt, oder beschädigt",
  "it was sealed with another key; give the key file (or DIALWARD_KEY) it was made with":
    "mit einem anderen Schlüssel versiegelt; bitte dessen Datei (oder DIALWARD_KEY) einsetzen",
  "it was sealed for another user, or is damaged; remove the user and add it again":
    "für einen anderen Benutzer versiegelt, oder beschädigt; bitte entfernen und neu anlegen",
  'What was spent of "{user}" may have been lost: see dialward store check, and dialward store accept-loss {name}':
    "Was von {user} verbraucht ist, kann verloren sein: siehe dialward store check, und dialward store accept-loss {name}",

  'There is no user "{user}". Names are case-sensitive; see: dialward user list':
    "Einen Benutzer {user} gibt es nicht mehr",
  'There is a user "{user}" already. Remove it first, or choose another name':
    "Einen Benutzer {user} gibt es schon. Bitte einen anderen Namen wählen",
  '"{user}" is being changed by someone else all the time. Try again':
    "{user} wird fortwährend geändert. Bitte noch einmal versuchen",
  '"{user}" was changed just now. Try again': "{user} wurde gerade geändert. Bitte noch einmal versuchen",
  '"{user}" was changed meanwhile. Look at it, and try again':
    "{user} wurde inzwischen geändert. Bitte ansehen und noch einmal versuchen",

  // Was ein Schema (zod) sagt
  "there is no such key": "einen solchen Schlüssel gibt es nicht",
  "must be a text": "ein Text",
  "must be a number": "eine Zahl",
  "must be a whole number": "eine ganze Zahl",
  "must be true or false": "true oder false",
  "must be a list": "eine Liste",
  "must be a record": "ein Datensatz",
  "must be one of {words}": "eines von {words}",
  "must not be empty": "darf nicht leer sein",
  "must have at least {least}": "mindestens {least}",
  "must be at least {least}": "mindestens {least}",
  "must have at most {most}": "höchstens {most}",
  "must be at most {most}": "höchstens {most}",
  "is of a kind that is not taken here": "ist von einer Art, die hier nicht geht",

  // Gruppen
  "must take at most {bytes} bytes together, or a reply would have no room for them":
    "zusammen höchstens {bytes} Bytes, sonst passen sie in keine Antwort",
  "must be 1 to 64 letters, without commas": "1 bis 64 Zeichen, ohne Kommas",
  "the line is empty": "die Zeile ist leer",
  "must be as 08:00-18:00, with a beginning and another end":
    "wie 08:00-18:00, mit einem Anfang und einem anderen Ende",
  "must be a time zone, as Europe/Berlin": "eine Zeitzone wie Europe/Berlin",
  "must end after its beginning": "muss nach dem Anfang enden",
  '"{user}" is in the group "{group}". Take it out first':
    "{user} ist in der Gruppe {group}. Bitte zuerst herausnehmen",

  'There is no group "{group}". See: dialward group list': "Eine Gruppe {group} gibt es nicht mehr",
  'The group "{group}" was changed meanwhile. Look at it, and try again':
    "Die Gruppe {group} wurde inzwischen geändert. Bitte ansehen und noch einmal versuchen",

  // Administratoren und Einstellungen
  "The name must have 1 to {most} bytes, without control characters":
    "Der Name muss 1 bis {most} Bytes haben, ohne Steuerzeichen",
  "The password must have at least {least} characters": "Das Passwort muss mindestens {least} Zeichen haben",
  "Set the administrator's password first": "Bitte zuerst das Passwort des Administrators setzen",
  "Nobody would be left who may do everything": "Es bliebe niemand, der alles darf",
  "Verify a code first": "Bitte zuerst einen Code prüfen",
  "Too many logins wait. Try again": "Zu viele Anmeldungen warten. Bitte noch einmal versuchen",
  "The rules are not in force: {why}. It takes nftables, and root or CAP_NET_ADMIN":
    "Die Regeln gelten nicht: {why}. Es braucht nftables, und root oder CAP_NET_ADMIN",
  "must be one network at least": "mindestens ein Netz",
  "must be an address or a prefix, such as 192.168.1.0/24": "eine Adresse oder ein Präfix wie 192.168.1.0/24",
  "{file} is not JSON. Remove it to begin anew": "{file} ist kein JSON. Zum Neubeginn bitte entfernen",
  "{file} cannot be read, or is damaged": "{file} ist nicht lesbar oder beschädigt",
  "{file} cannot be made: {why}": "{file} lässt sich nicht anlegen: {why}",
  '{what}: "{typed}" is not HOST:PORT, such as 127.0.0.1:1812 or [::1]:1812':
    "{what}: „{typed}“ ist nicht HOST:PORT, etwa 127.0.0.1:1812 oder [::1]:1812",
  "{what}: the host name {host} cannot be found": "{what}: Der Name {host} lässt sich nicht auflösen",
  "The pages cannot listen on {endpoint}: {why}. Set {key}":
    "Die Seiten können {endpoint} nicht öffnen: {why}. Die Konfiguration nennt es {key}",
  "The pages need a certificate beyond loopback, and openssl is not there to make one: give web.cert and web.key":
    "Die Seiten brauchen hier ein Zertifikat, und openssl fehlt, um eines zu machen: Bitte eines angeben",
  "The certificate of the pages cannot be read: {why}": "Das Zertifikat der Seiten ist nicht lesbar: {why}",
  "RADIUS cannot listen on {address} port {port}: {why}":
    "RADIUS kann {address} Port {port} nicht öffnen: {why}",

  // Was das System sagt
  "permission denied": "keine Berechtigung",
  "not permitted": "nicht erlaubt",
  "there is no such file or folder": "eine solche Datei oder einen solchen Ordner gibt es nicht",
  "it is a folder": "es ist ein Ordner",
  "it is not in a folder": "es liegt in keinem Ordner",
  "it exists already": "es gibt sie schon",
  "no space is left on the device": "auf dem Datenträger ist kein Platz mehr",
  "the disk quota is used up": "das Kontingent auf dem Datenträger ist verbraucht",
  "the file is too large": "die Datei ist zu groß",
  "the file system is read-only": "das Dateisystem ist nur lesbar",
  "the device cannot be read or written": "der Datenträger ist nicht les- oder beschreibbar",
  "too many files are open": "zu viele Dateien sind offen",
  "there is not enough memory": "der Speicher reicht nicht",
  "too many links lead to it": "zu viele Verweise führen dorthin",
  "the name is too long": "der Name ist zu lang",
  "the address is in use": "die Adresse ist belegt",
  "this machine does not have the address": "dieser Rechner hat die Adresse nicht",
  "the text is not UTF-8; save it in that encoding": "der Text ist kein UTF-8; bitte so speichern",
  "nobody listens there": "dort hört niemand",

  // Verbindungen beenden
  'OpenVPN ends the connection of "{user}" within 10 s':
    "OpenVPN beendet die Verbindung von {user} innerhalb von 10 s",
  '{nas} has ended the connection of "{user}"': "{nas} hat die Verbindung von {user} beendet",
  "{nas} does not answer to Disconnect-Requests": "{nas} antwortet nicht auf Disconnect-Requests",
  "{nas} takes no Disconnect-Requests: set `disconnect` of its RADIUS client":
    "{nas} nimmt keine Disconnect-Requests: In der Konfiguration bitte `disconnect` seines RADIUS-Clients setzen",
  "{nas} refuses to end it (Error-Cause {cause})": "{nas} weigert sich (Error-Cause {cause})",
  "is not told": "wird nicht gesagt",
  "{nas} knows of no such connection; it is taken off the list":
    "{nas} kennt keine solche Verbindung; sie ist von der Liste genommen",

  // Sicherungen
  "This is no backup of Dialward": "Das ist keine Sicherung von Dialward",
  "A newer version of Dialward has made this backup (version {version})":
    "Diese Sicherung ist von einer neueren Version von Dialward (Version {version})",
  "The backup does not open: the passphrase or key is another, or it is damaged":
    "Die Sicherung lässt sich nicht öffnen: Passphrase oder Schlüssel ist anders, oder sie ist beschädigt",
  "There is a store in {folder}. Name another folder, or move this one away":
    "In {folder} ist schon ein Speicher. Bitte einen anderen Ordner nennen oder diesen verschieben",
  "{file} is another one than in the backup. Move it away first":
    "{file} ist anders als in der Sicherung. Bitte zuerst verschieben",
  "The backup's settings": "Die Einstellungen der Sicherung",
  "The backup's RADIUS clients": "Die RADIUS-Clients der Sicherung",
  "The backup has no keys": "In der Sicherung sind keine Schlüssel",
  "This backup has no keys in it: it is put back on a terminal, beside them. Run: dialward restore":
    "In dieser Sicherung sind keine Schlüssel: Sie wird auf einem Terminal neben ihnen zurückgespielt. Bitte dort: dialward restore",
  "This machine's clock is not set: nobody knows which codes may be spent":
    "Die Uhr dieses Rechners ist nicht gestellt: Niemand weiß, welche Codes verbraucht sein können",
};
