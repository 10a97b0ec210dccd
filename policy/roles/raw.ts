import { field } from "../field";
import type { Role } from "../role";
import { levelFault } from "./level-fault";
import { parameterText } from "./parameter-text";
import { unknownParameters } from "./unknown-parameters";

/**
 * Filters written by hand, for what no template says. `{id}` as one whole level stands for the identity's name. The
 * rules of `defineSite` hold as for any other role: an edge grant needs `{id}` with no wildcard before it.
 *
 * @param parameters.name tells raw roles apart; the same name must mean the same filters.
 * @param parameters.sharedReads those of `subscribe` that all edge identities of this role read alike; they may reach no
 *   topic that an edge identity writes, or reads for its own. @default none
 */
export const raw = (parameters: {
  readonly name: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly sharedReads?: readonly string[];
}): Role => ({
  id: `raw:${parameterText(field(parameters, "name"))}`,
  template: "raw",
  faults: [
    ...unknownParameters(parameters, ["name", "publish", "subscribe", "sharedReads"]),
    ...levelFault("name", field(parameters, "name")),
  ],
  sharedReads: () => parameters.sharedReads ?? [],
  grants: () => ({ publish: parameters.publish, subscribe: parameters.subscribe }),
});
