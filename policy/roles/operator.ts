import type { Role } from "../role";
import { unknownParameters } from "./unknown-parameters";

/**
 * A person who watches the site: reads every topic and the broker's own `$SYS` (a leading wildcard does not reach it,
 * [MQTT-4.7.2-1]), and publishes nothing. Operators change things through the CA functions under IAM.
 */
export const operator = (parameters?: Readonly<Record<string, never>>): Role => ({
  id: "operator",
  template: "operator",
  // Who thinks to narrow it down would hand out everything.
  faults: unknownParameters(parameters, []),
  grants: () => ({ publish: [], subscribe: ["#", "$SYS/#"] }),
});
