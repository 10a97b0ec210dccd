import { type Block, Reference, Template, Unknown, type Value } from "./facts";
import { isObject, type Json } from "./parse-json";

/**
 * A planned value, with what the plan does not know filled in from the configuration.
 *
 * @param planned as in `planned_values`.
 * @param unknown the same shape, `true` where something is known only after apply.
 * @param configured what the configuration says for the whole attribute. Undefined: nothing.
 * @returns undefined where something is unknown and not configured: the provider chooses it.
 */
export function mergeUnknown(
  planned: Json | undefined,
  unknown: Json | undefined,
  configured: Value | undefined,
  place: string,
): Value | undefined {
  if (unknown === true) return configured;
  if (!hasUnknown(unknown)) return planned as Value | undefined;
  if (Array.isArray(unknown)) {
    const items = Array.isArray(planned) ? (planned as readonly Json[]) : [];
    return mergeList(items, unknown as readonly Json[], configured, place);
  }
  const known = isObject(planned) ? planned : {};
  const marks = isObject(unknown) ? unknown : {};
  // No configuration at all for a block that is there: a dynamic block, which a plan does not show.
  const lost = configured === undefined || configured instanceof Unknown;
  const source = isBlock(configured) ? configured : undefined;
  const keys = new Set([...Object.keys(known), ...Object.keys(marks)]);
  return Object.fromEntries(
    [...keys].flatMap((key): [string, Value][] => {
      const value =
        lost && marks[key] === true
          ? hidden(place, configured)
          : mergeUnknown(known[key], marks[key], source?.[key], place);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

const hidden = (place: string, configured: Value | undefined): Unknown =>
  configured instanceof Unknown
    ? configured
    : new Unknown(place, "is known only after apply, and the plan does not show what it will be (a dynamic block?)");

export const isBlock = (value: Value | undefined): value is Block =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Reference || value instanceof Unknown || value instanceof Template);

const hasUnknown = (mark: Json | undefined): boolean =>
  mark === true ||
  (typeof mark === "object" && mark !== null && Object.values(mark).some((child) => hasUnknown(child)));

/**
 * Planned items stand in an order of Terraform's own if they are a set, so that position says nothing: an item belongs to
 * the configured one that agrees with all that is known of it.
 */
function mergeList(
  planned: readonly Json[],
  marks: readonly Json[],
  configured: Value | undefined,
  place: string,
): Value {
  const source = Array.isArray(configured)
    ? (configured as readonly Value[])
    : isBlock(configured)
      ? [configured]
      : undefined;
  const length = Math.max(planned.length, marks.length);
  const items = Array.from({ length }, (_, index) => ({ planned: planned[index], mark: marks[index] }));
  const named = references(configured);
  if (named && items.some(({ planned, mark }) => isObject(planned) || isObject(mark)))
    return items.map(({ planned, mark }) => {
      const unknown = isObject(mark) ? Object.keys(mark).filter((key) => hasUnknown(mark[key])) : [];
      const block = Object.fromEntries(unknown.map((key) => [key, fitting(key, named, place)]));
      return mergeUnknown(planned, mark, block, place) ?? hidden(place, undefined);
    });
  const lost = configured instanceof Unknown ? configured : undefined;
  if (!source || source.length !== length)
    return items.map(({ planned, mark }) =>
      hasUnknown(mark)
        ? mark === true
          ? hidden(place, lost)
          : (mergeUnknown(planned, mark, lost, place) ?? hidden(place, lost))
        : (planned as Value),
    );
  const candidates = items.map(({ planned, mark }) =>
    source.flatMap((item, index) => (agrees(planned, mark, item) ? [index] : [])),
  );
  // Items that the same configured ones agree with, and of which the same is known, may be told apart or not: as a set
  // they come to the same.
  const shape = items.map(({ planned, mark }, index) => JSON.stringify([candidates[index], planned, mark]));
  const taken = new Map<string, number>();
  return items.map(({ planned, mark }, index) => {
    if (!hasUnknown(mark)) return planned as Value;
    const mine = candidates[index]!;
    const group = shape[index]!;
    const among = shape.filter((other) => other === group).length;
    const nth = taken.get(group) ?? 0;
    taken.set(group, nth + 1);
    const others = candidates.some((other, at) => shape[at] !== group && other.some((one) => mine.includes(one)));
    const clear = mine.length === among && (!others || sameAll(mine.map((one) => source[one]!)));
    const item = clear ? source[mine[nth]!] : new Unknown(place, "which of its blocks is which cannot be told");
    return mergeUnknown(planned, mark, item, place) ?? hidden(place, undefined);
  });
}

/** Blocks in HCL that are written as an attribute: of all of them together it is told what they refer to (if trusted). */
function references(configured: Value | undefined): readonly Reference[] | undefined {
  const all = Array.isArray(configured) ? (configured as readonly Value[]) : [configured];
  const found = all.filter((value) => value instanceof Reference);
  return found.length === all.length && found.every(({ attribute }) => attribute === "id" || attribute === "arn")
    ? found
    : undefined;
}

/** `nat_gateway_id` is one of an `aws_nat_gateway`; if several fit, none is taken. */
function fitting(key: string, named: readonly Reference[], place: string): Value {
  const stem = key.replace(/_(ids?|arns?)$|s$/, "");
  const types = stem === "gateway" ? ["aws_internet_gateway", "aws_vpn_gateway"] : [`aws_${stem}`];
  const fits = named.filter(({ address }) => types.some((type) => `.${address}`.includes(`.${type}.`)));
  const distinct = new Map(fits.map((reference) => [`${reference.address}.${reference.attribute}`, reference]));
  const [only] = distinct.values();
  return distinct.size === 1 && only ? only : new Unknown(place, "which of its blocks is which cannot be told");
}

const sameAll = (values: readonly Value[]): boolean => new Set(values.map((value) => JSON.stringify(value))).size <= 1;

/** Whether a configured value may be what was planned. */
function agrees(planned: Json | undefined, mark: Json | undefined, configured: Value): boolean {
  if (configured instanceof Unknown) return true;
  if (configured instanceof Reference || configured instanceof Template) return true;
  if (mark === true) return hasReference(configured);
  if (Array.isArray(configured)) {
    const items = Array.isArray(planned) ? (planned as readonly Json[]) : [];
    const list = configured as readonly Value[];
    if (list.some(hasReference)) return true;
    return list.length === items.length && list.every((item) => items.some((other) => agrees(other, undefined, item)));
  }
  if (isBlock(configured)) {
    const known = isObject(planned) ? planned : {};
    const marks = isObject(mark) ? mark : {};
    return Object.entries(configured).every(([key, item]) => agrees(known[key], marks[key], item));
  }
  return normal(planned) === normal(configured);
}

const hasReference = (value: Value): boolean =>
  value instanceof Reference ||
  value instanceof Template ||
  value instanceof Unknown ||
  (typeof value === "object" && value !== null && Object.values(value as Block).some(hasReference));

/** Providers write "not set" in three ways, and numbers and truths as texts. */
const normal = (value: Json | Value | undefined): string =>
  value === undefined || value === null || value === "" || value === false || value === 0 ? "" : String(value);
