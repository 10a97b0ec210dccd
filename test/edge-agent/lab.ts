import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MqttClient } from "mqtt";
import { buildAgent } from "../../edge-image/agent/build";
import { accepted } from "../broker/client";
import { startTestBroker, type TestBroker } from "../broker/start-test-broker";
import { createEdgePlant, type EdgePlant } from "./edge-plant";
import { type AgentProcess, createDevice, type Device, startAgent } from "./run-edge-agent";

/** What one test file needs: the bundled agent, a site, its broker, devices; everything is gone after `close`. */
export interface Lab {
  readonly bundle: string;
  readonly plant: EdgePlant;
  readonly broker: TestBroker;
  /** A device with the bundle of `name`. @param ports where it finds its broker @default the lab's broker */
  device(name?: string, ports?: { readonly mqtt: number; readonly https: number }): Promise<Device>;
  start(device: Device, env?: Readonly<Record<string, string>>, nodeOptions?: readonly string[]): AgentProcess;
  /** A client of the broker under an enterprise identity of the site. */
  client(name: string): Promise<MqttClient>;
  /** A client that has a device's credentials, and is not its agent. */
  impersonate(name: string): Promise<MqttClient>;
  /** Ends agents, clients and devices of one test. */
  clean(): Promise<void>;
  close(): Promise<void>;
}

export async function openLab(): Promise<Lab> {
  const built = await mkdtemp(join(tmpdir(), "dmz-agent-"));
  const bundle = join(built, "agent.cjs");
  const [plant] = await Promise.all([createEdgePlant(), buildAgent(bundle)]);
  const broker = await startTestBroker(plant);
  const devices: Device[] = [];
  const agents: AgentProcess[] = [];
  const clients: MqttClient[] = [];
  let count = 0;
  const clean = async (): Promise<void> => {
    await Promise.all(agents.splice(0).map((agent) => (agent.child.exitCode === null ? agent.stop("SIGKILL") : null)));
    await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
    await Promise.all(devices.splice(0).map((device) => device.remove()));
  };
  return {
    bundle,
    plant,
    broker,
    device: async (name = "gw-1", ports = broker.ports) => {
      const device = await createDevice();
      devices.push(device);
      await plant.writeBundle(name, join(device.data, "identity"), ports);
      return device;
    },
    start: (device, env, nodeOptions) => {
      const agent = startAgent(bundle, device, env, nodeOptions);
      agents.push(agent);
      return agent;
    },
    client: async (name) => {
      // Several of one enterprise identity would throw each other out under one ClientId.
      const client = await accepted(broker, plant, name, { clientId: `${name}~${count++}` });
      clients.push(client);
      return client;
    },
    impersonate: async (name) => {
      const client = await accepted(broker, plant, name);
      clients.push(client);
      return client;
    },
    clean,
    close: async () => {
      await clean();
      await broker.close();
      await rm(built, { recursive: true });
    },
  };
}
