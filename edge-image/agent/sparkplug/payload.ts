import { Root } from "protobufjs/light";

/** Sparkplug B's data types that devices here use (Sparkplug 3.0, section 6.4.16), by their names. */
export const DATA_TYPES = {
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Float: 9,
  Double: 10,
  Boolean: 11,
  String: 12,
  DateTime: 13,
  Text: 14,
  UUID: 15,
  Bytes: 17,
} as const;

export type DataType = keyof typeof DATA_TYPES;

/** Which field of the protobuf message carries a type's value. */
export const VALUE_FIELD: Readonly<Record<DataType, string>> = {
  Int8: "intValue",
  Int16: "intValue",
  Int32: "intValue",
  Int64: "longValue",
  UInt8: "intValue",
  UInt16: "intValue",
  UInt32: "intValue",
  UInt64: "longValue",
  Float: "floatValue",
  Double: "doubleValue",
  Boolean: "booleanValue",
  String: "stringValue",
  DateTime: "longValue",
  Text: "stringValue",
  UUID: "stringValue",
  Bytes: "bytesValue",
};

const field = (type: string, id: number): object => ({ type, id });

/** The part of Sparkplug's protobuf schema (3.0, section 6.4.1) that is used: fields keep the standard's numbers. */
const PAYLOAD = Root.fromJSON({
  nested: {
    Payload: {
      // As the standard's schema: a field that is 0 is there all the same.
      edition: "proto2",
      fields: {
        timestamp: field("uint64", 1),
        metrics: { rule: "repeated", ...field("Metric", 2) },
        seq: field("uint64", 3),
      },
    },
    Metric: {
      edition: "proto2",
      oneofs: {
        value: {
          oneof: ["intValue", "longValue", "floatValue", "doubleValue", "booleanValue", "stringValue", "bytesValue"],
        },
      },
      fields: {
        name: field("string", 1),
        alias: field("uint64", 2),
        timestamp: field("uint64", 3),
        datatype: field("uint32", 4),
        isHistorical: field("bool", 5),
        isTransient: field("bool", 6),
        isNull: field("bool", 7),
        intValue: field("uint32", 10),
        longValue: field("uint64", 11),
        floatValue: field("float", 12),
        doubleValue: field("double", 13),
        booleanValue: field("bool", 14),
        stringValue: field("string", 15),
        bytesValue: field("bytes", 16),
      },
    },
  },
} as Parameters<typeof Root.fromJSON>[0]).lookupType("Payload");

/** A metric as it is on the wire; 64-bit numbers as decimal text when decoded. */
export interface WireMetric {
  readonly name?: string;
  readonly timestamp?: number | string;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly [value: `${string}Value`]: number | string | boolean | Buffer | undefined;
}

export interface WirePayload {
  readonly timestamp: number | string;
  readonly seq?: number | string;
  readonly metrics: readonly WireMetric[];
}

export const encodePayload = (payload: WirePayload): Buffer =>
  Buffer.from(PAYLOAD.encode(PAYLOAD.fromObject(payload)).finish());

/** @throws when the bytes are no Sparkplug payload */
export const decodePayload = (bytes: Buffer): WirePayload =>
  ({
    timestamp: 0,
    metrics: [],
    ...PAYLOAD.toObject(PAYLOAD.decode(bytes), { longs: String, bytes: Buffer }),
  }) as WirePayload;

/** Field 3 of a payload, a varint. A protobuf message may be extended by writing a further field behind it. */
const SEQ_TAG = 0x18;

/** The payload with its sequence number, 0 to 255. */
export const withSeq = (payload: Buffer, seq: number): Buffer =>
  Buffer.concat([payload, Buffer.from(seq < 128 ? [SEQ_TAG, seq] : [SEQ_TAG, (seq & 0x7f) | 0x80, seq >> 7])]);

/** The payload with every metric marked as one that was taken before the node's birth. */
export const asHistorical = (payload: Buffer): Buffer => {
  const decoded = decodePayload(payload);
  return encodePayload({ ...decoded, metrics: decoded.metrics.map((metric) => ({ ...metric, isHistorical: true })) });
};
