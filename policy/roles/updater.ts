import { field } from "../field";
import type { Role } from "../role";
import { levelFaults } from "./level-fault";
import { parameterText } from "./parameter-text";
import { unknownParameters } from "./unknown-parameters";

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
export const updater = (parameters: {
  readonly groups?: readonly string[];
  readonly areas?: readonly string[];
}): Role => {
  const groups = field(parameters, "groups");
  const areas = field(parameters, "areas");
  const named = [
    ...(groups === undefined ? [] : [`groups=${parameterText(groups)}`]),
    ...(areas === undefined ? [] : [`areas=${parameterText(areas)}`]),
  ];
  const nothing = { path: "areas", rule: "must name 'areas' or 'groups' to update", value: areas };
  return {
    id: `updater:${named.join(";")}`,
    template: "updater",
    faults: [
      ...unknownParameters(parameters, ["groups", "areas"]),
      ...(named.length === 0 ? [{ ...nothing, fix: 'write for example updater({ areas: ["utilities"] })' }] : []),
      ...(groups === undefined ? [] : levelFaults("groups", groups, ["STATE"])),
      ...(areas === undefined ? [] : levelFaults("areas", areas)),
    ],
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
