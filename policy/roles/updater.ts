import type { Role } from "../role";
import { type GroupsAndAreas, readGroupsAndAreas } from "./groups-and-areas";

/**
 * Who serves updates to edge devices (`dmz image edge serve`). Of plain devices it reads which version they run and which
 * piece of an image they ask for, and writes announcements and pieces: no data, and no other command. Sparkplug has one
 * command topic a node, so that for groups it may command the nodes, and read their births and data.
 *
 * What a device installs is decided by the signature alone: a stolen updater credential installs nothing.
 *
 * @param parameters.groups Sparkplug group ids. @default none
 * @param parameters.areas parts of the plant, as in `telemetryDevice`. @default none
 */
export const updater = (parameters: GroupsAndAreas): Role => {
  const { named, faults } = readGroupsAndAreas(parameters, {
    path: "areas",
    rule: "must name 'areas' or 'groups' to update",
    fix: 'write for example updater({ areas: ["utilities"] })',
  });
  return {
    id: `updater:${named}`,
    template: "updater",
    faults,
    grants: (site) => ({
      publish: [
        ...(parameters.groups ?? []).map((group) => `spBv1.0/${group}/NCMD/+`),
        ...(parameters.areas ?? []).flatMap((area) => [
          `${site}/${area}/+/cmd/update`,
          `${site}/${area}/+/cmd/update/chunk`,
        ]),
      ],
      subscribe: [
        ...(parameters.groups ?? []).flatMap((group) => [`spBv1.0/${group}/NBIRTH/+`, `spBv1.0/${group}/NDATA/+`]),
        ...(parameters.areas ?? []).flatMap((area) => [
          `${site}/${area}/+/event/agent/version`,
          `${site}/${area}/+/event/agent/update`,
        ]),
      ],
    }),
  };
};
