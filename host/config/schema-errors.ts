// How the findings of a schema (zod) are told to people: in one line, naming each key and never its value.
import { config, type core } from "zod/mini";

const KINDS: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a record",
};

/** What is wrong with a value that a schema's own words do not say; zod/mini has no texts at all. */
function say(issue: core.$ZodRawIssue): string {
  if (issue.code === "invalid_type")
    return issue.input === undefined ? "is missing" : `must be ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value") return `must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code !== "too_small" && issue.code !== "too_big") return "is of a kind that is not taken here";
  const counted = issue.origin === "string" || issue.origin === "array";
  if (issue.code === "too_big") return `must ${counted ? "have" : "be"} at most ${issue.maximum}`;
  if (counted && issue.minimum === 1) return "must not be empty";
  return `must ${counted ? "have" : "be"} at least ${issue.minimum}`;
}

config({ localeError: say });

/** Each finding as `path: what is wrong`, joined by semicolons. */
export function describeIssues(error: core.$ZodError): string {
  return error.issues.map(describeIssue).join("; ");
}

function describeIssue(issue: core.$ZodIssue): string {
  const path = issue.path.map((part) => (typeof part === "number" ? part + 1 : String(part))).join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${path ? path + "." : ""}${key}: there is no such key`).join("; ");
  }
  return path ? `${path}: ${issue.message}` : issue.message;
}
