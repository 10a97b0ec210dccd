import { rm, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { IPublishPacket, MqttClient } from "mqtt";
import { childSignal } from "./child-signal";
import type { Health } from "./health";
import type { DeviceIdentity } from "./identity/read-identity";
import type { LifeCycle } from "./life-cycle";
import type { MessageQueue } from "./queue/message-queue";
import type { StoredMessage } from "./queue/record";
import type { Report, Versions } from "./report";
import type { AgentSettings } from "./settings";
import { drain } from "./uplink/drain";
import type { Suspicion } from "./uplink/suspicion";

/** What changed of the device's health is said at once, but no more often than this, ms. */
const REPORT_MS = 1_000;

export interface UseConnectionProps {
  readonly settings: AgentSettings;
  readonly identity: DeviceIdentity;
  readonly lifeCycle: LifeCycle | undefined;
  readonly queue: MessageQueue | undefined;
  readonly health: Health;
  /** What runs now, and what became of the last update. */
  readonly versions: () => Promise<Versions>;
  readonly report: () => Report;
  readonly payload: (message: StoredMessage) => Buffer;
  readonly command: (topic: string, payload: Buffer, packet: IPublishPacket) => void;
  /** The broker acknowledged a message of the queue. */
  readonly sent: () => void;
  readonly suspicion: Suspicion;
  /** The device is there, and its first report is at the broker. */
  readonly established: (client: MqttClient, over: AbortSignal) => Promise<void>;
}

/** What is done with one accepted connection, until it is gone: commands, births, heartbeats, and the queue. */
export async function useConnection(
  props: UseConnectionProps,
  client: MqttClient,
  gone: AbortSignal,
  wasEnded: () => boolean,
): Promise<void> {
  const { settings, identity, lifeCycle, queue, health, versions, report } = props;
  const leaving = childSignal(gone);
  const over = leaving.signal;
  health.clear("connect");
  client.on("message", props.command);
  const filters = identity.topics.subscribe.filter((filter) => !filter.startsWith("spBv1.0/STATE/"));
  // First of all, so that a host's demand for births is not missed.
  if (filters.length > 0)
    await client
      .subscribeAsync([...filters], { qos: 1 })
      .catch((error: Error) => health.note("command", `the broker refused ${filters.join(", ")}: ${error.message}`));
  // From before the first report on: what changes after it must be told by the next.
  const changes = followChanges(health);
  try {
    // A host that is away says nothing against the version that is on trial in this slot.
    if (identity.device.sparkplug?.primaryHost !== undefined) await writeFile(settings.connected, "");
    const said = await versions();
    await lifeCycle?.begin(client, said, report(), over, leaving.abort);
    if (over.aborted) return;
    await lifeCycle?.report(client, report());
    await writeFile(settings.connected, "");
    await props.established(client, over);
    const { payload, sent, suspicion } = props;
    const draining = queue ? drain({ client, queue, payload, sent, suspicion, wasEnded, gone: over }) : aborted(over);
    await Promise.all([draining, beat(props, changes, client, said, over)]);
  } finally {
    changes.stop();
    leaving.abort();
    leaving.release();
    await rm(settings.connected, { force: true });
    if (client.connected) await lifeCycle?.end(client).catch(() => undefined);
  }
}

/** Whether what is wrong has changed since it was last told. */
interface Changes {
  /** Waits for a change; for `ms` at most, and until `over`. @returns whether there was one */
  wait(ms: number, over: AbortSignal): Promise<boolean>;
  readonly stop: () => void;
}

function followChanges(health: Health): Changes {
  let changed = false;
  let wake: () => void = () => undefined;
  const stop = health.onChange(() => {
    changed = true;
    wake();
  });
  return {
    wait: async (ms, over) => {
      if (!changed && !over.aborted)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(() => wake(), ms);
          wake = (): void => {
            clearTimeout(timer);
            over.removeEventListener("abort", wake);
            resolve();
          };
          over.addEventListener("abort", wake);
        });
      const result = changed;
      changed = false;
      return result;
    },
    stop,
  };
}

/** A report at each heartbeat, and soon after what is wrong has changed. */
async function beat(
  { settings, lifeCycle, report, versions }: UseConnectionProps,
  changes: Changes,
  client: MqttClient,
  first: Versions,
  over: AbortSignal,
): Promise<void> {
  let said = JSON.stringify(first);
  while (!over.aborted) {
    const changed = await changes.wait(settings.heartbeatMs, over);
    if (changed) await pause(REPORT_MS, undefined, { signal: over }).catch(() => undefined);
    const running = await versions();
    if (over.aborted) return;
    if (JSON.stringify(running) !== said) await lifeCycle?.versions(client, running);
    said = JSON.stringify(running);
    if (!over.aborted) await lifeCycle?.report(client, report());
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
