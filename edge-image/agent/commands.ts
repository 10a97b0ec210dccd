import type { IPublishPacket } from "mqtt";
import { matches } from "../../policy/topic-filter";
import type { Health } from "./health";
import type { DeviceIdentity } from "./identity/read-identity";
import type { LocalServer } from "./local/local-server";
import type { Log } from "./log";
import { AGENT_METRICS } from "./sparkplug/births";
import { readMetric } from "./sparkplug/metric";
import { decodePayload } from "./sparkplug/payload";
import type { SparkplugNode } from "./sparkplug/sparkplug-node";
import type { Updater } from "./update/updater";

/** The metric that brings a piece of an update to a Sparkplug node. */
export const CHUNK_METRIC = "Node Control/Update Chunk";

export interface CommandsProps {
  readonly identity: DeviceIdentity;
  readonly local: () => LocalServer | undefined;
  readonly sparkplug: SparkplugNode | undefined;
  readonly updater: Updater;
  readonly health: Health;
  readonly log: Log;
}

/** Takes what comes from the broker. Nothing is a command but what came on a topic that the access list gives this device. */
export function createCommands(props: CommandsProps): (topic: string, payload: Buffer, packet: IPublishPacket) => void {
  const { identity, local, sparkplug, updater, health, log } = props;
  const { name, device, topics } = identity;
  const toApplications = (topic: string, payload: Buffer): void => {
    if (local()?.command(topic, payload)) return;
    log("warning", "command", `${topic}: no application takes commands`);
  };

  const takeSparkplug = (topic: string, payload: Buffer): void => {
    const metrics = decodePayload(payload).metrics.map(readMetric);
    const ownTopic = topic === `spBv1.0/${device.sparkplug!.group}/NCMD/${name}`;
    const rest = metrics.filter(({ name: metric, value }) => {
      if (!ownTopic) return true;
      if (metric === AGENT_METRICS.rebirth.name) {
        if (value === true) sparkplug!.rebirth();
      } else if (metric === AGENT_METRICS.update.name) updater.announced(Buffer.from(String(value)));
      else if (metric === CHUNK_METRIC) updater.chunk(Buffer.from(String(value), "base64"));
      else return true;
      return false;
    });
    if (rest.length > 0) toApplications(topic, Buffer.from(JSON.stringify(rest)));
  };

  return (topic, payload, { retain }) => {
    if (topic.startsWith("spBv1.0/STATE/")) return;
    if (!topics.subscribe.some((filter) => matches(filter, topic)))
      return health.note("command", `a message on '${topic}', which this device may not subscribe, was ignored`);
    try {
      // What waited at the broker for who knows how long is no order to a machine; an update's signature speaks for it.
      const isStale = retain && (sparkplug !== undefined || topic !== `${device.prefix}/cmd/update`);
      if (isStale) log("warning", "command", `${topic}: a retained command was ignored`);
      else if (sparkplug) takeSparkplug(topic, payload);
      else if (topic === `${device.prefix}/cmd/update`) updater.announced(payload);
      else if (topic === `${device.prefix}/cmd/update/chunk`) updater.chunk(payload);
      else toApplications(topic, payload);
    } catch (error) {
      health.note(
        "command",
        `a command on '${topic}' was no good: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
}
