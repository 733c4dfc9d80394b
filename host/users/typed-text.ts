// What an administrator is told about a text that was typed in place of password and code, before any code is looked for:
// what stands in it, in which order, in which letters.
import { finding, type Finding } from "./findings.ts";
import { MODES, type Profile } from "./profile.ts";
import { readTypedCode, toPlainDigits } from "./typed-code.ts";

/** The code in what was typed, in the letters of a code, and what is wrong around it; no code where there is none. */
export function readTypedText(profile: Profile, typed: string): { code?: string; findings: Finding[] } {
  const findings: Finding[] = [];
  let code = toPlainDigits(typed);
  if (code !== typed)
    findings.push(
      finding(
        "other-digits",
        "There are digits of another script or full-width ones. Switch the keyboard, and type 0 to 9.",
      ),
    );
  if (profile.mode === MODES[1] && profile.passwordFrom === "directory") {
    // What stands before the code is the directory's.
    if (code.length <= profile.digits) findings.push(passwordMissing());
    code = code.slice(-profile.digits);
  } else if (profile.mode === MODES[1] && profile.password !== undefined) {
    code = readPassword(profile, code, findings);
    const packed = code.replace(/[\s-]/g, "");
    if (packed !== code) {
      findings.push(finding("spaces", "There are spaces or dashes in the code. Type it without them."));
      code = packed;
    }
  } else code = readTypedCode(code);
  const { digits, factor } = profile;
  const motp = factor === "motp";
  const form = motp ? /^[0-9a-f]+$/i : /^[0-9]+$/;
  const before = code.length - digits;
  if (before > 0 && form.test(code.slice(before))) {
    findings.push(
      finding(
        "identifier",
        `There are ${before} characters before the code. ${profile.mode === "code" ? "This profile takes the code alone, without a password" : "Type nothing between password and code"}; and some tokens send an identifier first: switch that off in the token.`,
      ),
    );
    code = code.slice(before);
  }
  if (motp && code !== code.toLowerCase()) {
    findings.push(finding("upper-case", "The code is in upper case. mOTP codes are typed in lower case."));
    code = code.toLowerCase();
  }
  if (code.length === digits && form.test(code)) return { code, findings };
  const kind = motp ? "hexadecimal digits (0 to 9, a to f)" : "digits";
  const others = form.test(code) || code === "" ? "" : ", some of them others";
  const has = `this has ${code.length} characters${others}`;
  findings.push(finding("not-a-code", `This is no code: it must have ${digits} ${kind}, and ${has}.`));
  return { findings };
}

/** What is left of password and code in one without the password, or without what stands in its place. */
function readPassword({ digits, factor, password = "" }: Profile, text: string, findings: Finding[]): string {
  const form = factor === "motp" ? /^[0-9a-f]+$/i : /^[0-9]+$/;
  const [head, tail] = [text.slice(0, digits), text.slice(-digits)];
  if (text.startsWith(password)) return text.slice(password.length);
  const reversed = text.length > digits && form.test(head);
  if (reversed && (text.endsWith(password) || !form.test(tail))) {
    findings.push(
      finding(
        "code-first",
        "The code stands before the password. Type the password first, and then the code.",
      ),
    );
    if (text.endsWith(password)) return text.slice(0, -password.length);
    findings.push(finding("password", "And what follows the code is not the profile's password."));
    return head;
  }
  if (text.length <= digits) {
    findings.push(passwordMissing());
    return text;
  }
  findings.push(
    finding(
      "password",
      "What stands before the code is not the profile's password. Upper and lower case differ.",
    ),
  );
  return tail;
}

function passwordMissing(): Finding {
  return finding(
    "password",
    "The password is missing: this profile wants password and code in one, the password first.",
  );
}
