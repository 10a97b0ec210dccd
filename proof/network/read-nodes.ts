import { type Facts, Reference, type Resource } from "../facts/facts";
import type { Step } from "../verdict";
import { range } from "./addresses";
import { Attributes } from "./attributes";
import { HeaderSet } from "./header-set";
import { IntervalSet } from "../interval-set";
import type { Group, NetworkNode, NodeZone, Passing, Subnet } from "./network";
import { protocolSet, TCP } from "./protocols";
import { Balancers } from "./read-balancers";
import type { Groups } from "./read-groups";

export interface Placed {
  readonly facts: Facts;
  readonly groups: Groups;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly doubts: Step[];
}

/** Where an interface stands and what it wears; the rest has a default. */
interface Placing {
  readonly attributes: Attributes;
  readonly zone: NodeZone;
  readonly subnets: readonly Reference[];
  readonly subnetName: string;
  readonly groups: readonly Reference[];
  readonly groupName: string;
  readonly own?: Partial<Pick<NetworkNode, "accepts" | "initiates">> & {
    readonly unfiltered?: boolean;
    readonly v4?: IntervalSet;
    readonly publicAddress?: (subnet: Subnet) => Step | undefined;
    readonly v6?: (subnet: Subnet) => Step | undefined;
    readonly publicV6?: boolean;
  };
}

/** Every network interface of the resources that have some. */
export function readNodes(placed: Placed): NetworkNode[] {
  const { facts, doubts } = placed;
  const balancers = new Balancers(facts, doubts);
  const elastic = elasticAddresses(facts, doubts);
  const extra = extraGroups(facts, doubts);
  const joined = new Map<string, Reference[]>();
  for (const { endpoint, subnet } of endpointSubnets(facts, doubts))
    joined.set(endpoint, [...(joined.get(endpoint) ?? []), subnet]);

  const readers: Readonly<Record<string, (attributes: Attributes) => Placing | undefined>> = {
    aws_instance: (attributes) => instance(attributes, elastic),
    aws_network_interface: (attributes) => ({
      attributes,
      zone: "other",
      subnets: attributes.references("subnet_id"),
      subnetName: "subnet_id",
      groups: attributes.references("security_groups"),
      groupName: "security_groups",
      own: {
        publicAddress: () => elastic.get(attributes.at),
        v6: () =>
          attributes.isSet("ipv6_addresses") ||
          attributes.isSet("ipv6_address_count") ||
          attributes.isSet("ipv6_address_list")
            ? { at: attributes.at, says: "has IPv6 addresses" }
            : undefined,
      },
    }),
    aws_ecs_service: (attributes) => tasks(attributes),
    aws_lb: (attributes) => loadBalancer(attributes, balancers),
    aws_alb: (attributes) => loadBalancer(attributes, balancers),
    aws_elb: (attributes) => classicBalancer(attributes, facts, doubts),
    aws_efs_mount_target: (attributes) => ({
      attributes,
      zone: "store",
      subnets: attributes.references("subnet_id"),
      subnetName: "subnet_id",
      groups: attributes.references("security_groups"),
      groupName: "security_groups",
      own: { initiates: "nothing" },
    }),
    aws_vpc_endpoint: (attributes) => endpoint(attributes, joined),
    aws_lambda_function: (attributes) => {
      const configuration = attributes.blocks("vpc_config")[0];
      if (!configuration?.isSet("subnet_ids")) return undefined;
      return {
        attributes: configuration,
        zone: "other",
        subnets: configuration.references("subnet_ids"),
        subnetName: "subnet_ids",
        groups: configuration.references("security_group_ids"),
        groupName: "security_group_ids",
        own: { accepts: [] },
      };
    },
    aws_ec2_client_vpn_network_association: (attributes) => clientVpn(attributes, facts, doubts),
  };
  return facts.resources.flatMap((resource) => {
    if (resource.mode !== "managed") return [];
    const placing = Object.hasOwn(readers, resource.type)
      ? readers[resource.type]!(Attributes.of(resource, doubts))
      : undefined;
    return placing ? nodes(placing, extra.get(resource.address) ?? [], placed) : [];
  });
}

