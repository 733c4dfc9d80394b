// EAP packets at a peer: printing a response. RFC 3748 sections 4 and 5. The server's side is assembly/radius/eap.ts.

import { EAP_RESPONSE } from "../../../assembly/radius/dictionary.ts";

/** An EAP Response of `type`. */
export function encodeResponse(identifier: number, type: number, data: Uint8Array): Buffer {
  const out = Buffer.alloc(5 + data.length);
  out[0] = EAP_RESPONSE;
  out[1] = identifier;
  out.writeUInt16BE(out.length, 2);
  out[4] = type;
  out.set(data, 5);
  return out;
}
