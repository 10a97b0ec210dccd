import type { MqttClient } from "mqtt";
import { Refusal } from "../local/protocol";
import type { LifeCycle } from "../life-cycle";
import { MESSAGE_LIMITS, type QueuedMessage, type StoredMessage } from "../queue/record";
import type { Report, Versions } from "../report";
import { send } from "../uplink/send";
import { AGENT_METRICS, agentMetrics, bdSeqMetric, isAgentMetric, reportMetrics } from "./births";
import { type MetricDeclaration, type MetricValue, wireMetric } from "./metric";
import { asHistorical, encodePayload, type WireMetric, withSeq } from "./payload";
import { fitBirth } from "./fit-birth";
import { followPrimaryHost } from "./primary-host";
import { readMetrics } from "./read-metrics";
import type { SparkplugMemory } from "./sparkplug-memory";

/** A Sparkplug B edge node: births, deaths and the numbering of what is sent between them. */
export interface SparkplugNode extends LifeCycle {
  /** An application says which metrics the node, or one of its devices, has. Kept over restarts. @throws Refusal */
  declare(device: string | undefined, payload: Buffer): Promise<void>;
  /** New values as a message for the queue, without a sequence number yet. @throws Refusal */
  encode(device: string | undefined, payload: Buffer): QueuedMessage;
  /** The payload as it goes out now. */
  outgoing(message: StoredMessage): Buffer;
  /** A host asked for it: all births again, under the same bdSeq. */
  rebirth(): void;
}

export interface SparkplugNodeProps {
  readonly group: string;
  readonly node: string;
  readonly primaryHost?: string;
  /** Called when the node has been waiting for its primary host, and when that is there. @default nobody is told */
  readonly waits?: (isWaiting: boolean) => void;
  readonly memory: SparkplugMemory;
  readonly now: () => number;
}

/** Metrics of a node and all its devices: what a birth costs in memory is bounded by it. */
const MOST_METRICS = 10_000;

/** A host that is there has said so by then; a wait that is longer is worth a word, ms. */
const TELL_MS = 1_000;

interface Session {
  readonly client: MqttClient;
  readonly bdSeq: number;
  versions: Versions;
  report: Report;
  /** ms; what was taken before is history. Undefined until the node is born. */
  bornAt: number | undefined;
  seq: number;
}

