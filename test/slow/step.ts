// The moment at which a test's codes are made: early in a step, so that it is not over before they are judged.

/** Waits for a step to begin where more than `most` seconds of this one are over. Answers the time, in seconds. */
export async function beginStep(most: number): Promise<number> {
  const into = (Date.now() / 1000) % 30;
  // A timer may end a millisecond early: the time would still be the step's before.
  if (into > most) await new Promise((resolve) => setTimeout(resolve, (30 - into) * 1000 + 50));
  return Date.now() / 1000;
}
