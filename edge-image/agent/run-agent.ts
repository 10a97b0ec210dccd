import { setTimeout as pause } from "node:timers/promises";
import { rm, writeFile } from "node:fs/promises";
import { AgentFault } from "./agent-fault";
import { createHealth } from "./health";
import { readImage } from "./identity/read-image";
import { type DeviceIdentity, readIdentity } from "./identity/read-identity";
import type { LifeCycle } from "./life-cycle";
import type { Log } from "./log";
import type { Report, Versions } from "./report";
import type { AgentSettings } from "./settings";
import { telemetryLifeCycle } from "./telemetry-life-cycle";
import { STRICT } from "./time/peer-check";
import { createBackOff } from "./uplink/back-off";
import { keepConnected } from "./uplink/keep-connected";
import { agentVersion } from "./version";
import type { EdgeImage } from "../../policy/edge-device";

/** How often a device without a usable bundle looks again, ms. */
const LOOK_AGAIN_MS = 5_000;

/** The device's agent, until `signal` aborts. @throws AgentFault when the image itself is no good */
export async function runAgent(settings: AgentSettings, log: Log, signal: AbortSignal): Promise<void> {
  const health = createHealth(log, () => new Date());
  const image = await readImage(settings.image);
  log(
    "info",
    "started",
    `agent ${agentVersion}, image ${image.imageVersion} for ${image.deviceClass} of ${image.site}`,
  );
  const identity = await awaitIdentity(settings, image, health.raise, signal);
  if (!identity) return;
  health.clear("identity");

  const started = performance.now();
  const versions: Versions = {
    agent: agentVersion,
    image: image.imageVersion,
    deviceClass: image.deviceClass,
    node: process.versions.node,
  };
  const report = (): Report => ({
    time: new Date().toISOString(),
    uptime: Math.round((performance.now() - started) / 1000),
    rss: process.memoryUsage.rss(),
    faults: health.faults(),
    queue: { waiting: 0, bytes: 0, accepted: 0, sent: 0, dropped: 0 },
  });
  const lifeCycle = lifeCycleOf(identity);
  const uplink = {
    will: () => lifeCycle?.will() ?? Promise.resolve(undefined),
    check: () => Promise.resolve(STRICT),
    use: async (client: Parameters<LifeCycle["end"]>[0], gone: AbortSignal) => {
      health.clear("connect");
      await lifeCycle?.begin(client, versions, report());
      await writeFile(settings.connected, "");
      while (!gone.aborted) {
        await lifeCycle?.report(client, report());
        await pause(settings.heartbeatMs, undefined, { signal: gone }).catch(() => undefined);
      }
      await rm(settings.connected, { force: true });
      if (client.connected) await lifeCycle?.end(client);
    },
    failed: (url: string, error: Error) => health.raise("connect", `${url}: ${error.message}`),
  };
  await keepConnected(identity, uplink, createBackOff(settings.backOffMs), log, signal);
}

const lifeCycleOf = ({ device }: DeviceIdentity): LifeCycle | undefined =>
  device.prefix === undefined ? undefined : telemetryLifeCycle(device.prefix);

/** First boot: the bundle may be put on the data partition while the device already runs. */
async function awaitIdentity(
  settings: AgentSettings,
  image: EdgeImage,
  raise: (code: "identity", text: string) => void,
  signal: AbortSignal,
): Promise<DeviceIdentity | undefined> {
  while (!signal.aborted) {
    try {
      return await readIdentity(settings.identity, image);
    } catch (error) {
      if (!(error instanceof AgentFault)) throw error;
      raise("identity", error.message);
    }
    await pause(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
