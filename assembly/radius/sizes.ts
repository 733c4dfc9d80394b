// How many slots, clients, conversations and copies there are, for a server and for a router (`--use ROUTER=1`), and
// where their tables lie. Compiling fails where they do not fit into the memory that the build gives.

import { SLOT_BYTES, SLOTS_AT } from "./abi";
import { CLIENT_BYTES, COPY_BYTES, WAITING_BYTES } from "./layout";

/** Pages of 64 KiB, as host/build gives them to the compiler. */
export const PAGES: u32 = isDefined(ROUTER) ? 1 : 141;

/** Datagrams that are being answered at once. */
export const SLOTS: u32 = isDefined(ROUTER) ? 2 : 256;
/** NAS addresses. */
export const CLIENTS: u32 = isDefined(ROUTER) ? 16 : 1024;
/** Users are spread over sets of WAYS second steps, so that one user cannot crowd out all others. */
export const WAITING_SETS: u32 = isDefined(ROUTER) ? 4 : 1024;
/** Packets that are known again, in sets of WAYS, and the bytes of them and of their replies. */
export const COPY_SETS: u32 = isDefined(ROUTER) ? 16 : 4096;
export const RING_BYTES: u32 = isDefined(ROUTER) ? 16384 : 4194304;
export const WAYS: u32 = 8;

export const CLIENTS_AT: u32 = SLOTS_AT + SLOTS * SLOT_BYTES;
export const WAITING_AT: u32 = CLIENTS_AT + CLIENTS * CLIENT_BYTES;
export const COPIES_AT: u32 = WAITING_AT + WAITING_SETS * WAYS * WAITING_BYTES;
export const RING_AT: u32 = COPIES_AT + COPY_SETS * WAYS * COPY_BYTES;
export const TABLES_END: u32 = RING_AT + RING_BYTES;

if (TABLES_END > PAGES * 65536) ERROR("the tables do not fit into PAGES");
if ((SLOTS_AT | SLOT_BYTES | CLIENT_BYTES | WAITING_BYTES | COPY_BYTES) & 7) ERROR("a table's rows are not aligned");
