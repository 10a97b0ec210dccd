export type Qos = 0 | 1;

/** Who publishes to whom. */
export interface Scenario {
  readonly name: string;
  readonly publishers: number;
  readonly subscribers: number;
  /** `"own"`: subscriber n reads publisher n, by its exact topic; `"group"` and `"every"`: all of them, by wildcard. */
  readonly reads: "own" | "group" | "every";
  /**
   * Messages of one publisher that may be under way at once, by QoS. At QoS 1 never above 20: mosquitto sends a client no
   * more before it acknowledges, and what it would queue is not what this compares.
   */
  readonly window: Readonly<Record<Qos, number>>;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: "one-to-one", publishers: 1, subscribers: 1, reads: "own", window: { 0: 64, 1: 20 } },
  { name: "ten-to-ten", publishers: 10, subscribers: 10, reads: "own", window: { 0: 16, 1: 10 } },
  { name: "fan-out-20", publishers: 1, subscribers: 20, reads: "group", window: { 0: 16, 1: 16 } },
  { name: "fan-out-200", publishers: 1, subscribers: 200, reads: "group", window: { 0: 4, 1: 4 } },
  { name: "fan-in-50", publishers: 50, subscribers: 1, reads: "every", window: { 0: 8, 1: 4 } },
];

/** For `npm run bench:store`: enough at once under way that a sync of the disk is shared by many. */
export const STORED: Scenario = {
  name: "fifty-to-fifty",
  publishers: 50,
  subscribers: 50,
  reads: "own",
  window: { 0: 20, 1: 20 },
};

/** How often each message is delivered. */
export const copies = ({ reads, subscribers }: Scenario): number => (reads === "own" ? 1 : subscribers);
