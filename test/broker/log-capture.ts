import { createLogger, type Logger } from "../../broker/src/logger";

export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A broker's log that a test can wait on: no sleeping until something "should have" happened. */
export interface LogCapture {
  readonly log: Logger;
  readonly lines: readonly LogLine[];
  /** Resolves with the first line of this event, past or future, that fits. */
  readonly until: (event: string, fits?: (line: LogLine) => boolean) => Promise<LogLine>;
}

export function captureLog(): LogCapture {
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  const write = (text: string): void => {
    const line = JSON.parse(text) as LogLine;
    lines.push(line);
    for (const look of waiting) look(line);
  };
  return {
    log: createLogger("debug", "plant", { write }),
    lines,
    until: (event, fits = () => true) =>
      new Promise((resolve) => {
        const is = (line: LogLine): boolean => line.event === event && fits(line);
        const past = lines.find(is);
        if (past) return resolve(past);
        const look = (line: LogLine): void => {
          if (!is(line)) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
      }),
  };
}
