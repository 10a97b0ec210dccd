import { IDENTITY } from "../access-document";
import { field } from "../field";
import type { Role } from "../role";
import { levelFault } from "./level-fault";
import { parameterText } from "./parameter-text";
import { unknownParameters } from "./unknown-parameters";

/** What Sparkplug hosts say about themselves. A node with a primary host reads that one's alone. */
const stateOf = (host = "+"): string => `spBv1.0/STATE/${host}`;

/**
 * A Sparkplug B edge node named like its identity: it publishes births, data and deaths of its own node and of its own
 * devices, and reads only its own commands and the hosts' STATE (Sparkplug 3.0, section 4).
 *
 * @param parameters.group Sparkplug group id, one topic level; `STATE` is reserved.
 * @param parameters.primaryHost Name of the identity that is the node's primary host (section 5.4): while its STATE says
 *   that it is offline, the node is not born and what its applications hand over waits on its disk. @default none: data
 *   is sent whoever listens
 */
export const sparkplugEdgeNode = (parameters: { readonly group: string; readonly primaryHost?: string }): Role => {
  const group = field(parameters, "group");
  const primaryHost = field(parameters, "primaryHost");
  const after = primaryHost === undefined ? "" : `;primaryHost=${parameterText(primaryHost)}`;
  const of = (message: string): string => `spBv1.0/${parameters.group}/${message}/${IDENTITY}`;
  return {
    id: `sparkplug-edge-node:${parameterText(group)}${after}`,
    template: "sparkplug-edge-node",
    faults: [
      ...unknownParameters(parameters, ["group", "primaryHost"]),
      ...levelFault("group", group, ["STATE"]),
      ...(primaryHost === undefined ? [] : levelFault("primaryHost", primaryHost)),
    ],
    sharedReads: () => [stateOf(parameters.primaryHost)],
    grants: () => ({
      publish: [
        ...["NBIRTH", "NDATA", "NDEATH"].map(of),
        ...["DBIRTH", "DDATA", "DDEATH"].map((message) => `${of(message)}/+`),
      ],
      subscribe: [of("NCMD"), `${of("DCMD")}/+`, stateOf(parameters.primaryHost)],
    }),
  };
};
