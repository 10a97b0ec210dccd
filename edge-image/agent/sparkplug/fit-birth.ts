import { MESSAGE_LIMITS } from "../queue/record";
import { encodePayload, type WireMetric } from "./payload";

/** Bytes of a metric's value that have no bound of their own. */
const lengthOf = ({ stringValue, bytesValue }: WireMetric): number =>
  Buffer.isBuffer(bytesValue)
    ? bytesValue.length
    : typeof stringValue === "string"
      ? Buffer.byteLength(stringValue)
      : 0;

/**
 * The metrics of a birth such that it fits into one message: while it does not, the longest text or bytes are said to be
 * null. The broker ends the connection of who sends more than it takes, and a node that cannot be born never gets on.
 * @param own what is never left out
 */
export function fitBirth(own: readonly WireMetric[], declared: readonly WireMetric[]): readonly WireMetric[] {
  let excess = encodePayload({ timestamp: 0, metrics: [...own, ...declared] }).length - MESSAGE_LIMITS.payloadBytes;
  if (excess <= 0) return [...own, ...declared];
  const leftOut = new Set<WireMetric>();
  for (const metric of [...declared].sort((a, b) => lengthOf(b) - lengthOf(a))) {
    if (excess <= 0 || lengthOf(metric) === 0) break;
    leftOut.add(metric);
    excess -= lengthOf(metric);
  }
  const fitted = declared.map((metric) => {
    if (!leftOut.has(metric)) return metric;
    const { name, timestamp, datatype } = metric;
    return { name, timestamp, datatype, isNull: true };
  });
  return [...own, ...fitted];
}
