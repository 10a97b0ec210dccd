import { field } from "../field";
import type { Role } from "../role";
import { levelFaults } from "./level-fault";
import { parameterText } from "./parameter-text";
import { unknownParameters } from "./unknown-parameters";

/**
 * A client that only reads, such as a historian: whole Sparkplug groups and whole areas of plain telemetry. It
 * publishes nothing.
 *
 * @param parameters.groups Sparkplug group ids. @default none
 * @param parameters.areas parts of the plant, as in `telemetryDevice`. @default none
 */
export const consumer = (parameters: {
  readonly groups?: readonly string[];
  readonly areas?: readonly string[];
}): Role => {
  const groups = field(parameters, "groups");
  const areas = field(parameters, "areas");
  const named = [
    ...(groups === undefined ? [] : [`groups=${parameterText(groups)}`]),
    ...(areas === undefined ? [] : [`areas=${parameterText(areas)}`]),
  ];
  const nothing = { path: "groups", rule: "must name 'groups' or 'areas' to read", value: groups };
  return {
    id: `consumer:${named.join(";")}`,
    template: "consumer",
    faults: [
      ...unknownParameters(parameters, ["groups", "areas"]),
      ...(named.length === 0 ? [{ ...nothing, fix: 'write for example consumer({ groups: ["line1"] })' }] : []),
      ...(groups === undefined ? [] : levelFaults("groups", groups, ["STATE"])),
      ...(areas === undefined ? [] : levelFaults("areas", areas)),
    ],
    grants: (site) => ({
      publish: [],
      subscribe: [
        ...(parameters.groups ?? []).map((group) => `spBv1.0/${group}/#`),
        ...(parameters.areas ?? []).map((area) => `${site}/${area}/#`),
      ],
    }),
  };
};
