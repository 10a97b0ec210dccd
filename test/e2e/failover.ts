import type { BrokerFleet } from "./broker-fleet";
import { expect } from "./expect";
import type { Scenario } from "./scenario";
import { SiteClient, type Bundle, type SiteClientOptions } from "./site-client";

export interface FailoverProps {
  readonly scenario: Scenario;
  readonly fleet: BrokerFleet;
  readonly where: SiteClientOptions;
  readonly edge: Bundle;
  readonly host: Bundle;
}

/** A new holder is there within the lease's life and one look at it, plus what a busy machine takes. Milliseconds. */
const TAKEN_OVER_WITHIN = 20_000;

/** Ends the active task, gently and not, and sees the other take over and the clients come back. */
export async function checkFailover({ scenario, fleet, where, edge, host }: FailoverProps): Promise<void> {
  const exchange = async (payload: string): Promise<void> => {
    const reader = await connectWhenServed(host, where);
    await reader.subscribe("spBv1.0/line1/#");
    const writer = await connectWhenServed(edge, where);
    await writer.publish(`spBv1.0/line1/NDATA/${edge.name}`, payload);
    await reader.message(`spBv1.0/line1/NDATA/${edge.name}`, payload);
    await Promise.all([reader.end(), writer.end()]);
  };
  const takeOver = async (how: "stop" | "kill"): Promise<{ milliseconds: number; code: number }> => {
    const [former, successor] = [fleet.active, fleet.standby];
    const client = await SiteClient.connect(edge, where);
    const seen = successor.log.length;
    const begun = performance.now();
    const ended = how === "stop" ? fleet.stopTask(former) : fleet.killTask(former);
    await Promise.all([successor.logged("active", TAKEN_OVER_WITHIN, seen), client.closed()]);
    const milliseconds = performance.now() - begun;
    const code = await ended;
    scenario.say(
      `  the other task was active after ${(milliseconds / 1000).toFixed(1)} s, the former ended with ${code}`,
    );
    await exchange(`after ${how}`);
    return { milliseconds, code };
  };

  await scenario.check("stopped with SIGTERM, the active task hands over at once, and clients come back", async () => {
    const { milliseconds, code } = await takeOver("stop");
    expect(milliseconds < 6_000, `took ${milliseconds} ms: the lease was waited for, not handed over`);
    expect(code === 0, `the stopped task ended with ${code}`);
  });
  await scenario.check("ECS starts a task in its place, which becomes healthy as a standby", async () => {
    const task = await fleet.launch();
    expect(!task.active, "the new task took the lease");
  });
  await scenario.check(
    "killed, the active task loses the lease when that runs out, and clients come back",
    async () => {
      const { milliseconds } = await takeOver("kill");
      expect(milliseconds > 3_000, `took ${milliseconds} ms: a live lease was taken`);
    },
  );
  await scenario.check("ECS starts another task, and both serve again", async () => {
    for (const task of fleet.tasks) if (task.ended) fleet.net.loadBalancer.send({ deregister: task.address });
    await fleet.launch();
    await exchange("both");
  });
}

/** As a client in the field does: tries again while the load balancer still sends it to a task that is gone. */
async function connectWhenServed(bundle: Bundle, where: SiteClientOptions): Promise<SiteClient> {
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      return await SiteClient.connect(bundle, where);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}
