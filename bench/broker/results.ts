import type { Account } from "./measurement";
import type { Qos } from "./scenarios";

/** A figure of both brokers; `ratio` is ours to mosquitto's. */
export interface Pair {
  readonly ours: number;
  readonly mosquitto: number;
  readonly ratio: number;
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly qos: Qos;
  /** Median over the rounds. */
  readonly cpuMicrosecondsPerDelivery: Pair;
  /** Lowest and highest ratio of two neighbouring rounds: how noisy the machine was. */
  readonly ratioRange: readonly [number, number];
  readonly deliveriesPerSecond: Pair;
  /** Parts of their core, 0 to 1. A broker well below 1 waited for the generator: it could do more messages a second. */
  readonly brokerShare: Pair;
  readonly generatorShare: Pair;
  /** Milliseconds, with both at the same rate: half of what the slower one can. */
  readonly latencyP50: Pair;
  readonly latencyP99: Pair;
  readonly latencyAtDeliveriesPerSecond: number;
  /** What was sent and what arrived, over the whole scenario. */
  readonly accounts: { readonly ours: Account; readonly mosquitto: Account };
}

export interface ConnectionResult {
  readonly connections: number;
  readonly cpuMicrosecondsPerConnect: Pair;
  readonly connectsPerSecond: Pair;
  readonly brokerShare: Pair;
  readonly generatorShare: Pair;
  readonly bytesPerConnection: Pair;
}

export interface Results {
  /** ISO 8601. */
  readonly measured: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly node: string;
    readonly mosquitto: string;
    /** Of the minute before: above half a process, others worked on the same cores. */
    readonly loadBefore: number;
  };
  readonly scenarios: readonly ScenarioResult[];
  readonly connections?: ConnectionResult;
}

export const pair = (ours: number, mosquitto: number): Pair => ({ ours, mosquitto, ratio: ours / mosquitto });
