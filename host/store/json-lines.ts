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
