// Names as pages show them: none turns the text around it. (Unicode UAX 9.)

/** What could turn the text around it is shown as its number; other marks end with the name. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name as it is shown. */
export function shownName(name: string): string {
  return name.replace(TURNS, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}

/** A name within a sentence, in quotation marks, isolated where it could turn the sentence around. */
export function quoted(name: string): string {
  const shown = shownName(name);
  return RIGHT_TO_LEFT.test(shown) ? `\u2068"${shown}"\u2069` : `"${shown}"`;
}
