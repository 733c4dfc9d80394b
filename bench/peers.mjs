// The JavaScript peers, each as one function: is `token` the TOTP of `secret` within one step of `seconds`?
// (JavaScript, so that the product's type check does not need the bench's packages.)

import { TOTP, Secret } from "otpauth";
import { verifySync } from "otplib";
import speakeasy from "speakeasy";
import { dependencies } from "./package.json";

/** One validator for each user's key, prepared as far as the library allows. */
export const peers = [
  {
    name: "otpauth",
    version: dependencies.otpauth,
    prepare(key) {
      const totp = new TOTP({ secret: new Secret({ buffer: key.slice().buffer }) });
      return (token, seconds) => totp.validate({ token, timestamp: seconds * 1000, window: 1 }) !== null;
    },
  },
  {
    name: "speakeasy",
    version: dependencies.speakeasy,
    prepare(key) {
      // Hexadecimal spares it the decoding of base32.
      const secret = Buffer.from(key).toString("hex");
      return (token, seconds) =>
        speakeasy.totp.verifyDelta({ secret, encoding: "hex", token, time: seconds, window: 1 }) !==
        undefined;
    },
  },
  {
    name: "otplib",
    version: dependencies.otplib,
    prepare(key) {
      return (token, seconds) => verifySync({ secret: key, token, epoch: seconds, epochTolerance: 30 }).valid;
    },
  },
];
