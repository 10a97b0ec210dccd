import ipaddr from "ipaddr.js";
import { PORTS } from "../../policy/deployment";
import { CONDUITS } from "../conduits";
import { fault, type Clause, type ZoneGroups } from "./clause";
import { blocks, everyAttribute, isOff, isTcp, literalNumber } from "./literal";
import type { SynthesizedResource } from "./synthesized-resource";

interface Admission {
  /** Expression of the group that lets in. */
  readonly group: unknown;
  readonly protocol: unknown;
  readonly from: unknown;
  readonly to: unknown;
  /** Address ranges and prefix lists. */
  readonly ranges: readonly (readonly [attribute: string, value: unknown])[];
  /** Expressions of the groups that come in. */
  readonly sources: readonly (readonly [attribute: string, value: unknown])[];
}

const PUBLIC_PORTS: readonly number[] = Object.values(PORTS);

/**
 * What a security group lets in: from address ranges and prefix lists tcp 8883 and 443 on the load balancer's group alone;
 * from other groups the declared conduits alone. Sees inline rules and both kinds of separate ones.
 */
export const securityGroupClause: Clause = (resource, groups) => {
  const { path, attributes } = resource;
  const unread = unreadable(resource);
  if (unread) return [unread];
  return admissions(resource).flatMap((admission) => {
    const { ranges, sources } = admission;
    if (ranges.length + sources.length === 0 && !namesIpv6(attributes))
      return [fault(path, "source", "must be named", null, "name a group, or an IPv4 range on the load balancer")];
    return [
      ...ranges.flatMap(([attribute, value]) => rangeFaults(path, admission, attribute, value, groups)),
      ...sources.flatMap(([attribute, value]) => conduitFaults(path, admission, attribute, value, groups)),
    ];
  });
};

function rangeFaults(path: string, to: Admission, attribute: string, value: unknown, groups: ZoneGroups): string[] {
  const faults: string[] = [];
  if (groups.get(String(to.group))?.zone !== "load-balancer")
    faults.push(
      fault(
        path,
        attribute,
        "must stand on the load balancer's group alone",
        value,
        `the group is ${String(to.group)}; name a declared group as source, or take the rule away`,
      ),
    );
  if (attribute.startsWith("cidr") && !ipaddr.IPv4.isValidCIDRFourPartDecimal(String(value)))
    faults.push(fault(path, attribute, "must be a literal IPv4 range", value, "write the range down, as '0.0.0.0/0'"));
  return [...faults, ...portFaults(path, to, PUBLIC_PORTS, "the two ports of promise P1")];
}

function conduitFaults(path: string, to: Admission, attribute: string, value: unknown, groups: ZoneGroups): string[] {
  const inside = groups.get(String(to.group));
  const source = groups.get(String(value));
  const conduit =
    inside &&
    source?.firewall === inside.firewall &&
    CONDUITS.find((declared) => declared.from === source.zone && declared.to === inside.zone);
  if (conduit) return portFaults(path, to, conduit.ports, `the conduit from ${conduit.from} to ${conduit.to}`);
  return [
    fault(
      path,
      attribute,
      "must be the source of a declared conduit",
      value,
      `nothing is declared from there to ${inside?.zone ?? String(to.group)}; ` +
        "take the rule away, or declare the conduit in constructs/conduits.ts and say why",
    ),
  ];
}

function portFaults(path: string, { protocol, from, to }: Admission, ports: readonly number[], of: string): string[] {
  const fix = `write tcp and a single port of ${of}`;
  const port = literalNumber(from);
  return [
    ...(isTcp(protocol) ? [] : [fault(path, "protocol", "must be tcp", protocol, fix)]),
    ...(port !== undefined && port === literalNumber(to) && ports.includes(port)
      ? []
      : [fault(path, "from_port to to_port", `must be ${ports.join(" or ")}`, `${show(from)}-${show(to)}`, fix)]),
  ];
}

const show = (port: unknown): string => String(port ?? "all");
/** An IPv6 source is named, and refused by its own clause. */
const namesIpv6 = (attributes: SynthesizedResource["attributes"]): boolean =>
  [...everyAttribute(attributes)].some(([key, value]) => /ipv6/.test(key) && !isOff(value));

/** A rule that only Terraform can unfold is not looked through but refused. */
function unreadable({ type, path, attributes }: SynthesizedResource): string | undefined {
  if (!(type in READERS)) return undefined;
  const rule = "must be written out";
  const fix = "write each rule as a resource of its own";
  if (attributes.dynamic !== undefined) return fault(path, "dynamic", rule, attributes.dynamic, fix);
  const { ingress } = attributes;
  return blocks(ingress).some((block) => typeof block !== "object")
    ? fault(path, "ingress", rule, ingress, fix)
    : undefined;
}

type Attributes = SynthesizedResource["attributes"];
type Reader = (resource: SynthesizedResource) => Admission[];

const each = (attributes: Attributes, ...names: string[]) =>
  names.flatMap((name) => blocks(attributes[name]).map((value) => [name, value] as const));

const inline: Reader = ({ type, id, attributes }) =>
  blocks(attributes.ingress).map((block) => {
    const rule = block as Attributes;
    const group = `\${${type}.${id}.id}`;
    return {
      group,
      protocol: rule.protocol,
      from: rule.from_port,
      to: rule.to_port,
      ranges: each(rule, "cidr_blocks", "prefix_list_ids"),
      sources: [...each(rule, "security_groups"), ...self(rule, group)],
    };
  });

/** `self` is a conduit of a zone to itself; anything but false counts. */
const self = (rule: Attributes, group: unknown) =>
  [undefined, null, false, "false"].includes(rule.self as undefined) ? [] : [["self", group] as const];

const READERS: Readonly<Record<string, Reader>> = {
  aws_security_group: inline,
  aws_default_security_group: inline,
  aws_security_group_rule: ({ attributes }) =>
    attributes.type === "egress"
      ? []
      : [
          {
            group: attributes.security_group_id,
            protocol: attributes.protocol,
            from: attributes.from_port,
            to: attributes.to_port,
            ranges: each(attributes, "cidr_blocks", "prefix_list_ids"),
            sources: [
              ...each(attributes, "source_security_group_id"),
              ...self(attributes, attributes.security_group_id),
            ],
          },
        ],
  aws_vpc_security_group_ingress_rule: ({ attributes }) => [
    {
      group: attributes.security_group_id,
      protocol: attributes.ip_protocol,
      from: attributes.from_port,
      to: attributes.to_port,
      ranges: each(attributes, "cidr_ipv4", "prefix_list_id"),
      sources: each(attributes, "referenced_security_group_id"),
    },
  ],
};

const admissions: Reader = (resource) => READERS[resource.type]?.(resource) ?? [];
