import type { BrokerFleet } from "./broker-fleet";
import type { BrokerTask } from "./broker-task";
import { expect } from "./expect";
import type { Scenario } from "./scenario";
import { SiteClient, type Bundle, type SiteClientOptions } from "./site-client";

export interface ExchangeProps {
  readonly scenario: Scenario;
  readonly fleet: BrokerFleet;
  readonly mqtt: SiteClientOptions;
  readonly webSocket: SiteClientOptions;
  readonly edge: Bundle;
  readonly host: Bundle;
}

/** An edge node and its host exchange messages, on each pair of ports, each pair directly and through the relay. */
export async function checkExchange({ scenario, fleet, mqtt, webSocket, edge, host }: ExchangeProps): Promise<void> {
  const { loadBalancer, clientAddress } = fleet.net;
  /** Connects until the load balancer has chosen that task: it takes turns, so the second try succeeds at the latest. */
  const connectThrough = async (task: BrokerTask, bundle: Bundle, where: SiteClientOptions): Promise<SiteClient> => {
    for (let tries = 0; tries < 2; tries += 1) {
      const client = await SiteClient.connect(bundle, where);
      if (loadBalancer.connections().at(-1)!.target === task.address) return client;
      await client.end();
    }
    throw new Error(`the load balancer never chose ${task.name}`);
  };

  for (const [edgePort, hostPort] of [
    [mqtt, webSocket],
    [webSocket, mqtt],
  ] as const) {
    for (const path of ["directly", "through the relay"] as const) {
      await scenario.check(
        `an edge node on ${edgePort.port} and its host on ${hostPort.port} exchange messages ${path}`,
        async () => {
          const task = path === "directly" ? fleet.active : fleet.standby;
          const seen = { task: task.log.length, active: fleet.active.log.length };
          const reader = await connectThrough(task, host, hostPort);
          const writer = await connectThrough(task, edge, edgePort);
          await reader.subscribe("spBv1.0/line1/#");
          await writer.subscribe(`spBv1.0/line1/NCMD/${edge.name}`);
          await writer.publish(`spBv1.0/line1/NBIRTH/${edge.name}`, `birth ${path}`);
          await reader.message(`spBv1.0/line1/NBIRTH/${edge.name}`, `birth ${path}`);
          await reader.publish(`spBv1.0/line1/NCMD/${edge.name}`, `command ${path}`);
          await writer.message(`spBv1.0/line1/NCMD/${edge.name}`, `command ${path}`);
          // The active task knows the client's own address, whichever way the connection came.
          await fleet.active.logged("client-accepted", 30_000, seen.active, ({ address }) => address === clientAddress);
          if (path === "through the relay") {
            await task.logged(
              "relayed",
              30_000,
              seen.task,
              (entry) => entry.address === clientAddress && entry.target === fleet.active.address,
            );
            expect(
              !task.log.slice(seen.task).some(({ event }) => event === "client-accepted"),
              "the standby accepted a client itself",
            );
          }
          await Promise.all([reader.end(), writer.end()]);
        },
      );
    }
  }
}