export function createSparkplugNode(props: SparkplugNodeProps): SparkplugNode {
  const { group, node, primaryHost, waits = () => undefined, memory, now } = props;
  const topicOf = (message: string, device = ""): string =>
    `spBv1.0/${group}/${message}/${node}${device === "" ? "" : `/${device}`}`;
  /** Last values by device and metric, for births. */
  const values = new Map<string, { readonly value: MetricValue; readonly time: number }>();
  const keyOf = (device: string, name: string): string => `${device}\0${name}`;
  let bdSeq = 0;
  let session: Session | undefined;

  const birthMetrics = (device: string, declared: readonly MetricDeclaration[]): readonly WireMetric[] =>
    declared.map((metric) => {
      const known = values.get(keyOf(device, metric.name));
      return wireMetric(metric, known?.value ?? null, known?.time ?? now());
    });
  /** Numbered when it is handed to the connection, so that order and numbers agree. Births are QoS 0 (section 6.4). */
  const publish = (to: Session, topic: string, metrics: readonly WireMetric[]): Promise<void> => {
    const payload = withSeq(encodePayload({ timestamp: now(), metrics }), to.seq);
    to.seq = (to.seq + 1) % 256;
    return send(to.client, topic, payload, { qos: 0 });
  };
  const bear = (to: Session): readonly Promise<void>[] => {
    to.seq = 0;
    to.bornAt = now();
    const own = [bdSeqMetric(to.bdSeq, to.bornAt), ...agentMetrics(to.versions, to.report, to.bornAt)];
    const sent = [publish(to, topicOf("NBIRTH"), fitBirth(own, birthMetrics("", memory.declared.get("") ?? [])))];
    for (const [device, declared] of memory.declared)
      if (device !== "")
        sent.push(publish(to, topicOf("DBIRTH", device), fitBirth([], birthMetrics(device, declared))));
    return sent;
  };
  let isAnswering = false;
  let isOwed = false;
  /** Who asks while births wait for the line shares those behind them: each set may be megabytes, and a demand is 50 bytes. */
  const answer = async (): Promise<void> => {
    isOwed = true;
    if (isAnswering) return;
    isAnswering = true;
    while (isOwed) {
      isOwed = false;
      if (session) await Promise.allSettled(bear(session));
    }
    isAnswering = false;
  };
  const death = (): Buffer => encodePayload({ timestamp: now(), metrics: [bdSeqMetric(bdSeq, now())] });
  const bury = async (client: MqttClient): Promise<void> => {
    if (session?.client === client) session = undefined;
    await send(client, topicOf("NDEATH"), death(), { qos: 1 });
  };

  return {
    will: async () => {
      bdSeq = await memory.nextBdSeq();
      return { topic: topicOf("NDEATH"), payload: death(), qos: 1, retain: false };
    },
    begin: async (client, versions, report, gone, leave) => {
      if (primaryHost !== undefined) {
        const tell = setTimeout(() => waits(true), TELL_MS);
        await awaitHost(client, primaryHost, gone, leave).finally(() => clearTimeout(tell));
        if (!gone.aborted) waits(false);
      }
      if (gone.aborted) return;
      session = { client, bdSeq, versions, report, bornAt: undefined, seq: 0 };
      await Promise.all(bear(session));
    },
    report: async (client, report) => {
      if (session?.client !== client) return;
      session.report = report;
      await publish(session, topicOf("NDATA"), reportMetrics(report, now()));
    },
    versions: async (client, versions) => {
      if (session?.client !== client) return;
      session.versions = versions;
      await Promise.all(bear(session));
    },
    ask: async (client, wanted) => {
      if (session?.client !== client) return;
      await publish(session, topicOf("NDATA"), [
        wireMetric(AGENT_METRICS.updateRequest, JSON.stringify(wanted), now()),
      ]);
    },
    end: (client) => bury(client),
    rebirth: () => void answer(),
    declare: async (device = "", payload) => {
      checkDevice(device);
      const given = readMetrics(payload);
      const declared = given.map(({ name, type }) => {
        if (device === "" && isAgentMetric(name)) throw new Refusal("metrics", `metric '${name}': is the agent's own`);
        if (type === undefined) throw new Refusal("metrics", `metric '${name}': must have a 'type'`);
        return { name, type };
      });
      const metrics = given.map((metric, i) => wireMetric(declared[i]!, metric.value, metric.timestamp ?? now()));
      // With room for the agent's own and for their timestamps.
      if (encodePayload({ timestamp: 0, metrics }).length > MESSAGE_LIMITS.payloadBytes - 16_384)
        throw new Refusal(
          "metrics",
          "these metrics do not fit into one birth message: declare fewer, or on several devices",
        );
      const others = [...memory.declared].reduce((sum, [each, list]) => sum + (each === device ? 0 : list.length), 0);
      if (others + declared.length > MOST_METRICS)
        throw new Refusal("metrics", `a node and its devices have at most ${MOST_METRICS} metrics`);
      const before = memory.declared.get(device) ?? [];
      const changed = await memory.declare(device, declared).catch((error: unknown) => {
        throw new Refusal("disk", error instanceof Error ? error.message : String(error));
      });
      if (changed) for (const { name } of before) values.delete(keyOf(device, name));
      for (const { name, value, timestamp = now() } of given)
        if (value !== null) values.set(keyOf(device, name), { value, time: timestamp });
      if (!changed || !session) return;
      if (device === "") for (const sent of bear(session)) sent.catch(() => undefined);
      else publish(session, topicOf("DBIRTH", device), birthMetrics(device, declared)).catch(() => undefined);
    },
    encode: (device = "", payload) => {
      const declared = memory.declared.get(device);
      if (!declared)
        throw new Refusal(
          "metrics",
          `${device === "" ? "the node" : `device '${device}'`} has no metrics yet: declare them with 'birth'`,
        );
      const metrics = readMetrics(payload).map(({ name, value, timestamp = now() }) => {
        const metric = declared.find((each) => each.name === name);
        if (!metric) throw new Refusal("metrics", `metric '${name}' was not declared with 'birth'`);
        return { name, value, time: timestamp, wire: wireMetric(metric, value, timestamp) };
      });
      const encoded = encodePayload({ timestamp: now(), metrics: metrics.map(({ wire }) => wire) });
      // Each metric takes more bytes than its JSON: what the socket lets in may be more than the queue reads back.
      if (encoded.length > MESSAGE_LIMITS.payloadBytes)
        throw new Refusal(
          "too-large",
          `a payload has at most ${MESSAGE_LIMITS.payloadBytes} bytes, as a Sparkplug message this one had ${encoded.length}`,
        );
      for (const { name, value, time } of metrics) values.set(keyOf(device, name), { value, time });
      return {
        topic: topicOf(device === "" ? "NDATA" : "DDATA", device),
        payload: encoded,
        retain: false,
        sparkplug: true,
      };
    },
    outgoing: (message) => {
      if (!message.sparkplug || !session) return message.payload;
      const { bornAt = 0, seq } = session;
      session.seq = (seq + 1) % 256;
      return withSeq(message.time < bornAt ? asHistorical(message.payload) : message.payload, seq);
    },
  };
}

/** One topic level, as the access list grants it for devices of the node. */
function checkDevice(device: string): void {
  if (/[/+#\p{Cc}]/u.test(device) || device.length > 64)
    throw new Refusal("metrics", "'device' must be one topic level of at most 64 characters");
}

/**
 * Waits until the primary host is there. When it leaves later, the node says its death and goes, as the standard asks:
 * what is taken meanwhile waits in the queue until the host is back.
 */
async function awaitHost(client: MqttClient, host: string, gone: AbortSignal, leave: () => void): Promise<void> {
  const follow = followPrimaryHost();
  const state = `spBv1.0/STATE/${host}`;
  client.on("message", (topic, payload) => {
    if (topic === state && follow.state(payload) === "left") leave();
  });
  await client.subscribeAsync(state, { qos: 1 });
  await follow.present(gone);
}
