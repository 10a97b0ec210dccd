import type { Fault } from "../fault";

/** Besides what divides topics: what no screen shows as it is (controls, line separators, turns of direction). */
const LEVEL = /^(?!\$)[^/+#{}\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,64}$/u;

/**
 * What is wrong with a role's parameter that becomes one topic level (a Sparkplug group, an area). Sparkplug 3.0 takes
 * any UTF-8 without `/`, `+` and `#`, such as `Line:1` or `Cell (2)`; braces are refused, since `{id}` would be misread,
 * and a `$` in front, which MQTT gives a meaning of its own.
 */
export const levelFault = (path: string, value: unknown, reserved: readonly string[] = []): readonly Fault[] => {
  if (typeof value !== "string" || !LEVEL.test(value) || value.trim() !== value) {
    const rule =
      "must be 1 to 64 characters without '/', '+', '#', braces, controls, outer spaces or a '$' in front: it becomes one topic level";
    return [{ path, rule, value, fix: 'write a plain name, for example "line1"' }];
  }
  if (!reserved.includes(value)) return [];
  return [
    { path, rule: `must not be ${value}, which Sparkplug reserves`, value, fix: 'choose another, for example "line1"' },
  ];
};

/** The same for a list of such parameters, which must be distinct. */
export const levelFaults = (path: string, value: unknown, reserved: readonly string[] = []): readonly Fault[] => {
  if (!Array.isArray(value) || value.length === 0)
    return [{ path, rule: "must be a list of at least one name", value, fix: 'write for example ["line1", "line2"]' }];
  const list: readonly unknown[] = value;
  return list.flatMap((entry, index) =>
    list.indexOf(entry) < index
      ? [{ path: `${path}[${index}]`, rule: "must be listed once", value: entry, fix: "remove the repetition" }]
      : levelFault(`${path}[${index}]`, entry, reserved),
  );
};
