import { median } from "../median";
import type { Effort } from "./effort";
import type { Account, Latency, Throughput } from "./measurement";
import { pair, type Pair, type ScenarioResult } from "./results";
import { copies, type Qos, type Scenario } from "./scenarios";
import type { Generator } from "./start-generator";
import type { Server } from "./start-server";

export interface ScenarioProps {
  readonly scenario: Scenario;
  readonly qos: Qos;
  readonly servers: readonly [ours: Server, mosquitto: Server];
  readonly generator: Generator;
  readonly effort: Effort;
}

/**
 * Measures one scenario on both brokers, round by round one after the other, each round begun by the other broker: what
 * else happens on the machine falls on both.
 */
export async function measureScenario(props: ScenarioProps): Promise<ScenarioResult> {
  const { scenario, qos, servers, generator, effort } = props;
  for (const { name, port, pid } of servers) {
    await generator.call("openLoad", { load: name, port, brokerPid: pid, scenario: scenario.name, qos });
  }
  const names = servers.map(({ name }) => name);
  const alternating = async <Result>(
    rounds: number,
    measure: (load: string) => Promise<Result>,
  ): Promise<readonly [Result[], Result[]]> => {
    const results: readonly [Result[], Result[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) results[index]!.push(await measure(names[index]!));
    }
    return results;
  };

  const { firstWarmUpMs, warmUpMs, measureMs, rounds, latencyMs, latencyRounds } = effort;
  for (const load of names) await generator.call("saturate", { load, warmUpMs: firstWarmUpMs, measureMs: 100 });
  const throughputs = await alternating(rounds, (load) => generator.call("saturate", { load, warmUpMs, measureMs }));
  const deliveries = medians(throughputs, ({ deliveries, seconds }) => deliveries / seconds);
  const atHalfLoad = Math.min(deliveries.ours, deliveries.mosquitto) / 2;
  const messagesPerSecond = atHalfLoad / copies(scenario);
  const latencies = await alternating(latencyRounds, (load) =>
    generator.call("pace", { load, messagesPerSecond, ms: latencyMs }),
  );
  const accounts: Account[] = [];
  for (const load of names) accounts.push(await generator.call("closeLoad", { load }));
  const [ours, mosquitto] = accounts;

  const ratios = throughputs[0].map((one, round) => cpuPerDelivery(one) / cpuPerDelivery(throughputs[1][round]!));
  return {
    scenario: scenario.name,
    qos,
    cpuMicrosecondsPerDelivery: medians(throughputs, cpuPerDelivery),
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
    deliveriesPerSecond: deliveries,
    brokerShare: medians(throughputs, (one) => one.brokerCpuMicroseconds / 1e6 / one.seconds),
    generatorShare: medians(throughputs, ({ generatorShare }) => generatorShare),
    latencyP50: medians<Latency>(latencies, ({ p50 }) => p50),
    latencyP99: medians<Latency>(latencies, ({ p99 }) => p99),
    latencyAtDeliveriesPerSecond: atHalfLoad,
    accounts: { ours: ours!, mosquitto: mosquitto! },
  };
}

const cpuPerDelivery = ({ brokerCpuMicroseconds, deliveries }: Throughput): number =>
  brokerCpuMicroseconds / deliveries;

function medians<One>([ours, mosquitto]: readonly [readonly One[], readonly One[]], of: (one: One) => number): Pair {
  return pair(median(ours.map(of)), median(mosquitto.map(of)));
}
