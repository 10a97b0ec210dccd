import type { UpdateResult } from "../../policy/edge-device";

/** What the device tells of itself on its health topic, or as Sparkplug metrics. */
export interface Report {
  /** Device time, ISO 8601. */
  readonly time: string;
  /** Seconds since the agent started. */
  readonly uptime: number;
  /** Resident set of the agent, bytes. */
  readonly rss: number;
  readonly faults: readonly { readonly code: string; readonly text: string; readonly since: string }[];
  readonly queue: {
    /** Messages on disk that no broker has acknowledged. */
    readonly waiting: number;
    readonly bytes: number;
    /** Since the agent started. */
    readonly accepted: number;
    readonly sent: number;
    /** Lost to the declared bounds, and unreadable, since the queue was made. */
    readonly dropped: number;
    /** Set aside since the agent started: the broker refuses them. */
    readonly refused: number;
  };
}

/** Which software runs. */
export interface Versions {
  readonly agent: string;
  readonly image: string;
  readonly deviceClass: string;
  readonly node: string;
  /** The system slot, if the device has two: `a`, `b`, and whether it is still being tried. */
  readonly slot?: string;
  /** What became of the last update. */
  readonly lastUpdate?: UpdateResult;
}
