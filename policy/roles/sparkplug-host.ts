import { IDENTITY } from "../access-document";
import { field } from "../field";
import type { Role } from "../role";
import { levelFaults } from "./level-fault";
import { parameterText } from "./parameter-text";
import { unknownParameters } from "./unknown-parameters";

/**
 * A Sparkplug B host application, the mirror image of the edge node: it commands the nodes and devices of its groups,
 * reads what is in those groups, and announces itself on its own STATE topic (also its will). The host id is the
 * identity's name. It may subscribe `spBv1.0/<group>/#` in one go, as host applications do.
 *
 * @param parameters.groups Sparkplug group ids, each one topic level.
 */
export const sparkplugHost = (parameters: { readonly groups: readonly string[] }): Role => {
  const groups = field(parameters, "groups");
  return {
    id: `sparkplug-host:${parameterText(groups)}`,
    template: "sparkplug-host",
    faults: [...unknownParameters(parameters, ["groups"]), ...levelFaults("groups", groups, ["STATE"])],
    grants: () => ({
      publish: [
        ...parameters.groups.flatMap((group) => [`spBv1.0/${group}/NCMD/+`, `spBv1.0/${group}/DCMD/+/+`]),
        `spBv1.0/STATE/${IDENTITY}`,
      ],
      subscribe: [...parameters.groups.map((group) => `spBv1.0/${group}/#`), "spBv1.0/STATE/+"],
    }),
  };
};
