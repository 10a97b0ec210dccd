import type { Attributes, StackDocument } from "./stack-document";

/** A seeded fault of the network, and what must be said of it. */
export interface Violation {
  readonly title: string;
  readonly mutate: (stack: StackDocument) => void;
  /** The property that must answer VIOLATED. */
  readonly property: string;
  /** Parts of the counterexample that show that it is the right one: its target, and resources on its path. */
  readonly target: string;
  readonly path: readonly string[];
  readonly source?: string;
}

export const WORLD = "0.0.0.0/0";
export const tcp = (from: number, to = from) => ({ from_port: from, to_port: to });

/** A way out through NAT, but for the rule that lets packets leave the tasks. */
export const natRoute = (stack: StackDocument, cidr = WORLD) => {
  letPass(stack);
  return stack.route("out", stack.brokerTable, { destination_cidr_block: cidr, nat_gateway_id: stack.nat() });
};

/** The public subnets' ACL lets out answers alone: without this, no way through them carries https. */
export const letPass = (stack: StackDocument) =>
  stack.acl("acls_public", "egress", { rule_no: 50, from_port: 443, to_port: 443, cidr_block: WORLD });

export const letOut = (stack: StackDocument) =>
  stack.egress("out", stack.tasksGroup, { cidr_ipv4: WORLD, ...tcp(443) });

export const admit = (stack: StackDocument, cidr: string, port: number) =>
  stack.ingress("admit", stack.tasksGroup, { cidr_ipv4: cidr, ...tcp(port) });

/** A second listener on port 8080, with a rule that admits to it. */
export const openSecond = (stack: StackDocument, id: string, peer: Attributes) => {
  stack.listener("second", 8080);
  stack.ingress(id, stack.loadBalancerGroup, { ...peer, ...tcp(8080) });
};

/** A machine in a public subnet whose group has one rule. */
export const jumpHost = (stack: StackDocument, rule: Attributes, rest: Attributes = {}) => {
  stack.instance("jump", { vpc_security_group_ids: [stack.group("jump")], ...rest });
  stack.ingress("jump", "${aws_security_group.jump.id}", rule);
};
