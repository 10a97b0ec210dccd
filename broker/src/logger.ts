import { pino, type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./config";

export type { Logger } from "pino";

/**
 * The broker's log: one JSON object a line with `ts`, `level`, `site`, `event` and whatever the event carries. Written
 * synchronously: the container's log driver is non-blocking, and the last line before a crash is the one that matters.
 * No call site hands it a password; `redact` is the second lock on that door.
 */
export function createLogger(level: LogLevel, site: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { site },
      messageKey: "event",
      errorKey: "error",
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ["password", "*.password"], censor: "[redacted]" },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}
