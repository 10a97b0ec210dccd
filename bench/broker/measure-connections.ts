import { median } from "../median";
import type { Effort } from "./effort";
import type { Connects } from "./measurement";
import { type ConnectionResult, pair, type Pair } from "./results";
import type { Generator } from "./start-generator";
import type { Server } from "./start-server";

export interface ConnectionsProps {
  /** Start each broker anew: in one that has worked before, connections would lie in memory it already has. */
  readonly starts: readonly [ours: () => Promise<Server>, mosquitto: () => Promise<Server>];
  readonly generator: Generator;
  readonly effort: Effort;
}

/** What a connection costs: a full TLS 1.3 handshake with client certificate, CONNECT with password, then silence. */
export async function measureConnections({ starts, generator, effort }: ConnectionsProps): Promise<ConnectionResult> {
  const results: readonly [Connects[], Connects[]] = [[], []];
  for (let round = 0; round < effort.connectRounds; round++) {
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const server = await starts[index]!();
      results[index]!.push(await oneBroker(server, generator, effort.connections));
      await server.end();
    }
  }
  const of = (figure: (one: Connects) => number): Pair =>
    pair(median(results[0].map(figure)), median(results[1].map(figure)));
  return {
    connections: effort.connections,
    cpuMicrosecondsPerConnect: of(({ brokerCpuMicroseconds, connections }) => brokerCpuMicroseconds / connections),
    connectsPerSecond: of(({ connections, seconds }) => connections / seconds),
    brokerShare: of(({ brokerCpuMicroseconds, seconds }) => brokerCpuMicroseconds / 1e6 / seconds),
    generatorShare: of(({ generatorShare }) => generatorShare),
    bytesPerConnection: of(({ brokerBytes, connections }) => brokerBytes / connections),
  };
}

async function oneBroker({ name, port, pid }: Server, generator: Generator, count: number): Promise<Connects> {
  const target = { port, brokerPid: pid, localAddress: "127.0.0.2" };
  await generator.call("openCrowd", { crowd: name, ...target });
  // Warms up, and is still there after: only what is added is counted.
  await generator.call("grow", { crowd: name, count: Math.ceil(count / 4) });
  const connects = await generator.call("grow", { crowd: name, count });
  await generator.call("closeCrowd", { crowd: name });
  if (connects.connections !== count) throw new Error(`${name} held ${connects.connections} of ${count} connections`);
  return connects;
}
