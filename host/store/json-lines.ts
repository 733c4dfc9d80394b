// Values as lines of JSON, for files and streams of any length.

/** Letters that are handed out at once: a write for each line would take longer than the line. */
const PIECE_LETTERS = 65_536;

/** The values, a line each, in pieces of some lines. What reading them throws is thrown. */
export async function* printLines(
  values: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<string> {
  let text = "";
  for await (const value of values) {
    text += `${JSON.stringify(value)}\n`;
    if (text.length < PIECE_LETTERS) continue;
    yield text;
    text = "";
  }
  yield text;
}

/** The lines of a text that comes in pieces, each of them with its end; node:readline would cut at U+2028, too. */
export async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
