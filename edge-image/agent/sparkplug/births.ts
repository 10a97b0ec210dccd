import type { Report, Versions } from "../report";
import type { MetricDeclaration, MetricValue } from "./metric";
import { wireMetric } from "./metric";
import type { WireMetric } from "./payload";

/** Metrics that every node of this kind has of itself: how it is, and what it can be told. */
export const AGENT_METRICS = {
  rebirth: { name: "Node Control/Rebirth", type: "Boolean" },
  update: { name: "Node Control/Update", type: "String" },
  agent: { name: "Agent/Version", type: "String" },
  image: { name: "Agent/Image", type: "String" },
  deviceClass: { name: "Agent/Device Class", type: "String" },
  slot: { name: "Agent/Slot", type: "String" },
  lastUpdate: { name: "Agent/Last Update", type: "String" },
  updateRequest: { name: "Agent/Update Request", type: "String" },
  faults: { name: "Agent/Faults", type: "String" },
  waiting: { name: "Agent/Queue Waiting", type: "Int64" },
  dropped: { name: "Agent/Queue Dropped", type: "Int64" },
  refused: { name: "Agent/Queue Refused", type: "Int64" },
  heartbeat: { name: "Agent/Heartbeat", type: "DateTime" },
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

/** Names that no application may declare. */
export const isAgentMetric = (name: string): boolean => name === "bdSeq" || /^(Node Control|Agent)\//.test(name);

/** The counter that ties a birth to its death; with it a host tells an old death from a new one. */
export const bdSeqMetric = (bdSeq: number, time: number): WireMetric =>
  wireMetric({ name: "bdSeq", type: "Int64" }, bdSeq, time);

/** What changes of the agent's own metrics. */
export const reportMetrics = (report: Report, time: number): readonly WireMetric[] => {
  const values: readonly (readonly [MetricDeclaration, MetricValue])[] = [
    [AGENT_METRICS.faults, JSON.stringify(report.faults)],
    [AGENT_METRICS.waiting, report.queue.waiting],
    [AGENT_METRICS.dropped, report.queue.dropped],
    [AGENT_METRICS.refused, report.queue.refused],
    [AGENT_METRICS.heartbeat, time],
  ];
  return values.map(([metric, value]) => wireMetric(metric, value, time));
};

/** All of the agent's own metrics, for a birth. */
export const agentMetrics = (versions: Versions, report: Report, time: number): readonly WireMetric[] => [
  wireMetric(AGENT_METRICS.rebirth, false, time),
  wireMetric(AGENT_METRICS.update, null, time),
  wireMetric(AGENT_METRICS.agent, versions.agent, time),
  wireMetric(AGENT_METRICS.image, versions.image, time),
  wireMetric(AGENT_METRICS.deviceClass, versions.deviceClass, time),
  wireMetric(AGENT_METRICS.slot, versions.slot ?? null, time),
  wireMetric(AGENT_METRICS.lastUpdate, versions.lastUpdate ? JSON.stringify(versions.lastUpdate) : null, time),
  wireMetric(AGENT_METRICS.updateRequest, null, time),
  ...reportMetrics(report, time),
];
