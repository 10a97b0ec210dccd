import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig, type BrokerConfig } from "../../broker/src/config";
import { startBroker, type BrokerParts, type RunningBroker } from "../../broker/src/start-broker";
import { BROKER_ENV } from "../../policy/deployment";
import { captureLog, type LogCapture } from "./log-capture";
import { SITE, type Plant } from "./plant";

export interface TestBroker extends RunningBroker {
  readonly logs: LogCapture;
}

/** The broker on free ports of loopback, asking its vault every 20 ms; `close` removes its folder too. */
export async function startTestBroker(
  plant: Plant,
  changes: Partial<BrokerConfig> = {},
  parts: Partial<BrokerParts> = {},
): Promise<TestBroker> {
  const folder = await mkdtemp(join(tmpdir(), "dmz-broker-"));
  const config = readConfig({
    [BROKER_ENV.site]: SITE,
    [BROKER_ENV.source]: `directory:${folder}`,
    [BROKER_ENV.mqttPort]: "0",
    [BROKER_ENV.httpsPort]: "0",
    [BROKER_ENV.store]: join(folder, "store"),
  });
  const logs = captureLog();
  const intervals = { manifests: 20, certificate: 20 };
  const broker = await startBroker(
    { ...config, ...changes },
    { vault: plant.vault, log: logs.log, intervals, ...parts },
  );
  return {
    ...broker,
    logs,
    close: async (drainMs) => {
      await broker.close(drainMs);
      await rm(folder, { recursive: true });
    },
  };
}