function nodes(placing: Placing, extra: readonly Reference[], { groups, subnets }: Placed): NetworkNode[] {
  const { attributes, own = {}, zone } = placing;
  if (placing.subnets.length === 0 && !attributes.isSet(placing.subnetName))
    attributes.doubt(placing.subnetName, "is not said: it stands in a network that was not read");
  return placing.subnets.flatMap((reference) => {
    const subnet = subnets.get(reference.address);
    if (!subnet) {
      attributes.doubt(placing.subnetName, `${reference.address} is no subnet that is managed here`);
      return [];
    }
    const worn = [...placing.groups, ...extra].flatMap(
      (group) => groups.of(attributes, placing.groupName, group) ?? [],
    );
    const fallback = groups.defaultOf(subnet.vpc);
    const needsDefault = !own.unfiltered && !attributes.isSet(placing.groupName);
    const all: readonly Group[] = needsDefault && fallback ? [fallback, ...worn] : worn;
    const v6 = subnet.v6.isEmpty ? undefined : own.v6?.(subnet);
    return [
      {
        at: attributes.at,
        zone,
        subnet,
        groups: own.unfiltered ? ("unfiltered" as const) : all,
        v4: own.v4 ?? subnet.v4,
        v6: v6 ? subnet.v6 : IntervalSet.EMPTY,
        publicAddress: own.publicAddress?.(subnet),
        publicV6: own.publicV6 === false ? undefined : v6,
        accepts: own.accepts ?? "anything",
        initiates: own.initiates ?? "anything",
      },
    ];
  });
}

