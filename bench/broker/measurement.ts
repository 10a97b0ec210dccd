/** One span of closed-loop load. */
export interface Throughput {
  /** Delivered messages in the span. */
  readonly deliveries: number;
  readonly seconds: number;
  readonly brokerCpuMicroseconds: number;
  /** Of one core, 0 to 1. */
  readonly generatorShare: number;
}

/** Milliseconds from a message's sending to its arrival. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly deliveriesPerSecond: number;
  readonly generatorShare: number;
}

/** What a run as a whole delivered, beside what it should have: exactly once, in order. */
export interface Account {
  readonly sent: number;
  readonly expected: number;
  readonly delivered: number;
  /** Deliveries that were not the next one of their publisher: lost, repeated or out of order. */
  readonly outOfSequence: number;
}

/** What connecting cost. */
export interface Connects {
  readonly connections: number;
  readonly seconds: number;
  readonly brokerCpuMicroseconds: number;
  readonly brokerBytes: number;
  readonly generatorShare: number;
}
