import { TerraformStack, type App } from "cdktf";
import { attachmentClause } from "./inbound/attachment-clause";
import type { Clause } from "./inbound/clause";
import { closedTypeClause } from "./inbound/closed-type-clause";
import { declaredParts } from "./inbound/declared-parts";
import { foreignClause } from "./inbound/foreign-clause";
import { ipv6Clause } from "./inbound/ipv6-clause";
import { listenerClause } from "./inbound/listener-clause";
import { networkAclClause } from "./inbound/network-acl-clause";
import { placementClause } from "./inbound/placement-clause";
import { plainNameClause } from "./inbound/plain-name-clause";
import { publicAddressClause } from "./inbound/public-address-clause";
import { routeClause } from "./inbound/route-clause";
import { securityGroupClause } from "./inbound/security-group-clause";
import { synthesized } from "./inbound/synthesized-resource";

const CLAUSES: readonly Clause[] = [
  plainNameClause,
  securityGroupClause,
  networkAclClause,
  listenerClause,
  publicAddressClause,
  ipv6Clause,
  attachmentClause,
  placementClause,
  routeClause,
  closedTypeClause,
  foreignClause,
];

/**
 * Holds the whole app to promise P1 at synthesis: from the internet exactly tcp 8883 and 443 on the load balancer, inside
 * exactly the declared conduits, no IPv6, no public address on anything else; whatever wears a security group wears a
 * declared one, and all but the load balancer stands in subnets without a route to the internet. It reads the synthesized
 * values, so it also sees what a fork adds or smuggles in by `addOverride`; what cannot be read before apply is refused.
 *
 * Call it once, after the last stack is made. `app.synth()` then throws before it writes a faulty stack, with the faults
 * of all stacks, each with its construct path, the rule, the value and a fix.
 *
 * @example
 * const app = new App();
 * new SiteStack(app, "plant", { site });
 * enforceInboundRule(app);
 * app.synth();
 */
export function enforceInboundRule(app: App): void {
  if (app.skipValidation)
    throw new Error("App: 'skipValidation' must be off, got true: the inbound rule runs as a validation; take it away");
  const stacks = () => app.node.findAll().filter((node) => TerraformStack.isStack(node));
  // Thrown, not returned: cdktf would add how to skip validations.
  const validate = (): string[] => {
    const faults = stacks().flatMap(inboundFaults);
    if (faults.length > 0) throw new InboundRuleError(faults);
    return [];
  };
  // Before each stack is written; and at the end, for a stack made after this call.
  for (const node of [...stacks(), app]) node.node.addValidation({ validate });
}

/** What opens more than promise P1 allows, of all stacks at once. */
export class InboundRuleError extends Error {
  override readonly name = "InboundRuleError";
  constructor(readonly faults: readonly string[]) {
    super(["this would open more than tcp 8883 and 443 on the load balancer:", ...faults].join("\n  "));
  }
}

function inboundFaults(stack: TerraformStack): string[] {
  const declared = declaredParts(stack);
  const { resources, dataSources, aliases, unseen } = synthesized(stack);
  return [
    ...resources.flatMap((resource) => CLAUSES.flatMap((clause) => clause(resource, declared))),
    // A data source may run a program, too.
    ...dataSources.flatMap((source) => foreignClause(source, declared)),
    // Under another name the group would be put on something unseen.
    ...aliases.flatMap((named) => attachmentClause(named, declared)),
    ...unseen,
  ];
}
