// The texts that a source file may say, read from its syntax: what is put together is one text, `{}` stands for a value.
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { parseAst } from "vitest/node";

interface Node {
  type: string;
  [key: string]: unknown;
}

const nodesOf = (value: unknown): Node[] =>
  [value].flat().filter((one): one is Node => typeof (one as Node | null)?.type === "string");

const isText = ({ type, value, operator, left, right }: Node): boolean =>
  (type === "Literal" && typeof value === "string") ||
  type === "TemplateLiteral" ||
  (type === "BinaryExpression" && operator === "+" && [left, right].some((side) => isText(side as Node)));

/** Every text that an expression may come to. */
function texts(node: Node): string[] {
  const join = (all: string[][]): string[] =>
    all.reduce((before, after) => before.flatMap((one) => after.map((two) => one + two)), [""]);
  if (node.type === "ConditionalExpression")
    return [...texts(node["consequent"] as Node), ...texts(node["alternate"] as Node)];
  if (!isText(node)) return ["{}"];
  if (node.type === "Literal") return [node["value"] as string];
  if (node.type === "BinaryExpression")
    return join([texts(node["left"] as Node), texts(node["right"] as Node)]);
  const values = nodesOf(node["expressions"]);
  return join(
    nodesOf(node["quasis"]).flatMap((quasi, i) => [
      [(quasi["value"] as { cooked: string }).cooked],
      ...(i < values.length ? [texts(values[i]!)] : []),
    ]),
  );
}

/**
 * All texts of more than one word; with `within`, those alone that are handed to functions and classes that it names, which
 * may look at their first argument too.
 */
export function textsOf(file: string, within?: (name: string, first: unknown) => boolean): string[] {
  const { code } = transformSync(readFileSync(file, "utf8"), { loader: "ts" });
  const found = new Set<string>();
  const walk = (node: Node, inside: boolean): void => {
    if (node.type === "ImportDeclaration") return;
    if (node.type === "Property" && (node["key"] as { name?: string }).name === "title") return;
    if (inside && (isText(node) || node.type === "ConditionalExpression"))
      for (const text of texts(node)) found.add(text);
    // A text's own parts are no texts, but what is asked between them may hold some.
    const callee = node["callee"] as { name?: string; property?: { name?: string } } | undefined;
    const name = callee?.name ?? callee?.property?.name;
    const first = nodesOf(node["arguments"])[0]?.["value"];
    const speaks = inside || (name !== undefined && within?.(name, first) === true);
    for (const [key, value] of Object.entries(node))
      for (const one of nodesOf(value))
        if (!isText(node) || !(isText(one) || one.type === "ConditionalExpression"))
          walk(one, key === "callee" ? inside : speaks);
  };
  for (const node of nodesOf((parseAst(code) as unknown as Node)["body"])) walk(node, within === undefined);
  return [...found].filter((text) => /\p{L}{2}.* .*\p{L}|\p{L} .*\p{L}{2}/u.test(text));
}
