import { PORTS } from "../../policy/deployment";
import { fault, type Clause } from "./clause";
import { blocks, isBlock, isTcp, literalNumber } from "./literal";

const ADMITTED: readonly (readonly [from: number, to: number])[] = [
  ...Object.values(PORTS).map((port) => [port, port] as const),
  // Answers: ACLs keep no state.
  [1024, 65535],
];

/** What a network ACL lets in: tcp 8883, tcp 443, and for answers exactly tcp 1024-65535. Whatever denies is welcome. */
export const networkAclClause: Clause = (resource) => {
  const { type, path, attributes } = resource;
  const inline = type === "aws_network_acl" || type === "aws_default_network_acl";
  if (inline && attributes.dynamic !== undefined)
    return [fault(path, "dynamic", "must be written out", attributes.dynamic, "write each rule down")];
  if (inline) return blocks(attributes.ingress).flatMap((rule) => ruleFaults(path, rule, "action"));
  const inward = ![true, "true"].includes(attributes.egress as boolean);
  return type === "aws_network_acl_rule" && inward ? ruleFaults(path, attributes, "rule_action") : [];
};

function ruleFaults(path: string, rule: unknown, action: "action" | "rule_action"): string[] {
  const fix = `admit tcp ${ADMITTED.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(", ")} or nothing`;
  if (!isBlock(rule)) return [fault(path, "ingress", "must be written out", [rule], fix)];
  if (rule[action] === "deny") return [];
  const [from, to] = [literalNumber(rule.from_port), literalNumber(rule.to_port)];
  return [
    ...(isTcp(rule.protocol) ? [] : [fault(path, "protocol", "must be tcp", rule.protocol, fix)]),
    ...(ADMITTED.some(([low, high]) => low === from && high === to)
      ? []
      : [
          fault(
            path,
            "from_port to to_port",
            "must be a public port or exactly the return range",
            `${String(rule.from_port)}-${String(rule.to_port)}`,
            fix,
          ),
        ]),
  ];
}
