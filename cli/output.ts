import colours from "picocolors";

/** Where a command speaks: to a person on a terminal or in a log, or in JSON lines to a machine. Never both at once. */
export interface Output {
  /** True with `--json`: standard output then carries nothing but one JSON object a line. */
  readonly json: boolean;
  /** True if a person watches live: progress may redraw, colours may be used. */
  readonly live: boolean;
  /** Writes a line for a person; silent with `--json`. */
  text(line?: string): void;
  /** Writes an event for a machine; silent without `--json`. */
  event(event: string, fields?: Readonly<Record<string, unknown>>): void;
  readonly colours: ReturnType<typeof colours.createColors>;
}

/** @param json whether `--json` was given */
export function createOutput(json: boolean): Output {
  const live = !json && Boolean(process.stdout.isTTY);
  return {
    json,
    live,
    text: (line = "") => void (json || process.stdout.write(`${line}\n`)),
    event: (event, fields = {}) => void (json && process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`)),
    // picocolors itself obeys NO_COLOR and FORCE_COLOR; a machine never gets colours.
    colours: colours.createColors(!json && colours.isColorSupported),
  };
}
