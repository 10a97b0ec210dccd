import type { Role } from "../role";

/**
 * A person who watches the site: reads every topic and the broker's own `$SYS` (a leading wildcard does not reach it,
 * [MQTT-4.7.2-1]), and publishes nothing. Operators change things through the CA functions under IAM (decision 10).
 */
export const operator = (): Role => ({
  id: "operator",
  template: "operator",
  grants: () => ({ publish: [], subscribe: ["#", "$SYS/#"] }),
});
