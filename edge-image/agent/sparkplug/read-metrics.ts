import { Refusal } from "../local/protocol";
import type { MetricDeclaration, MetricValue } from "./metric";
import { DATA_TYPES } from "./payload";

/** One entry of what an application hands over, its form checked. */
export interface GivenMetric {
  readonly name: string;
  readonly type?: MetricDeclaration["type"];
  /** @default null */
  readonly value: MetricValue;
  /** When it was taken, ms. @default now */
  readonly timestamp?: number;
}

const KEYS = ["name", "type", "value", "timestamp"];
const NAME_LENGTH = 256;
/** Metrics of a node or of one of its devices. */
const MOST = 2_000;

/** Reads a payload of `birth` or `data`: a JSON list of metrics. @throws Refusal `metrics` */
export function readMetrics(payload: Buffer): readonly GivenMetric[] {
  let list: unknown;
  try {
    list = JSON.parse(payload.toString());
  } catch {
    throw new Refusal("metrics", "the payload must be a JSON list of metrics");
  }
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST)
    throw new Refusal("metrics", `the payload must be a JSON list of 1 to ${MOST} metrics`);
  const metrics = list.map((entry: unknown, index) => readOne(entry, index));
  if (new Set(metrics.map(({ name }) => name)).size < metrics.length)
    throw new Refusal("metrics", "each metric may be given once");
  return metrics;
}

function readOne(entry: unknown, index: number): GivenMetric {
  const wrong = (rule: string): Refusal => new Refusal("metrics", `metric ${index}: ${rule}`);
  if (typeof entry !== "object" || entry === null || Object.keys(entry).some((key) => !KEYS.includes(key)))
    throw wrong(`must be an object of ${KEYS.join(", ")}`);
  const { name, type, value = null, timestamp } = entry as Partial<GivenMetric>;
  if (typeof name !== "string" || name === "" || name.length > NAME_LENGTH)
    throw wrong(`'name' must be a text of 1 to ${NAME_LENGTH} characters`);
  if (type !== undefined && !Object.hasOwn(DATA_TYPES, type))
    throw wrong(`'type' must be one of ${Object.keys(DATA_TYPES).join(", ")}`);
  if (value !== null && !["number", "string", "boolean"].includes(typeof value))
    throw wrong("'value' must be a number, a text, true, false or null");
  if (timestamp !== undefined && (!Number.isSafeInteger(timestamp) || timestamp < 0))
    throw wrong("'timestamp' must be milliseconds since 1970");
  return { name, type, value, timestamp };
}
