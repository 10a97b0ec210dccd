import { jest } from "@jest/globals";

/** The time that clients of an earlier task have to come back, as long as a test needs it, however slow its machine is. */
export interface HeldGrace {
  /** For `BrokerParts`. */
  readonly willGraceMs: number;
  /** It is over. */
  end(): void;
}

/** No other timer is this long. */
const MARK_MS = 123_456_789;

/** Holds the one timer back that ends it. `jest.restoreAllMocks` undoes it. */
export function holdGrace(): HeldGrace {
  const later = globalThis.setTimeout;
  let end: (() => void) | undefined;
  jest.spyOn(globalThis, "setTimeout").mockImplementation(((call: () => void, ms?: number, ...rest: []) => {
    if (ms === MARK_MS) end = call;
    return later(call, ms, ...rest);
  }) as typeof setTimeout);
  return {
    willGraceMs: MARK_MS,
    end: () => {
      if (!end) throw new Error("no broker has begun to wait for its clients");
      end();
    },
  };
}
