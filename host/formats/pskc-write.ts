// PSKC, the portable symmetric key container (RFC 6030), written.
import { XMLBuilder } from "fast-xml-parser";
import { parseSecret, type Profile } from "../users/profile.ts";

const NAMESPACE = "urn:ietf:params:xml:ns:keyprov:pskc";

/** A container with the keys in clear. mOTP is not in it: PSKC has no name for it. */
export function writePskc(users: readonly { profile: Profile; counter: number }[]): string {
  const packages = users.map(({ profile, counter }, i) => ({
    Key: {
      "@_Id": String(i + 1),
      "@_Algorithm": `${NAMESPACE}:${profile.factor}`,
      Issuer: "Dialward",
      AlgorithmParameters: {
        ...(profile.algorithm !== "sha1" && { Suite: `HMAC-${profile.algorithm?.toUpperCase()}` }),
        ResponseFormat: { "@_Encoding": "DECIMAL", "@_Length": String(profile.digits) },
      },
      Data: {
        Secret: { PlainValue: parseSecret(profile.factor, profile.secret).toString("base64") },
        ...(profile.factor === "hotp"
          ? { Counter: { PlainValue: String(counter) } }
          : { TimeInterval: { PlainValue: String(profile.period) } }),
      },
      UserId: profile.name,
    },
  }));
  const builder = new XMLBuilder({ ignoreAttributes: false, format: true });
  const container = { "@_Version": "1.0", "@_xmlns": NAMESPACE, KeyPackage: packages };
  return builder.build({
    "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
    KeyContainer: container,
  });
}
