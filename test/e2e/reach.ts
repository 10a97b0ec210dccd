import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { BrokerFleet } from "./broker-fleet";
import type { CleanUp } from "./clean-up";
import { expect } from "./expect";
import { startInNamespace } from "./namespace-process";
import { inNamespace } from "./namespaces";
import type { Scenario } from "./scenario";

export interface ReachProps {
  readonly scenario: Scenario;
  readonly fleet: BrokerFleet;
  readonly cleanUp: CleanUp;
}

/** Services that somebody forgot on every machine. */
const DECOYS = ["22", "80", "1883", "2049", "8080", "50000"];

/** What the internet reaches: two ports of the load balancer's addresses, and no task; and whom a task reaches. */
export async function checkReach({ scenario, fleet, cleanUp }: ReachProps): Promise<void> {
  const { network, publicAddresses, securityGroups, clientAddress } = fleet.net;
  const balancer = network.namespace("balancer");
  const task = fleet.active;
  const taskNamespace = fleet.namespaceOf(task);
  for (const namespace of [balancer, taskNamespace, network.namespace("internet")])
    await startInNamespace(namespace, "decoy", DECOYS, cleanUp);

  const scan = async (namespace: string, address: string, ports: readonly string[] = []): Promise<string> => {
    const args = [
      "--import",
      "tsx",
      join(__dirname, "scan-ports.ts"),
      address,
      ...(ports.length > 0 ? [ports.join()] : []),
    ];
    const child = spawn(...inNamespace(namespace, process.execPath, ...args), { stdio: ["ignore", "pipe", "inherit"] });
    cleanUp.add("port scan", () => child.kill());
    const [found] = (await once(createInterface(child.stdout), "line", { signal: AbortSignal.timeout(400_000) })) as [
      string,
    ];
    return (JSON.parse(found) as number[]).join();
  };
  const some = [...DECOYS, "443", "8883"];
  const internet = network.namespace("internet");

  await scenario.check("of all 65535 TCP ports of the Elastic IPs, the internet reaches 443 and 8883", async () => {
    const found = await Promise.all(publicAddresses.map((address) => scan(internet, address)));
    for (const open of found) expect(open === "443,8883", `open: ${open || "none"}`);
  });
  await scenario.check(
    "without the load balancer's security group, the same scan finds what was forgotten there",
    async () => {
      await securityGroups.open(balancer);
      const open = await scan(internet, publicAddresses[0]!, some);
      await securityGroups.close(balancer);
      expect(open === "22,80,443,1883,2049,8080,8883,50000", `open: ${open}`);
      expect((await scan(internet, publicAddresses[0]!, some)) === "443,8883", "the group was not put back");
    },
  );
  await scenario.check(
    "the load balancer reaches a task on 443 and 8883, the internet reaches it on nothing",
    async () => {
      const [inside, outside] = [await scan(balancer, task.address, some), await scan(internet, task.address, some)];
      expect(inside === "443,8883", `the load balancer reaches ${inside || "nothing"}`);
      expect(outside === "", `the internet reaches ${outside}`);
    },
  );
  await scenario.check("a task reaches nothing on the internet", async () => {
    expect((await scan(taskNamespace, clientAddress, some)) === "", "a task reaches the internet");
    // The same services answer whoever is there.
    expect((await scan(internet, clientAddress, DECOYS)) === "22,80,1883,2049,8080,50000", "the control finds nothing");
  });
}
