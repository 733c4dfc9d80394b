// How the findings of a schema (zod) are told to people: in one line, naming each key and never its value.
import { en } from "zod/locales";
import { config, type core } from "zod/mini";

// zod/mini has no texts of its own.
config(en());

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
