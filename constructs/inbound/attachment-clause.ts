import { fault, type Clause } from "./clause";

/** These name a group to make rules for it, not to put it on something. */
const RULES: ReadonlySet<string> = new Set([
  "aws_security_group",
  "aws_security_group_rule",
  "aws_vpc_security_group_ingress_rule",
  "aws_vpc_security_group_egress_rule",
]);

/**
 * The load balancer's group, the one group open to the internet, is worn by network load balancers alone. Whatever else
 * mentions it, in whatever expression, is refused.
 */
export const attachmentClause: Clause = ({ type, path, attributes }, groups) => {
  if (RULES.has(type) || (isLoadBalancer(type) && attributes.load_balancer_type === "network")) return [];
  const text = JSON.stringify({ ...attributes, depends_on: undefined, "//": undefined });
  return [...groups]
    .filter(([expression, { zone }]) => zone === "load-balancer" && mentions(text, expression))
    .map(([expression]) =>
      fault(path, "security_groups", "must not hold the load balancer's group", expression, "use the tasks' group"),
    );
};

const isLoadBalancer = (type: string): boolean => type === "aws_lb" || type === "aws_alb";

/** `${aws_security_group.<id>.id}` is looked for as `aws_security_group.<id>`, since `["id"]` says the same. */
const mentions = (text: string, expression: string): boolean => {
  const address = expression.slice("${".length, -".id}".length);
  return text.split(address).some((_, index, parts) => index > 0 && !/^[\w-]/.test(parts[index]!));
};
