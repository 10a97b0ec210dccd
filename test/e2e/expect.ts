/** @throws with the sentence when it does not hold. */
export function expect(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}

/** @returns the error's message. @throws when `act` succeeds although it must be refused. */
export async function refused(what: string, act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error(`${what} was accepted and must be refused`);
}
