// What users are asked for a code: the module's own words, or the host's, which name the installation. Sources: RFC 2865
// section 5.18 (Reply-Message), RFC 3748 section 5.6 (GTC).

import { copy } from "../bytes";
import { EXTRA_AT, PROMPT_BYTES, RADIUS_FORM, RADIUS_OK } from "./abi";
import { own, PROMPT } from "./layout";
import { CODE_PROMPT, CODE_PROMPT_BYTES } from "./words";

/** Takes the `length` bytes at EXTRA_AT as the prompt; 0 is the module's own. On an error nothing changes. */
export function takePrompt(length: u32): u32 {
  if (length > PROMPT_BYTES) return RADIUS_FORM;
  for (let i: u32 = 0; i < length; i++) {
    const byte: u32 = load<u8>(EXTRA_AT + i);
    if (byte < 0x20 || byte == 0x7f) return RADIUS_FORM;
  }
  copy(PROMPT, EXTRA_AT, length);
  own().promptLength = length;
  return RADIUS_OK;
}

/** Where it lies. */
export function promptText(): u32 {
  return own().promptLength == 0 ? CODE_PROMPT : PROMPT;
}

export function promptBytes(): u32 {
  const length = own().promptLength;
  return length == 0 ? CODE_PROMPT_BYTES : length;
}
