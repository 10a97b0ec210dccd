import { readConfig } from "./config";
import { createLogger } from "./logger";
import { openVault } from "./open-vault";
import { startBroker, type RunningBroker } from "./start-broker";
import { startWatchdog } from "./watchdog";
import { watchStore } from "./watch-store";

/** After SIGTERM new connections go on to the next active task for so long, in milliseconds. */
const DRAIN_MS = 5_000;
/** Less than the container's stop timeout (120 s), after which it would be killed anyway. */
const STOP_WITHIN_MS = 25_000;

/** The broker's process: configuration from the environment, one task, an orderly end at SIGTERM. */
async function main(): Promise<void> {
  const config = readConfig(process.env, process.constrainedMemory());
  const log = createLogger(config.logLevel, config.site);
  const fatal =
    (event: string) =>
    (error: unknown): void => {
      log.fatal({ error: error instanceof Error ? error : new Error(String(error)) }, event);
      process.exit(1);
    };
  process.on("uncaughtException", fatal("uncaught-exception"));
  process.on("unhandledRejection", fatal("unhandled-rejection"));
  startWatchdog({ site: config.site });

  const stopping = new AbortController();
  let broker: RunningBroker | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) return;
    log.info({ signal }, "signal");
    stopping.abort(new Error(signal));
    setTimeout(
      () => fatal("stop-timed-out")(new Error(`not stopped after ${STOP_WITHIN_MS} ms`)),
      STOP_WITHIN_MS,
    ).unref();
    // Still waiting for something: startBroker gives up by itself.
    void broker
      ?.close(config.loadBalancerSubnets.length > 0 ? DRAIN_MS : 0)
      .then(() => process.exit(0), fatal("stop-failed"));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);

  log.info({ source: config.source.kind, node: process.version, pid: process.pid }, "starting");
  try {
    broker = await startBroker(config, { vault: openVault(config), log, signal: stopping.signal });
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    fatal("not-started")(error);
  }
  if (broker) watchStore({ probe: broker.probeStore, onStuck: fatal("store-stuck") });
  // The signal came between the last step and here.
  if (stopping.signal.aborted) await broker?.close().then(() => process.exit(0));
}

main().catch((error: unknown) => {
  // Before there is a log: the environment's faults, readable.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
