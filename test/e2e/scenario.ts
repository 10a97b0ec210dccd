/** A failed check of a run that goes on. */
export interface Failure {
  readonly title: string;
  readonly error: Error;
}

/** Plays the steps of a run in order, says how each went and how long it took, and counts. */
export class Scenario {
  passed = 0;
  readonly failures: Failure[] = [];
  readonly #started = performance.now();

  /**
   * A step that later ones build on.
   * @throws what it throws: the run is over then.
   */
  async step<T>(title: string, act: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      const value = await act();
      this.passed += 1;
      this.say(`✓ ${title} (${seconds(performance.now() - begun)})`);
      return value;
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.failures.push({ title, error });
      this.say(`✗ ${title} (${seconds(performance.now() - begun)})\n${indent(error.stack ?? error.message)}`);
      throw error;
    }
  }

  /** A step that nothing builds on: its failure is counted and the run goes on. */
  async check(title: string, act: () => Promise<unknown>): Promise<void> {
    await this.step(title, act).catch(() => undefined);
  }

  /** Progress of something long. */
  say(text: string): void {
    process.stdout.write(`${seconds(performance.now() - this.#started).padStart(7)}  ${text}\n`);
  }
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
const indent = (text: string): string => text.replace(/^/gm, "         ");
