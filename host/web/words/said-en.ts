// What the parts below the pages say by the command line's options, by the pages' fields.
import type { Sayings } from "../said.ts";

/** By the text for a terminal. */
export const said: Sayings = {
  "{why} (--allow-weaker takes it all the same)": "{why} (it can be taken all the same: see the page before)",
  "names no account: give --name": "names no account: give the user",
  "does not name its user: give --name": "does not name its user: give it",
  "has no identifier: give --name": "has no identifier: give the user",
  "is not base32, but may be hexadecimal: say so by --secret-encoding hex":
    "is not base32, but may be hexadecimal: say how secrets are written",
  "does not say whether it is TOTP or HOTP: give --factor":
    "does not say whether it is TOTP or HOTP: choose it",
  "{file} holds zero bytes: it is no text, or UTF-16 without its mark (--encoding utf-16le)":
    "{file} holds zero bytes: it is no text, or UTF-16 without its mark (encoding utf-16le)",
  "What {file} is cannot be told. Give --format; `dialward user import --help` says which there are":
    "What {file} is cannot be told. Choose its format",
  "Line {line} is not {encoding} text. Save the file as UTF-8, or say what it is: --encoding latin1 for a spreadsheet of Windows":
    "Line {line} is not {encoding} text. Save the file as UTF-8, or choose its encoding: latin1 for a spreadsheet of Windows",
  "The file is not {encoding} text. Save the file as UTF-8, or say what it is: --encoding latin1 for a spreadsheet of Windows":
    "The file is not {encoding} text. Save the file as UTF-8, or choose its encoding: latin1 for a spreadsheet of Windows",
  "Line {line} holds a zero byte: this is no text, or it is UTF-16 without its mark (--encoding utf-16le)":
    "Line {line} holds a zero byte: this is no text, or it is UTF-16 without its mark (encoding utf-16le)",
  "Line {line} must name the columns, name and secret among them; or give --columns name,secret,…":
    "Line {line} must name the columns, name and secret among them; or give the columns",
  "The keys are encrypted under a key that was agreed on: give it by --key-file, in hexadecimal":
    "The keys are encrypted under a key that was agreed on: use the command line, dialward user import --key-file",
  'The keys are encrypted under a key that was agreed on ("{name}"): give it by --key-file, in hexadecimal':
    "The keys are encrypted under a key that was agreed on ({name}): use the command line, dialward user import --key-file",
  "The keys are encrypted under a passphrase: give --passphrase-file":
    "The keys are encrypted under a passphrase: give it",
  "The file is sealed: give --passphrase-file": "The file is sealed: give its passphrase",
  'There is no user "{user}". Names are case-sensitive; see: dialward user list':
    "There is no user {user} any more",
  'There is a user "{user}" already. Remove it first, or choose another name':
    "There is a user {user} already. Choose another name",
  '"{user}" was changed meanwhile. Look at it, and try again':
    "{user} was changed meanwhile. Look at it, and try again",
  'There is no group "{group}". See: dialward group list': "There is no group {group} any more",
  'there is no group "{group}". Make it first: dialward group save':
    "there is no group {group}. Make it first",
  'The counter of "{user}" is lost: give --counter, the first one that was not used, or a new secret':
    "The counter of {user} is lost: give a new secret",
};
