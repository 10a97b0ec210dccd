import { IntervalSet } from "../interval-set";
import type { Step } from "../verdict";
import type { Field } from "./fields";
import { payloadKey } from "./key";
import type { Packets, Region } from "./packets";
import type { Json, JsonObject } from "./ruleset";
import { valueOf } from "./value";

/** What a packet has without its headers. */
const BESIDE_HEADERS = new Set(["iifname", "oifname", "state", "direction", "skuid", "skgid"]);

/** Header fields that say neither who sends nor who receives: the packet stays the one that it was. */
const TOUCHES = /^ip6? (ttl|hoplimit|dscp|ecn|flowlabel)$/;

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Fields set anew (undefined: to anything); that an address was in a set says nothing of the one that follows it. */
const withFields = (fields: Region, change: ReadonlyMap<Field, IntervalSet | undefined>): Region => {
  const changed = new Map(
    [...fields].filter(([field]) => !change.has(field.startsWith("@") ? (field.split(": ").at(-1) ?? "") : field)),
  );
  for (const [field, set] of change) if (set !== undefined) changed.set(field, set);
  return changed;
};

const rewrite = (packets: Packets, change: ReadonlyMap<Field, IntervalSet | undefined>, step: Step): Packets => ({
  ...packets,
  fields: withFields(packets.fields, change),
  rewritten: step,
});

const anything = (...fields: readonly Field[]): Map<Field, IntervalSet | undefined> =>
  new Map(fields.map((field) => [field, undefined]));

/** A destination NAT or redirect: an address that we need not know, and the port that it names, or a map may name. */
export const translatedTo = (packets: Packets, value: Json, step: Step): Packets => {
  const change = anything("ip daddr", "ip6 daddr");
  if (isObject(value)) {
    const { addr, port } = value;
    const plain = !isObject(addr) || "range" in addr || "prefix" in addr;
    if (port !== undefined || !plain) change.set("dport", port === undefined ? undefined : valueOf("dport", port));
  }
  return rewrite(packets, change, step);
};

/** A source NAT or masquerade: what the packet was sent to stays. */
export const translatedFrom = (packets: Packets, value: Json): Packets => ({
  ...packets,
  fields: withFields(packets.fields, anything("ip saddr", "ip6 saddr", ...(isObject(value) ? ["sport"] : []))),
});

/** Payload that a rule writes: undefined where the key is no payload. */
export const mangled = (packets: Packets, { key, value }: JsonObject, step: Step): Packets | undefined => {
  const payload = isObject(key) ? key["payload"] : undefined;
  if (!isObject(payload)) return undefined;
  const [protocol, name] = [payload["protocol"], payload["field"]];
  const field = protocol === undefined ? undefined : payloadKey(String(protocol), String(name))?.field;
  if (field !== undefined && TOUCHES.test(field))
    return {
      ...packets,
      fields: withFields(packets.fields, new Map([[field, valueOf(field, value)]])),
      touched: new Set([...(packets.touched ?? []), field]),
    };
  if (field === undefined || field === "l4proto" || field === "nfproto") {
    // Bytes of any header, or which header it is: where the packet came from stays, all else may be new.
    const kept = [...packets.fields].filter(([each]) => BESIDE_HEADERS.has(each));
    return { ...packets, fields: new Map(kept), rewritten: step };
  }
  return rewrite(packets, anything(field), step);
};
