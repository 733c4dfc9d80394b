// The first factor at another RADIUS server: a PAP login there with the user's name and password. (RFC 2865.)
import type { Endpoint } from "../../config/endpoint.ts";
import { bounded, type Directory } from "../../directory/directory.ts";
import { attribute } from "./packet.ts";
import { dialIn } from "./peer.ts";
import { NAS_IDENTIFIER } from "../../../assembly/radius/dictionary.ts";

export interface UpstreamOptions {
  server: Endpoint;
  secret: string;
  /** Milliseconds for all tries together. */
  timeout: number;
}

const TRIES = 3;
/** What User-Password holds (RFC 2865 section 5.2); the rest would not be looked at. */
const PASSWORD_BYTES = 128;

/** A directory that asks a RADIUS server. Its replies must carry Message-Authenticator: without, anybody could say yes. */
export function upstreamDirectory({ server, secret, timeout }: UpstreamOptions): Directory {
  return bounded({
    async check(user, password, why) {
      if (Buffer.byteLength(password) > PASSWORD_BYTES) return "wrong";
      const { outcome, message } = await dialIn({
        server,
        secret,
        user,
        password,
        proof: "pap",
        timeout: timeout / TRIES,
        tries: TRIES,
        attributes: [attribute(NAS_IDENTIFIER, "dialward")],
      });
      if (outcome === "accept") return "right";
      if (outcome === "refuse") return "wrong";
      why(outcome === "no-answer" ? `no answer within ${timeout / 1000} s` : (message ?? outcome));
      return "unreachable";
    },
  });
}
