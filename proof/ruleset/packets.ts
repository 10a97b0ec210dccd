import type { Step } from "../verdict";
import { type Field, wholeField } from "./fields";
import { IntervalSet } from "../interval-set";

/** A conjunction: each named field is in its set. What is not named is free. */
export type Region = ReadonlyMap<Field, IntervalSet>;

export const region = (fields: Readonly<Record<Field, IntervalSet>>): Region => new Map(Object.entries(fields));

/** Packets that took the same way so far. */
export interface Packets {
  readonly fields: Region;
  /** The rules that let them through, in order. */
  readonly trail: readonly Step[];
  /** What was not understood on that way: whether they really take it is not known. */
  readonly doubts: readonly Step[];
  /** A rule that rewrote their addresses or ports: what they were sent to is no longer what they show. */
  readonly rewritten?: Step;
  /** Fields that a rule set and that do not say where it goes, such as the hop limit: they no longer show whence it came. */
  readonly touched?: ReadonlySet<Field>;
}

export const setOf = (fields: Region, field: Field): IntervalSet => fields.get(field) ?? wholeField(field);

export const within = (fields: Region, other: Region): Region | undefined => {
  const both = new Map(fields);
  for (const [field, set] of other) {
    const common = setOf(fields, field).intersect(set);
    if (common.isEmpty) return undefined;
    both.set(field, common);
  }
  return both;
};

/** What is left of a region without another, as disjoint regions. */
export const without = (fields: Region, other: Region): readonly Region[] => {
  const rest: Region[] = [];
  let inside = new Map(fields);
  for (const [field, set] of other) {
    const outside = setOf(inside, field).subtract(set);
    if (!outside.isEmpty) rest.push(new Map(inside).set(field, outside));
    const common = setOf(inside, field).intersect(set);
    if (common.isEmpty) return rest;
    inside = new Map(inside).set(field, common);
  }
  return rest;
};

export const withoutAll = (fields: Region, others: readonly Region[]): readonly Region[] =>
  others.reduce<readonly Region[]>((left, other) => left.flatMap((each) => without(each, other)), [fields]);
