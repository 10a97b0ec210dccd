import type { FaultCode } from "./agent-fault";
import type { Log } from "./log";

/** What is wrong at present, by code: on the console and in the log when it comes and goes, on the health topic while it lasts. */
export interface Health {
  /** Says a fault, once until its words change. */
  raise(code: FaultCode, text: string): void;
  /** It is over. */
  clear(code: FaultCode): void;
  readonly faults: () => readonly { readonly code: FaultCode; readonly text: string; readonly since: string }[];
  /** Calls back on every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** @param now the device's own time */
export const createHealth = (log: Log, now: () => Date): Health => {
  const faults = new Map<FaultCode, { readonly text: string; readonly since: string }>();
  const listeners = new Set<() => void>();
  const changed = (): void => listeners.forEach((listener) => listener());
  return {
    raise: (code, text) => {
      const known = faults.get(code);
      if (known?.text === text) return;
      log("error", code, text);
      faults.set(code, { text, since: known?.since ?? now().toISOString() });
      changed();
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
