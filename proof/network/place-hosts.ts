import { range } from "./addresses";
import type { Attributes } from "./attributes";
import type { Placing } from "./placing";

/** The interface that a machine starts with. Undefined: it has those that it names, which are nodes of their own. */
export function placeInstance(attributes: Attributes): Placing | undefined {
  if (attributes.isSet("launch_template")) attributes.doubt("launch_template", "what it sets is not modelled");
  if (attributes.isSet("network_interface") && !attributes.isSet("subnet_id")) return undefined;
  if (!attributes.isSet("vpc_security_group_ids") && attributes.isSet("security_groups"))
    attributes.doubt("security_groups", "names groups, not ids: use 'vpc_security_group_ids'");
  const own = attributes.isSet("secondary_private_ips") ? undefined : attributes.text("private_ip");
  const asked = attributes.raw("associate_public_ip_address");
  return {
    attributes,
    zone: "other",
    subnets: attributes.references("subnet_id"),
    subnetName: "subnet_id",
    groups: attributes.references("vpc_security_group_ids"),
    groupName: "vpc_security_group_ids",
    own: {
      v4: own === undefined ? undefined : range(`${own}/32`)?.addresses,
      publicAddress: (subnet) => {
        const set = asked !== undefined && asked !== null && asked !== "";
        if (set)
          return attributes.flag("associate_public_ip_address", true)
            ? { at: attributes.at, says: "asks for a public address" }
            : undefined;
        return subnet.publicByDefault
          ? { at: subnet.address, says: "gives public addresses to what starts in it" }
          : undefined;
      },
      v6: () => ({ at: attributes.at, says: "may have an IPv6 address of its subnet" }),
    },
  };
}

const V6_OF_AN_INTERFACE = [
  "ipv6_addresses",
  "ipv6_address_count",
  "ipv6_address_list",
  "ipv6_prefixes",
  "ipv6_prefix_count",
];

/** An interface that is a resource of its own. */
export function placeInterface(attributes: Attributes): Placing {
  return {
    attributes,
    zone: "other",
    subnets: attributes.references("subnet_id"),
    subnetName: "subnet_id",
    groups: attributes.references("security_groups"),
    groupName: "security_groups",
    own: {
      v6: (subnet) => {
        if (V6_OF_AN_INTERFACE.some((name) => attributes.isSet(name)))
          return { at: attributes.at, says: "has IPv6 addresses" };
        return subnet.v6ByDefault
          ? { at: subnet.address, says: "gives IPv6 addresses to what starts in it" }
          : undefined;
      },
    },
  };
}

/** Interfaces of a service's tasks. Undefined: they use those of the machines that they run on. */
export function placeTasks(attributes: Attributes): Placing | undefined {
  for (const block of attributes.blocks("load_balancer"))
    if (block.isSet("elb_name")) block.doubt("elb_name", "a classic load balancer's way to tasks is not modelled");
  const configuration = attributes.blocks("network_configuration")[0];
  if (!configuration) return undefined;
  if (attributes.isSet("vpc_lattice_configurations"))
    attributes.doubt("vpc_lattice_configurations", "lets others in by a way that is not modelled");
  const isPublic = configuration.flag("assign_public_ip", false);
  return {
    attributes: configuration,
    zone: "tasks",
    subnets: configuration.references("subnets"),
    subnetName: "subnets",
    groups: configuration.references("security_groups"),
    groupName: "security_groups",
    own: {
      publicAddress: () => (isPublic ? { at: attributes.at, says: "asks for public addresses" } : undefined),
      v6: () => ({ at: attributes.at, says: "has tasks that may have IPv6 addresses of their subnet" }),
    },
  };
}

/** Interfaces of a function that stands in a VPC; it takes no connection. */
export function placeFunction(attributes: Attributes): Placing | undefined {
  const configuration = attributes.blocks("vpc_config")[0];
  if (!configuration?.isSet("subnet_ids")) return undefined;
  const dual = configuration.flag("ipv6_allowed_for_dual_stack", false);
  return {
    attributes: configuration,
    zone: "other",
    subnets: configuration.references("subnet_ids"),
    subnetName: "subnet_ids",
    groups: configuration.references("security_group_ids"),
    groupName: "security_group_ids",
    own: {
      accepts: [],
      v6: () => (dual ? { at: attributes.at, says: "may use IPv6 addresses of its subnets" } : undefined),
    },
  };
}
