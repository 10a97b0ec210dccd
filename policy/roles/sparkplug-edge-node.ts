import { IDENTITY } from "../access-document";
import { field } from "../field";
import type { Role } from "../role";
import { levelFault } from "./level-fault";
import { parameterText } from "./parameter-text";
import { unknownParameters } from "./unknown-parameters";

/** What Sparkplug hosts say about themselves; every edge node reads it to know whether its primary host is there. */
const STATE = "spBv1.0/STATE/+";

/**
 * A Sparkplug B edge node named like its identity: it publishes births, data and deaths of its own node and of its own
 * devices, and reads only its own commands and the hosts' STATE (Sparkplug 3.0, section 4).
 *
 * @param parameters.group Sparkplug group id, one topic level; `STATE` is reserved.
 */
export const sparkplugEdgeNode = (parameters: { readonly group: string }): Role => {
  const group = field(parameters, "group");
  const of = (message: string): string => `spBv1.0/${parameters.group}/${message}/${IDENTITY}`;
  return {
    id: `sparkplug-edge-node:${parameterText(group)}`,
    template: "sparkplug-edge-node",
    faults: [...unknownParameters(parameters, ["group"]), ...levelFault("group", group, ["STATE"])],
    sharedReads: () => [STATE],
    grants: () => ({
      publish: [
        ...["NBIRTH", "NDATA", "NDEATH"].map(of),
        ...["DBIRTH", "DDATA", "DDEATH"].map((message) => `${of(message)}/+`),
      ],
      subscribe: [of("NCMD"), `${of("DCMD")}/+`, STATE],
    }),
  };
};
