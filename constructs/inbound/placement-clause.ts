import { fault, type Clause } from "./clause";
import { blocks, everyAttribute } from "./literal";
import { isNetworkLoadBalancer } from "./network-load-balancer";

/** These name subnets to rule or record them, and put nothing into them. `routeClause` looks at the associations. */
const RULES: ReadonlySet<string> = new Set([
  "aws_default_network_acl",
  "aws_flow_log",
  "aws_network_acl",
  "aws_route_table_association",
]);

/** Everything but the network load balancer stands in broker subnets, to which no route from the internet leads. */
export const placementClause: Clause = ({ type, path, attributes }, { subnets }) =>
  RULES.has(type) || isNetworkLoadBalancer(type, attributes)
    ? []
    : [...everyAttribute(attributes)]
        .filter(([key]) => /(^|_)subnets$|subnet_ids?($|_)/.test(key))
        .flatMap(([key, value]) => blocks(value).map((subnet) => [key, subnet] as const))
        .filter(([, subnet]) => subnets.get(String(subnet)) !== "broker")
        .map(([key, subnet]) =>
          fault(
            path,
            key,
            "must hold broker subnets of this stack's DmzNetwork alone",
            subnet,
            "use 'network.brokerSubnets'; the load balancer alone stands in public ones",
          ),
        );
