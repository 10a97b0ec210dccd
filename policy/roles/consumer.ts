import type { Role } from "../role";
import { type GroupsAndAreas, readGroupsAndAreas } from "./groups-and-areas";

/**
 * A client that only reads, such as a historian: whole Sparkplug groups and whole areas of plain telemetry. It
 * publishes nothing.
 *
 * @param parameters.groups Sparkplug group ids. @default none
 * @param parameters.areas parts of the plant, as in `telemetryDevice`. @default none
 */
export const consumer = (parameters: GroupsAndAreas): Role => {
  const { named, faults } = readGroupsAndAreas(parameters, {
    path: "groups",
    rule: "must name 'groups' or 'areas' to read",
    fix: 'write for example consumer({ groups: ["line1"] })',
  });
  return {
    id: `consumer:${named}`,
    template: "consumer",
    faults,
    grants: (site) => ({
      publish: [],
      subscribe: [
        ...(parameters.groups ?? []).map((group) => `spBv1.0/${group}/#`),
        ...(parameters.areas ?? []).map((area) => `${site}/${area}/#`),
      ],
    }),
  };
};
