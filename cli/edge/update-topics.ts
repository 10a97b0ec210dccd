import { CHUNK_METRIC } from "../../edge-image/agent/commands";
import type { ChunkRequest } from "../../edge-image/agent/update/chunks";
import type { Versions } from "../../edge-image/agent/report";
import { AGENT_METRICS } from "../../edge-image/agent/sparkplug/births";
import { wireMetric } from "../../edge-image/agent/sparkplug/metric";
import { decodePayload, encodePayload, type WireMetric } from "../../edge-image/agent/sparkplug/payload";
import type { UpdateAnnouncement, UpdateResult } from "../../policy/edge-device";
import type { UpdateDevice } from "./update-devices";

/** A message to a device. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: Buffer | string;
  /** Sparkplug's commands go at 0 (Sparkplug 3.0, section 6.4.3). */
  readonly qos: 0 | 1;
}

/** What a device said that concerns updates. */
export interface Said {
  readonly versions?: Pick<Versions, "image" | "deviceClass" | "lastUpdate">;
  readonly wants?: ChunkRequest;
}

/** How updates are spoken of with one device. Everything that it says is a stranger's word. */
export interface UpdateTopics {
  readonly subscribe: readonly string[];
  announce(announcement: UpdateAnnouncement): Outgoing;
  chunk(bytes: Buffer): Outgoing;
  /** Asks a device that is there already which version it runs; a plain one has it on a retained topic. */
  readonly ask?: Outgoing;
  /** @returns nothing if it is not about updates. @throws when it is no good */
  read(topic: string, payload: Buffer): Said;
}

export const updateTopics = ({ name, prefix, group }: UpdateDevice): UpdateTopics =>
  group === undefined ? plain(prefix!) : sparkplug(`spBv1.0/${group}`, name);

const plain = (prefix: string): UpdateTopics => {
  const [version, wanted] = [`${prefix}/event/agent/version`, `${prefix}/event/agent/update`];
  return {
    subscribe: [version, wanted],
    announce: (announcement) => ({ topic: `${prefix}/cmd/update`, payload: JSON.stringify(announcement), qos: 1 }),
    chunk: (payload) => ({ topic: `${prefix}/cmd/update/chunk`, payload, qos: 1 }),
    read: (topic, payload) => {
      if (topic === version) return { versions: JSON.parse(payload.toString()) as Versions };
      return topic === wanted ? { wants: JSON.parse(payload.toString()) as ChunkRequest } : {};
    },
  };
};

const sparkplug = (group: string, name: string): UpdateTopics => {
  const [birth, data] = [`${group}/NBIRTH/${name}`, `${group}/NDATA/${name}`];
  const command = (metric: WireMetric): Outgoing => ({
    topic: `${group}/NCMD/${name}`,
    payload: encodePayload({ timestamp: Date.now(), metrics: [metric] }),
    qos: 0,
  });
  const { update, rebirth, image, deviceClass, lastUpdate, updateRequest } = AGENT_METRICS;
  return {
    subscribe: [birth, data],
    announce: (announcement) => command(wireMetric(update, JSON.stringify(announcement), Date.now())),
    chunk: (bytes) => command(wireMetric({ name: CHUNK_METRIC, type: "String" }, bytes.toString("base64"), Date.now())),
    ask: command(wireMetric(rebirth, true, Date.now())),
    read: (topic, payload) => {
      const { metrics } = decodePayload(payload);
      const text = (wanted: string): string | undefined => {
        const value = metrics.find((metric) => metric.name === wanted)?.stringValue;
        return typeof value === "string" ? value : undefined;
      };
      if (topic === birth) {
        const last = text(lastUpdate.name);
        const versions = { image: text(image.name) ?? "", deviceClass: text(deviceClass.name) ?? "" };
        return {
          versions: last === undefined ? versions : { ...versions, lastUpdate: JSON.parse(last) as UpdateResult },
        };
      }
      const request = text(updateRequest.name);
      return topic === data && request !== undefined ? { wants: JSON.parse(request) as ChunkRequest } : {};
    },
  };
};
