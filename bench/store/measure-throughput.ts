import { STORED } from "../broker/scenarios";
import type { Generator } from "../broker/start-generator";
import type { Server } from "../broker/start-server";

export interface ThroughputEffort {
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** One broker under the load of `STORED`, at QoS 1, with sessions that outlive their connections. */
export interface StoreThroughput {
  readonly name: string;
  /** Median over the rounds. */
  readonly deliveriesPerSecond: number;
  /** Of one core, 0 to 1: above 1 only if it could use more. */
  readonly brokerShare: number;
  readonly generatorShare: number;
  /** Syncs of the disk, and deliveries for each; undefined where nobody counts. */
  readonly syncs?: number;
  readonly deliveriesPerSync?: number;
  readonly sent: number;
  readonly delivered: number;
}

export interface MeasureThroughputProps {
  readonly name: string;
  readonly start: () => Promise<Server>;
  readonly generator: Generator;
  readonly effort: ThroughputEffort;
  /** Syncs so far. @default not counted */
  readonly syncs?: () => Promise<number>;
}

/** Starts the broker, measures and ends it: one at a time, so that none waits for another's syncs. */
export async function measureThroughput(props: MeasureThroughputProps): Promise<StoreThroughput> {
  const { name, start, generator, effort, syncs } = props;
  const server = await start();
  const load = name;
  await generator.call("openLoad", {
    load,
    port: server.port,
    brokerPid: server.pid,
    scenario: STORED.name,
    qos: 1,
    persistent: true,
  });
  const rates: number[] = [];
  let [cpu, generated, seconds] = [0, 0, 0];
  const before = await syncs?.();
  for (let round = 0; round < effort.rounds; round++) {
    const warmUpMs = round === 0 ? effort.warmUpMs * 5 : effort.warmUpMs;
    const one = await generator.call("saturate", { load, warmUpMs, measureMs: effort.measureMs });
    rates.push(one.deliveries / one.seconds);
    cpu += one.brokerCpuMicroseconds;
    generated += one.generatorShare * one.seconds;
    seconds += one.seconds;
  }
  const counted = before === undefined ? undefined : (await syncs!()) - before;
  const { sent, delivered } = await generator.call("closeLoad", { load });
  await server.end();
  return {
    name,
    deliveriesPerSecond: rates.sort((a, b) => a - b)[rates.length >> 1]!,
    brokerShare: cpu / 1e6 / seconds,
    generatorShare: generated / seconds,
    ...(counted !== undefined && { syncs: counted, deliveriesPerSync: delivered / counted }),
    sent,
    delivered,
  };
}
