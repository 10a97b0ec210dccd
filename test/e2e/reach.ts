import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { spawn } from "node:child_process";
import type { BrokerFleet } from "./broker-fleet";
import type { CleanUp } from "./clean-up";
import { expect } from "./expect";
import { inNamespace } from "./namespaces";
import type { Scenario } from "./scenario";

export interface ReachProps {
  readonly scenario: Scenario;
  readonly fleet: BrokerFleet;
  readonly cleanUp: CleanUp;
}

/** What the internet reaches: two ports of the load balancer's addresses, and no task. */
export async function checkReach({ scenario, fleet, cleanUp }: ReachProps): Promise<void> {
  const { network, publicAddresses } = fleet.net;
  const scan = async (from: string, address: string, ports?: string): Promise<number[]> => {
    const script = join(__dirname, "scan-ports.ts");
    const args = ["--import", "tsx", script, address, ...(ports === undefined ? [] : [ports])];
    const child = spawn(...inNamespace(network.namespace(from), process.execPath, ...args), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    cleanUp.add("port scan", () => child.kill());
    const lines = createInterface(child.stdout);
    await once(lines, "line", { signal: AbortSignal.timeout(30_000) });
    const [found] = (await once(lines, "line", { signal: AbortSignal.timeout(120_000) })) as [string];
    return JSON.parse(found) as number[];
  };
  for (const address of publicAddresses) {
    await scenario.check(`of 65535 TCP ports of ${address}, the internet reaches 443 and 8883`, async () => {
      const open = await scan("internet", address);
      expect(open.join() === "443,8883", `open: ${open.join(", ") || "none"}`);
    });
  }
  await scenario.check("the internet reaches no task, which the load balancer does", async () => {
    const { address } = fleet.active;
    const [inside, outside] = [
      await scan("balancer", address, "443,8883"),
      await scan("internet", address, "443,8883"),
    ];
    expect(inside.join() === "443,8883", `the load balancer reaches ${inside.join(", ") || "nothing"}`);
    expect(outside.length === 0, `the internet reaches ${outside.join(", ")} of a task`);
  });
}
