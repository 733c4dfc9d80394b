// The NAS that may ask: settings, and what is kept of each shared secret.

import { copy, load16, zero } from "../bytes";
import {
  CHALLENGE_NO,
  FORM_AT,
  FORM_BYTES,
  FORM_CHALLENGE,
  FORM_CHAP,
  FORM_NAMES,
  FORM_SECRET,
  FORM_SECRET_LENGTH,
  FORM_SIGNED,
  FORM_TYPE,
  NAMES_WITHOUT_DOMAIN,
  NAMES_WITHOUT_REALM,
  RADIUS_FORM,
  RADIUS_INDEX,
  RADIUS_OK,
  SECRET_BYTES,
  SIGNED_AUTO,
} from "./abi";
import { TYPE_ANY } from "../abi";
import { forgetDigests, keyHmac } from "./digest";
import { at, Client, CLIENT_BYTES, CLIENT_SECRET, own } from "./layout";
import { CLIENTS, CLIENTS_AT } from "./sizes";

/** The address of a client. */
@inline
export function clientAt(index: u32): u32 {
  return CLIENTS_AT + index * CLIENT_BYTES;
}

/** Makes client `index` of the form and wipes the form; `keep`: it is the same NAS as before, with other settings. */
export function enrolClient(index: u32, keep: u32): u32 {
  const status = index < CLIENTS ? takeForm(clientAt(index), keep) : RADIUS_INDEX;
  zero(FORM_AT, FORM_BYTES);
  return status;
}

function takeForm(client: u32, keep: u32): u32 {
  const length = load16(FORM_AT + FORM_SECRET_LENGTH);
  const type: u32 = load<u8>(FORM_AT + FORM_TYPE);
  if (length == 0 || length > SECRET_BYTES) return RADIUS_FORM;
  if (load<u8>(FORM_AT + FORM_SIGNED) > SIGNED_AUTO) return RADIUS_FORM;
  if (load<u8>(FORM_AT + FORM_CHALLENGE) > CHALLENGE_NO) return RADIUS_FORM;
  if (load<u8>(FORM_AT + FORM_NAMES) > (NAMES_WITHOUT_REALM | NAMES_WITHOUT_DOMAIN)) return RADIUS_FORM;
  if (load<u8>(FORM_AT + FORM_CHAP) > 1) return RADIUS_FORM;
  if (type > TYPE_ANY || (type & (type - 1)) != 0) return RADIUS_FORM;
  const head = at<Client>(client);
  const seen = keep != 0 ? head.seen : 0;
  const id = keep != 0 ? head.id : 0;
  zero(client, CLIENT_BYTES);
  head.id = id != 0 ? id : nextId();
  head.seen = seen;
  head.secretLength = length as u16;
  head.signed = load<u8>(FORM_AT + FORM_SIGNED);
  head.type = type as u8;
  head.challenge = load<u8>(FORM_AT + FORM_CHALLENGE);
  head.names = load<u8>(FORM_AT + FORM_NAMES);
  head.chap = load<u8>(FORM_AT + FORM_CHAP);
  copy(client + CLIENT_SECRET, FORM_AT + FORM_SECRET, length);
  keyHmac(client, client + CLIENT_SECRET, length);
  forgetDigests();
  return RADIUS_OK;
}

/** Forgets a client and its secret. */
export function removeClient(index: u32): u32 {
  if (index >= CLIENTS) return RADIUS_INDEX;
  zero(clientAt(index), CLIENT_BYTES);
  return RADIUS_OK;
}

function nextId(): u32 {
  const id = own().lastClient + 1;
  own().lastClient = id;
  return id;
}
