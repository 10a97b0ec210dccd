import { fault, type Clause, type Declared } from "./clause";
import { blocks, everyAttribute } from "./literal";
import { isNetworkLoadBalancer } from "./network-load-balancer";

/** These name a group to make rules for it, not to put it on something. */
const RULES: ReadonlySet<string> = new Set([
  "aws_security_group",
  "aws_default_security_group",
  "aws_security_group_rule",
  "aws_vpc_security_group_ingress_rule",
  "aws_vpc_security_group_egress_rule",
]);

/** Attributes that speak of groups and name none. */
const SETTINGS: ReadonlySet<string> = new Set([
  "enforce_security_group_inbound_rules_on_private_link_traffic",
  "replace_security_groups_on_destroy",
  "security_group_referencing_support",
]);

/**
 * Whatever wears groups wears declared ones, all of the same firewall: what another group lets in is not seen here. The
 * load balancer's group, the one open to the internet, is worn by network load balancers alone; whatever else mentions it,
 * in whatever expression, is refused.
 */
export const attachmentClause: Clause = ({ type, path, attributes }, { groups }) => {
  if (RULES.has(type)) return [];
  const worn = [...everyAttribute(attributes)]
    .filter(([key]) => key.includes("security_group") && !SETTINGS.has(key))
    .flatMap(([key, value]) => blocks(value).map((group) => [key, group] as const));
  const first = worn.map(([, group]) => groups.get(String(group))?.firewall).find((firewall) => firewall);
  return [
    ...worn
      .filter(([, group]) => !groups.has(String(group)) || groups.get(String(group))?.firewall !== first)
      .map(([key, group]) =>
        fault(
          path,
          key,
          "must hold groups of one BrokerFirewall of this stack alone",
          group,
          "what another group lets in cannot be seen here; use 'firewall.tasks', 'endpoints' or 'store'",
        ),
      ),
    ...(isNetworkLoadBalancer(type, attributes) ? [] : mentionFaults(path, attributes, groups)),
  ];
};

const mentionFaults = (path: string, attributes: object, groups: Declared["groups"]): string[] => {
  const text = JSON.stringify({ ...attributes, depends_on: undefined, "//": undefined });
  return [...groups]
    .filter(([expression, { zone }]) => zone === "load-balancer" && mentions(text, expression))
    .map(([expression]) =>
      fault(path, "security_groups", "must not hold the load balancer's group", expression, "use the tasks' group"),
    );
};

/** `${aws_security_group.<id>.id}` is looked for as `aws_security_group.<id>`, since `["id"]` says the same. */
const mentions = (text: string, expression: string): boolean => {
  const address = expression.slice("${".length, -".id}".length);
  return text.split(address).some((_, index, parts) => index > 0 && !/^[\w-]/.test(parts[index]!));
};
