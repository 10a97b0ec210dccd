import type { Fault } from "../fault";

const LEVEL = /^[\p{L}\p{N}._ -]{1,64}$/u;

/**
 * What is wrong with a role's parameter that becomes one topic level (a Sparkplug group, an area).
 * Letters of any script are fine (Sparkplug 3.0 allows them); what MQTT or `{id}` could misread is not.
 */
export const levelFault = (path: string, value: unknown, reserved: readonly string[] = []): readonly Fault[] => {
  if (typeof value !== "string" || !LEVEL.test(value) || value.trim() !== value) {
    const rule = "must be 1 to 64 letters, digits, '.', '_', '-' or inner spaces: it becomes one topic level";
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
