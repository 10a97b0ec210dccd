type Undo = () => Promise<unknown> | unknown;

/** What must be undone at the end of a run, whatever happened: last opened, first closed. */
export class CleanUp {
  readonly #steps: { readonly what: string; readonly undo: Undo }[] = [];
  #running: Promise<readonly string[]> | undefined;

  /** Call on the line after whatever was opened. */
  add(what: string, undo: Undo): void {
    this.#steps.push({ what, undo });
  }

  /** Undoes everything once, going on after a failure. @returns what could not be undone, and why. */
  run(): Promise<readonly string[]> {
    this.#running ??= (async () => {
      const faults: string[] = [];
      for (const { what, undo } of this.#steps.reverse()) {
        try {
          await undo();
        } catch (error) {
          faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      return faults;
    })();
    return this.#running;
  }
}
