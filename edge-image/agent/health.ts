import type { FaultCode } from "./agent-fault";
import type { Log } from "./log";

/** What is wrong at present, by code: on the console and in the log when it comes and goes, on the health topic while it lasts. */
export interface Health {
  /** Says a fault, once until its words change. */
  raise(code: FaultCode, text: string): void;
  /** Says what happened once and is over already; it stays on the health topic for an hour. At most one a second and code. */
  note(code: FaultCode, text: string): void;
  /** It is over. */
  clear(code: FaultCode): void;
  readonly faults: () => readonly { readonly code: FaultCode; readonly text: string; readonly since: string }[];
  /** Calls back on every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** How long an incident stays visible, ms. */
const NOTE_MS = 3_600_000;

/** @param now the device's own time */
export const createHealth = (log: Log, now: () => Date): Health => {
  const faults = new Map<FaultCode, { readonly text: string; readonly since: string }>();
  const listeners = new Set<() => void>();
  const notes = new Map<FaultCode, NodeJS.Timeout>();
  const noted = new Map<FaultCode, number>();
  const changed = (): void => listeners.forEach((listener) => listener());
  const raise = (code: FaultCode, text: string): void => {
    const known = faults.get(code);
    if (known?.text === text) return;
    log("error", code, text);
    faults.set(code, { text, since: known?.since ?? now().toISOString() });
    changed();
  };
  return {
    raise,
    note: (code, text) => {
      const time = performance.now();
      if (time - (noted.get(code) ?? -Infinity) < 1_000) return;
      noted.set(code, time);
      clearTimeout(notes.get(code));
      notes.set(code, setTimeout(() => faults.delete(code) && changed(), NOTE_MS).unref());
      raise(code, text);
    },
    clear: (code) => {
      if (!faults.delete(code)) return;
      log("info", code, "is over");
      changed();
    },
    faults: () => [...faults].map(([code, { text, since }]) => ({ code, text, since })),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
