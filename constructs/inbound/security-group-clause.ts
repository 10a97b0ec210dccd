import ipaddr from "ipaddr.js";
import { PORTS } from "../../policy/deployment";
import { CONDUITS } from "../../policy/conduits";
import { admissions, type Admission } from "./admission";
import { fault, type Clause, type ZoneGroups } from "./clause";
import { everyAttribute, isOff, isTcp, literalNumber } from "./literal";
import type { SynthesizedResource } from "./synthesized-resource";

const PUBLIC_PORTS: readonly number[] = Object.values(PORTS);

/**
 * What a security group lets in: from address ranges and prefix lists tcp 8883 and 443 on the load balancer's group alone;
 * from other groups the declared conduits alone. Sees inline rules and both kinds of separate ones.
 */
export const securityGroupClause: Clause = (resource, { groups }) => {
  const { path, attributes } = resource;
  return admissions(resource).flatMap((admission) => {
    if (typeof admission === "string") return [admission];
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
  const fix = `take the rule away, or write tcp and a single port of ${of}`;
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