function instance(attributes: Attributes, elastic: ReadonlyMap<string, Step>): Placing | undefined {
  if (attributes.isSet("launch_template")) attributes.doubt("launch_template", "what it sets is not modelled");
  // It has the interfaces that it names, which are nodes of their own.
  if (attributes.isSet("network_interface") && !attributes.isSet("subnet_id")) return undefined;
  if (!attributes.isSet("vpc_security_group_ids") && attributes.isSet("security_groups"))
    attributes.doubt("security_groups", "names groups, not ids: use 'vpc_security_group_ids'");
  const own = attributes.text("private_ip");
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
        const bound = elastic.get(attributes.at);
        if (bound) return bound;
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

function tasks(attributes: Attributes): Placing | undefined {
  const configuration = attributes.blocks("network_configuration")[0];
  // Without one, its tasks use the interfaces of the instances that they run on.
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

function loadBalancer(attributes: Attributes, balancers: Balancers): Placing {
  const kind = attributes.text("load_balancer_type") ?? "application";
  if (kind !== "application" && kind !== "network") attributes.doubt("load_balancer_type", `'${kind}' is not modelled`);
  const isPublic = !attributes.flag("internal", false);
  const { listeners, passings } = balancers.read(attributes.at, kind);
  const mapped = attributes.blocks("subnet_mapping").flatMap((mapping) => mapping.references("subnet_id"));
  const dual = (attributes.text("ip_address_type") ?? "ipv4") !== "ipv4";
  return {
    attributes,
    zone: "load-balancer",
    subnets: mapped.length > 0 ? mapped : attributes.references("subnets"),
    subnetName: mapped.length > 0 ? "subnet_mapping" : "subnets",
    groups: attributes.references("security_groups"),
    groupName: "security_groups",
    own: {
      unfiltered: kind === "network" && !attributes.isSet("security_groups"),
      accepts: listeners,
      initiates: passings,
      publicAddress: () => (isPublic ? { at: attributes.at, says: "faces the internet" } : undefined),
      v6: () => (dual ? { at: attributes.at, says: "has IPv6 addresses" } : undefined),
      publicV6: isPublic,
    },
  };
}

function classicBalancer(attributes: Attributes, facts: Facts, doubts: Step[]): Placing {
  const tcp = protocolSet(TCP);
  const at = (number: number) => IntervalSet.ofNumbers([number, number]);
  const attached = facts.resources
    .filter(({ type, mode }) => mode === "managed" && type === "aws_elb_attachment")
    .map((resource) => Attributes.of(resource, doubts))
    .filter((attachment) => attachment.reference("elb")?.address === attributes.at)
    .flatMap((attachment) => attachment.references("instance"));
  const instances = [...attributes.references("instances"), ...attached];
  const checked = /:(\d+)/.exec(attributes.blocks("health_check")[0]?.text("target") ?? "")?.[1];
  const listeners = attributes.blocks("listener").flatMap((listener) => {
    const [outer, inner] = [listener.number("lb_port"), listener.number("instance_port")];
    return outer === undefined || inner === undefined ? [] : [{ outer, inner }];
  });
  const ports = [...listeners.map(({ inner }) => inner), ...(checked === undefined ? [] : [Number(checked)])];
  const isPublic = !attributes.flag("internal", false);
  return {
    attributes,
    zone: "load-balancer",
    subnets: attributes.references("subnets"),
    subnetName: "subnets",
    groups: attributes.references("security_groups"),
    groupName: "security_groups",
    own: {
      accepts: listeners.map(({ outer }) => ({
        at: attributes.at,
        says: `listens on tcp ${outer}`,
        accepts: HeaderSet.of({ protocol: tcp, port: at(outer) }),
      })),
      initiates: instances.flatMap(({ address }) =>
        ports.map((number): Passing => ({
          listener: attributes.at,
          targetGroup: attributes.at,
          target: address,
          protocol: tcp,
          port: at(number),
          keepsClient: false,
        })),
      ),
      publicAddress: () => (isPublic ? { at: attributes.at, says: "faces the internet" } : undefined),
    },
  };
}

function endpoint(attributes: Attributes, joined: ReadonlyMap<string, readonly Reference[]>): Placing | undefined {
  const kind = attributes.text("vpc_endpoint_type") ?? "Gateway";
  if (kind === "Gateway") return undefined;
  const service = attributes.text("service_name");
  // Behind a service of one's own or of somebody else stands a network that is not looked at.
  if (service !== undefined && !/^(?:com\.amazonaws|aws\.api)\.(?!vpce\.)/.test(service))
    attributes.doubt("service_name", `'${service}' is no service of AWS: where it leads to is not modelled`);
  if (kind !== "Interface") attributes.doubt("vpc_endpoint_type", `'${kind}' is not modelled`);
  const associated = joined.get(attributes.at) ?? [];
  return {
    attributes,
    zone: "endpoints",
    subnets: [...attributes.references("subnet_ids"), ...associated],
    subnetName: "subnet_ids",
    groups: attributes.references("security_group_ids"),
    groupName: "security_group_ids",
    own: {
      initiates: "nothing",
      v6: () =>
        (attributes.text("ip_address_type") ?? "ipv4") === "ipv4"
          ? undefined
          : { at: attributes.at, says: "has IPv6 addresses" },
    },
  };
}

/** People who dial in come out in the associated subnets, as interfaces with the endpoint's groups. */
function clientVpn(attributes: Attributes, facts: Facts, doubts: Step[]): Placing | undefined {
  const address = attributes.reference("client_vpn_endpoint_id")?.address;
  const resource = facts.byAddress.get(address ?? "");
  if (!resource) return attributes.doubt("client_vpn_endpoint_id", "is no endpoint that was read");
  const found = Attributes.of(resource, doubts);
  return {
    attributes,
    zone: "other",
    subnets: attributes.references("subnet_id"),
    subnetName: "subnet_id",
    groups: found.references("security_group_ids"),
    groupName: "security_group_ids",
    own: { accepts: [], unfiltered: false },
  };
}

function elasticAddresses(facts: Facts, doubts: Step[]): ReadonlyMap<string, Step> {
  const bound = new Map<string, Step>();
  const read = (type: string) =>
    facts.resources
      .filter((one) => one.mode === "managed" && one.type === type)
      .map((one) => Attributes.of(one, doubts));
  const bind = (attributes: Attributes, address: string, target: string) =>
    attributes
      .references(target)
      .forEach((to) => bound.set(to.address, { at: address, says: `is the public address of ${to.address}` }));
  for (const address of read("aws_eip"))
    for (const name of ["instance", "network_interface"]) bind(address, address.at, name);
  for (const association of read("aws_eip_association"))
    for (const name of ["instance_id", "network_interface_id"]) bind(association, association.at, name);
  // An address bound to an instance is its first interface's.
  for (const instance of read("aws_instance")) {
    const own = bound.get(instance.at);
    if (own)
      for (const block of instance.blocks("network_interface"))
        for (const { address } of block.references("network_interface_id")) bound.set(address, own);
  }
  return bound;
}

/** Groups put on something by a resource of their own. */
function extraGroups(facts: Facts, doubts: Step[]): ReadonlyMap<string, readonly Reference[]> {
  const extra = new Map<string, Reference[]>();
  const put = (resource: Resource, on: string) => {
    const attributes = Attributes.of(resource, doubts);
    const [target, group] = [attributes.reference(on), attributes.reference("security_group_id")];
    if (target && group) extra.set(target.address, [...(extra.get(target.address) ?? []), group]);
  };
  for (const resource of facts.resources.filter(({ mode }) => mode === "managed")) {
    if (resource.type === "aws_network_interface_sg_attachment") put(resource, "network_interface_id");
    if (resource.type === "aws_vpc_endpoint_security_group_association") put(resource, "vpc_endpoint_id");
  }
  return extra;
}

function endpointSubnets(facts: Facts, doubts: Step[]): { readonly endpoint: string; readonly subnet: Reference }[] {
  return facts.resources
    .filter(({ mode, type }) => mode === "managed" && type === "aws_vpc_endpoint_subnet_association")
    .flatMap((resource) => {
      const attributes = Attributes.of(resource, doubts);
      const [endpoint, subnet] = [attributes.reference("vpc_endpoint_id"), attributes.reference("subnet_id")];
      return endpoint && subnet ? [{ endpoint: endpoint.address, subnet }] : [];
    });
}
