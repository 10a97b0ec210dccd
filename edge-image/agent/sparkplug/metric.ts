import { Refusal } from "../local/protocol";
import { DATA_TYPES, type DataType, VALUE_FIELD, type WireMetric } from "./payload";

/** A metric as an application declares it. */
export interface MetricDeclaration {
  readonly name: string;
  readonly type: DataType;
}

/** A value as an application hands it over: 64-bit numbers and times may be decimal text, bytes are base64. */
export type MetricValue = number | string | boolean | null;

const BITS: Partial<Record<DataType, readonly [bits: number, signed: boolean]>> = {
  Int8: [8, true],
  Int16: [16, true],
  Int32: [32, true],
  Int64: [64, true],
  UInt8: [8, false],
  UInt16: [16, false],
  UInt32: [32, false],
  UInt64: [64, false],
  DateTime: [64, false],
};

/** A metric for the wire. @throws Refusal `metrics` when the value is not one of the type */
export function wireMetric({ name, type }: MetricDeclaration, value: MetricValue, timestamp: number): WireMetric {
  const common = { name, timestamp, datatype: DATA_TYPES[type] };
  return value === null
    ? { ...common, isNull: true }
    : { ...common, [VALUE_FIELD[type]]: wireValue(name, type, value) };
}

function wireValue(
  name: string,
  type: DataType,
  value: Exclude<MetricValue, null>,
): number | string | boolean | Buffer {
  const wrong = (rule: string): Refusal =>
    new Refusal("metrics", `metric '${name}': a value of type ${type} must be ${rule}`);
  const integer = BITS[type];
  if (integer) return wireInteger(value, ...integer, wrong);
  if (type === "Boolean") {
    if (typeof value !== "boolean") throw wrong("true or false");
    return value;
  }
  if (type === "Float" || type === "Double") {
    if (typeof value !== "number") throw wrong("a number");
    return value;
  }
  if (typeof value !== "string") throw wrong("a text");
  if (type !== "Bytes") return value;
  const bytes = Buffer.from(value, "base64");
  if (bytes.toString("base64") !== value) throw wrong("base64");
  return bytes;
}

/** Signed numbers go as two's complement in an unsigned field (Sparkplug 3.0, section 6.4.16). */
function wireInteger(
  value: number | string | boolean,
  bits: number,
  signed: boolean,
  wrong: (rule: string) => Refusal,
): number | string {
  const range = signed ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(bits) - 1n];
  const isWhole =
    typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "string" && /^-?\d{1,20}$/.test(value);
  const number = isWhole ? BigInt(value) : undefined;
  if (number === undefined || number < range[0]! || number > range[1]!)
    throw wrong(`a whole number from ${range[0]} to ${range[1]}${bits === 64 ? ", as text above 2^53" : ""}`);
  return bits === 64 ? BigInt.asUintN(64, number).toString() : Number(BigInt.asUintN(32, number));
}

const TYPE_NAMES = Object.fromEntries(Object.entries(DATA_TYPES).map(([name, id]) => [id, name as DataType]));

/** A metric of a command, as applications read it. */
export function readMetric(metric: WireMetric): {
  readonly name?: string;
  readonly type?: DataType;
  readonly value: MetricValue;
} {
  const type = TYPE_NAMES[metric.datatype ?? 0];
  const { name } = metric;
  const value = type === undefined ? undefined : metric[VALUE_FIELD[type] as `${string}Value`];
  if (type === undefined || value === undefined || metric.isNull) return { name, type, value: null };
  if (Buffer.isBuffer(value)) return { name, type, value: value.toString("base64") };
  const [bits, signed] = BITS[type] ?? [0, false];
  if (bits === 0) return { name, type, value };
  const number = signed ? BigInt.asIntN(bits, BigInt(value)) : BigInt(value);
  return { name, type, value: bits === 64 ? number.toString() : Number(number) };
}
