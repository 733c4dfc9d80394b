// What users and peers are shown, in bytes.

import { copy } from "../bytes";

/** "Enter the code: " */
export const CODE_PROMPT: u32 = memory.data<u8>([0x45, 0x6e, 0x74, 0x65, 0x72, 0x20, 0x74, 0x68, 0x65, 0x20, 0x63, 0x6f, 0x64, 0x65, 0x3a, 0x20]) as u32;
export const CODE_PROMPT_BYTES: u32 = 16;
/** "Access denied" */
export const DENIED: u32 = memory.data<u8>([0x41, 0x63, 0x63, 0x65, 0x73, 0x73, 0x20, 0x64, 0x65, 0x6e, 0x69, 0x65, 0x64]) as u32;
export const DENIED_BYTES: u32 = 13;
/** "dialward", the name that this server gives itself in EAP-MD5 and EAP-MSCHAPv2. */
export const SERVER_NAME: u32 = memory.data<u8>([0x64, 0x69, 0x61, 0x6c, 0x77, 0x61, 0x72, 0x64]) as u32;
export const SERVER_NAME_BYTES: u32 = 8;

/** "E=691 R=0 C=", do not try again, before a challenge that is as good as none (RFC 2759 section 6). */
export const ERROR_HEAD: u32 = memory.data<u8>([0x45, 0x3d, 0x36, 0x39, 0x31, 0x20, 0x52, 0x3d, 0x30, 0x20, 0x43, 0x3d]) as u32;
export const ERROR_HEAD_BYTES: u32 = 12;
/** " V=3 M=" */
export const ERROR_TAIL: u32 = memory.data<u8>([0x20, 0x56, 0x3d, 0x33, 0x20, 0x4d, 0x3d]) as u32;
export const ERROR_TAIL_BYTES: u32 = 7;
