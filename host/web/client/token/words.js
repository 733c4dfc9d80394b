// The words of the token, one table a language. Another language is one more table.

const en = {
  title: "Token",
  brand: "Dialward token",
  unlockTitle: "Unlock",
  first: "Choose a passphrase: it seals the secrets in this browser.",
  passphrase: "Passphrase",
  unlock: "Unlock",
  recover: "Recover from a copy",
  copyFile: "The copy that was saved",
  copyFileHint: "It opens with the passphrase that it was saved under.",
  codes: "Codes",
  token: "Token",
  pin: "PIN",
  show: "Show code",
  left: "Time left",
  copy: "Copy",
  copied: "Copied",
  newToken: "New token",
  uri: "What the QR code says",
  take: "Take it",
  scan: "Scan",
  name: "Name",
  kind: "Kind",
  motp: "mOTP, with a PIN",
  totp: "TOTP",
  secret: "Secret",
  secretHint: "Leave it empty to have one made.",
  add: "Add",
  made: "Its secret, for the profile on the server",
  lock: "Lock",
  save: "Save a copy",
  remove: "Remove this token",
  otherName: "Choose another name.",
  replace: "Take the copy in place of what is kept in this browser?",
  removeIt: (name) => `Remove ${name} and its secret?`,
  offline: "Kept in this browser: it works without a network.",
  notOffline:
    "This browser does not keep the page for use without a network, as it does not trust the page's certificate. Codes are right all the same; ask for a certificate that browsers trust, or use another authenticator.",
  insecure: "The token needs a secure page: open it over HTTPS.",
  noUri: "This is no otpauth:// or motp:// address.",
  otherKind: (kind) => `This token does not make codes of the kind ${kind}.`,
  otherSettings: "This token makes codes of 6 digits, 30 seconds and SHA-1 only.",
  noCopy: "This is no copy of a token.",
  wrong: "The passphrase is wrong.",
  wrongCore: "The core gives wrong answers in this browser.",
  wrongPin: "The PIN must have 4 to 7 digits.",
  wrongMotp: "The secret must have 16 or 32 hexadecimal digits.",
  wrongSecret: "The secret must be base32: letters A to Z, digits 2 to 7.",
};

const de = {
  title: "Token",
  brand: "Dialward-Token",
  unlockTitle: "Aufschließen",
  first: "Wählen Sie eine Passphrase: Sie versiegelt die Geheimnisse in diesem Browser.",
  passphrase: "Passphrase",
  unlock: "Aufschließen",
  recover: "Aus einer Kopie wiederherstellen",
  copyFile: "Die gespeicherte Kopie",
  copyFileHint: "Sie öffnet sich mit der Passphrase, unter der sie gespeichert wurde.",
  codes: "Codes",
  token: "Token",
  pin: "PIN",
  show: "Code zeigen",
  left: "Verbleibende Zeit",
  copy: "Kopieren",
  copied: "Kopiert",
  newToken: "Neues Token",
  uri: "Was der QR-Code sagt",
  take: "Übernehmen",
  scan: "Scannen",
  name: "Name",
  kind: "Art",
  motp: "mOTP, mit einer PIN",
  totp: "TOTP",
  secret: "Geheimnis",
  secretHint: "Leer lassen, damit eines gemacht wird.",
  add: "Hinzufügen",
  made: "Sein Geheimnis, für das Profil auf dem Server",
  lock: "Zuschließen",
  save: "Kopie speichern",
  remove: "Dieses Token entfernen",
  otherName: "Bitte einen anderen Namen wählen.",
  replace: "Die Kopie anstelle dessen nehmen, was in diesem Browser liegt?",
  removeIt: (name) => `${name} und sein Geheimnis entfernen?`,
  offline: "In diesem Browser aufbewahrt: Es geht auch ohne Netz.",
  notOffline:
    "Dieser Browser bewahrt die Seite nicht für den Gebrauch ohne Netz auf, weil er ihrem Zertifikat nicht traut. Die Codes stimmen trotzdem; bitten Sie um ein Zertifikat, dem Browser trauen, oder nehmen Sie einen anderen Authenticator.",
  insecure: "Das Token braucht eine sichere Seite: Bitte über HTTPS öffnen.",
  noUri: "Das ist keine Adresse mit otpauth:// oder motp://.",
  otherKind: (kind) => `Codes der Art ${kind} macht dieses Token nicht.`,
  otherSettings: "Dieses Token macht nur Codes mit 6 Ziffern, 30 Sekunden und SHA-1.",
  noCopy: "Das ist keine Kopie eines Tokens.",
  wrong: "Die Passphrase ist falsch.",
  wrongCore: "Der Kern gibt in diesem Browser falsche Antworten.",
  wrongPin: "Die PIN muss 4 bis 7 Ziffern haben.",
  wrongMotp: "Das Geheimnis muss 16 oder 32 hexadezimale Ziffern haben.",
  wrongSecret: "Das Geheimnis muss Base32 sein: Buchstaben A bis Z, Ziffern 2 bis 7.",
};

export const LANGUAGES = { en, de };

/** The words that the browser asks for; English where it asks for none we have. */
export const words = LANGUAGES[chosen()];

function chosen() {
  const asked = globalThis.navigator?.languages ?? [];
  return asked.map((one) => one.slice(0, 2).toLowerCase()).find((one) => one in LANGUAGES) ?? "en";
}

/** Puts the words into a page: into elements that name theirs, and into labels for who does not see. */
export function putWords(root) {
  root.documentElement.lang = chosen();
  for (const one of root.querySelectorAll("[data-word]")) one.textContent = words[one.dataset.word];
  for (const one of root.querySelectorAll("[data-label]"))
    one.setAttribute("aria-label", words[one.dataset.label]);
}
