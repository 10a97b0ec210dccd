import type { Fault } from "../fault";
import { field } from "../field";
import { levelFaults } from "./level-fault";
import { parameterText } from "./parameter-text";
import { unknownParameters } from "./unknown-parameters";

/** What roles take that stand for whole parts of a plant. At least one of both. */
export interface GroupsAndAreas {
  /** Sparkplug group ids. @default none */
  readonly groups?: readonly string[];
  /** Parts of the plant, as in `telemetryDevice`. @default none */
  readonly areas?: readonly string[];
}

/**
 * Reads such parameters, whatever an untyped caller handed over.
 * @param nothing the fault of neither
 * @returns the part of the role's id behind its template, and what is wrong
 */
export const readGroupsAndAreas = (
  parameters: GroupsAndAreas,
  nothing: Pick<Fault, "rule" | "fix"> & { readonly path: keyof GroupsAndAreas },
): { readonly named: string; readonly faults: readonly Fault[] } => {
  const [groups, areas] = [field(parameters, "groups"), field(parameters, "areas")];
  const named = [
    ...(groups === undefined ? [] : [`groups=${parameterText(groups)}`]),
    ...(areas === undefined ? [] : [`areas=${parameterText(areas)}`]),
  ];
  return {
    named: named.join(";"),
    faults: [
      ...unknownParameters(parameters, ["groups", "areas"]),
      ...(named.length === 0 ? [{ ...nothing, value: undefined }] : []),
      ...(groups === undefined ? [] : levelFaults("groups", groups, ["STATE"])),
      ...(areas === undefined ? [] : levelFaults("areas", areas)),
    ],
  };
};
