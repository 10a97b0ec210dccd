import { idleGrants } from "../../proof/access/idle-grants";
import { idleSuppressions } from "../../proof/hygiene/hygiene-properties";
import { silentAlarms } from "../../proof/hygiene/silent-alarms";
import type { Facts } from "../../proof/facts/facts";
import type { Expectation, Proven } from "../../proof/prove";
import type { Step } from "../../proof/verdict";

/** What no promise forbids and a reviewer should know: grants without a counterpart, alarms that tell nobody, suppressions
 * that excuse nothing. */
export const remarks = (
  { access }: Pick<Proven, "access">,
  facts: Facts | undefined,
  { suppressions, today, site }: Expectation,
): readonly Step[] => {
  const idle = facts
    ? idleSuppressions({ facts, suppressions, today, ...(site && { lifetime: site.lifetime }) })
    : suppressions;
  return [
    ...(access ? idleGrants(access) : []),
    ...(facts ? silentAlarms(facts) : []),
    ...idle.map(({ rule, resource }) => ({ at: `suppression of ${rule} for ${resource}`, says: "excuses nothing" })),
  ];
};
