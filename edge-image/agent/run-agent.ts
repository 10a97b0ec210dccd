import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { QUEUE_DEFAULTS } from "../../policy/edge-device";
import { awaitIdentity } from "./await-identity";
import { childSignal } from "./child-signal";
import { createCommands } from "./commands";
import { createHealth } from "./health";
import { readIdentity } from "./identity/read-identity";
import { readImage } from "./identity/read-image";
import type { MqttClient } from "mqtt";
import type { LifeCycle } from "./life-cycle";
import { createLocalHandler } from "./local/local-handler";
import { openLocalServer } from "./local/local-server";
import type { Log } from "./log";
import { notifySystemd } from "./notify-systemd";
import { openDeviceQueue } from "./queue/open-device-queue";
import type { Report, Versions } from "./report";
import type { AgentSettings } from "./settings";
import { createSparkplugNode } from "./sparkplug/sparkplug-node";
import { openSparkplugMemory } from "./sparkplug/sparkplug-memory";
import { telemetryLifeCycle } from "./telemetry-life-cycle";
import { openDeviceClock } from "./time/device-clock";
import { createPeerChecks } from "./time/peer-check";
import { createBackOff } from "./uplink/back-off";
import { keepConnected } from "./uplink/keep-connected";
import { createSuspicion } from "./uplink/suspicion";
import { readSlot } from "./update/read-slot";
import { createUpdater } from "./update/updater";
import { useConnection } from "./use-connection";
import { agentVersion } from "./version";

/** How often messages that are too old are looked for while no broker is there, ms. */
const EXPIRE_MS = 600_000;

/**
 * The device's agent, until `stopping` aborts, or there is another bundle than the one with which it cannot connect: it is
 * to be run again then.
 * @throws AgentFault when the image itself is no good
 */
export async function runAgent(settings: AgentSettings, log: Log, stopping: AbortSignal): Promise<void> {
  const started = performance.now();
  const { signal, abort, release } = childSignal(stopping);
  const image = await readImage(settings.image);
  for (const folder of [settings.state, settings.queue, settings.update])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  const clock = await openDeviceClock({
    folder: settings.state,
    builtAt: image.builtAt * 1000,
    synchronised: settings.synchronised,
  });
  const health = createHealth(log, () => new Date(clock.now()));
  log(
    "info",
    "started",
    `agent ${agentVersion}, image ${image.imageVersion} for ${image.deviceClass} of ${image.site}`,
  );
  notifySystemd(process.env, signal);
  const identity = await awaitIdentity(settings.identity, image, health, signal);
  if (!identity) return;

  const { name, site, device } = identity;
  const unsaved = new Map<string, string>();
  // What a disk does not take, full or worn out, must not keep the device from its broker: sending is what makes room.
  const stateSaved = (file: string, error?: Error): void => {
    if (error) unsaved.set(file, `${join(settings.state, file)} cannot be written (${error.message})`);
    else unsaved.delete(file);
    if (unsaved.size > 0) health.raise("state-disk", [...unsaved.values()].join("; "));
    else health.clear("state-disk");
  };
  const saveClock = (): Promise<void> =>
    clock.save().then(
      () => stateSaved("time.json"),
      (error: unknown) => stateSaved("time.json", error instanceof Error ? error : new Error(String(error))),
    );
  const queue = await openDeviceQueue({
    folder: settings.queue,
    owner: { site, device: name },
    bounds: image.queue ?? QUEUE_DEFAULTS,
    now: clock.now,
    isSynchronised: clock.isSynchronised,
    health,
    log,
  });
  const sparkplug =
    device.sparkplug &&
    createSparkplugNode({
      ...device.sparkplug,
      node: name,
      waits: (isWaiting) => {
        const host = device.sparkplug!.primaryHost!;
        if (isWaiting) health.raise("primary-host", `'${host}' is not online: what applications hand over is stored`);
        else health.clear("primary-host");
      },
      memory: await openSparkplugMemory(
        settings.state,
        (error) => stateSaved("sparkplug.json", error),
        (text) => health.raise("state-damaged", text),
      ),
      now: clock.now,
    });
  const lifeCycle: LifeCycle | undefined =
    sparkplug ?? (device.prefix === undefined ? undefined : telemetryLifeCycle(device.prefix));
  const local = await openLocalServer(settings.socket, createLocalHandler({ identity, queue, sparkplug, health }));
  log("info", "ready", `applications may hand over messages at ${settings.socket}`);

  const updater = createUpdater({ folder: settings.update, name, image, health, log, now: clock.now });
  // Read anew each time: what looks after the slots writes it later than the agent starts.
  const versions = async (): Promise<Versions> => ({
    agent: agentVersion,
    image: image.imageVersion,
    deviceClass: image.deviceClass,
    node: process.versions.node,
    ...(await readSlot(settings, updater.refusal())),
  });
  let sentCount = 0;
  const suspicion = createSuspicion();
  const report = (): Report => ({
    time: new Date(clock.now()).toISOString(),
    uptime: Math.round((performance.now() - started) / 1000),
    rss: process.memoryUsage.rss(),
    faults: health.faults(),
    queue: { ...(queue?.stats() ?? { waiting: 0, bytes: 0, accepted: 0, dropped: 0, refused: 0 }), sent: sentCount },
  });
  const command = createCommands({ identity, local: () => local, sparkplug, updater, health, log });
  const checks = createPeerChecks({ clock, identity, health, networkTimeMs: settings.networkTimeMs });
  const connection = {
    settings,
    identity,
    lifeCycle,
    queue,
    health,
    versions,
    report,
    command,
    payload: sparkplug?.outgoing ?? (({ payload }: { readonly payload: Buffer }) => payload),
    sent: () => void sentCount++,
    suspicion,
    established: async (client: MqttClient, over: AbortSignal) => {
      await saveClock();
      updater.connected((wanted) => void lifeCycle?.ask(client, wanted).catch(() => undefined), over);
    },
  };
  const lookForBundle = async (): Promise<void> => {
    const found = await readIdentity(settings.identity, image).catch(() => undefined);
    if (signal.aborted || !found || JSON.stringify(found) === JSON.stringify(identity)) return;
    log("info", "identity", "there is another bundle: it is taken");
    abort();
  };
  let expiredAt = performance.now();
  const uplink = {
    will: () => lifeCycle?.will() ?? Promise.resolve(undefined),
    check: async (url: string) => {
      if (performance.now() - expiredAt > EXPIRE_MS) {
        expiredAt = performance.now();
        await queue?.expire();
      }
      return checks.next(url, signal);
    },
    use: useConnection.bind(undefined, connection),
    answerMs: settings.answerMs,
    failed: (url: string, error: Error) => {
      checks.failed(url, error);
      health.raise("connect", `${url}: ${error.message}`);
      void lookForBundle();
    },
  };
  await keepConnected(identity, uplink, createBackOff(settings.backOffMs), log, signal);
  await local.close();
  await queue?.close();
  await saveClock();
  release();
}
