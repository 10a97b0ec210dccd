import type { Facts, Reference, Resource } from "../facts/facts";
import type { Step } from "../verdict";
import { ALL_LISTS, ALL_V4, ALL_V6 } from "./addresses";
import { Attributes } from "./attributes";
import { IntervalSet } from "../interval-set";
import type { Route, RouteTable, TargetKind } from "./network";
import type { Addresses, PrefixLists } from "./prefix-lists";

interface Draft {
  readonly address: string;
  readonly vpc: string | undefined;
  readonly routes: Route[];
}

const INLINE = { cidrs: ["cidr_block", "ipv6_cidr_block"], list: "destination_prefix_list_id" };
const SEPARATE = {
  cidrs: ["destination_cidr_block", "destination_ipv6_cidr_block"],
  list: "destination_prefix_list_id",
};

/** Attributes of a VPC that name the table it came with. */
const OF_VPC: readonly string[] = ["default_route_table_id", "main_route_table_id"];

const TARGETS: Readonly<Record<string, TargetKind>> = {
  nat_gateway_id: "nat-gateway",
  egress_only_gateway_id: "egress-only-gateway",
  vpc_peering_connection_id: "peering",
  transit_gateway_id: "transit-gateway",
  network_interface_id: "interface",
};
const GATEWAYS: Readonly<Record<string, TargetKind>> = {
  aws_internet_gateway: "internet-gateway",
  aws_vpn_gateway: "vpn-gateway",
  aws_egress_only_internet_gateway: "egress-only-gateway",
};
/** What is known to lead somewhere that is not modelled. */
const BEYOND = ["carrier_gateway_id", "core_network_arn", "local_gateway_id", "vpc_endpoint_id"];

/** Route tables, and which one each subnet has: its own, or its VPC's main one. */
export class RouteTables {
  readonly #drafts = new Map<string, Draft>();
  readonly #ofSubnet = new Map<string, string>();
  /** Adopted by `aws_default_route_table`: the main one unless another is made so. */
  readonly #first = new Map<string, string>();
  readonly #main = new Map<string, string>();

  constructor(
    private readonly facts: Facts,
    private readonly lists: PrefixLists,
    doubts: Step[],
  ) {
    const managed = facts.resources.filter(({ mode }) => mode === "managed");
    const each = (types: readonly string[], read: (attributes: Attributes, resource: Resource) => void) => {
      for (const resource of managed)
        if (types.includes(resource.type)) read(Attributes.of(resource, doubts), resource);
    };
    each(["aws_route_table", "aws_default_route_table"], (attributes, { address, type }) => {
      const own =
        type === "aws_route_table" ? attributes.reference("vpc_id") : attributes.reference("default_route_table_id");
      this.#drafts.set(address, { address, vpc: own?.address, routes: [] });
      if (type !== "aws_default_route_table" || !own) return;
      if (!OF_VPC.includes(own.attribute))
        attributes.doubt("default_route_table_id", `is ${own.address}, not the default one of a VPC`);
      only(this.#first, own.address, address, attributes, "default_route_table_id");
    });
    each(["aws_vpc"], (_, { address }) => {
      if (this.#first.has(address)) return;
      const untouched = `${address} (its main route table)`;
      this.#first.set(address, untouched);
      this.#drafts.set(untouched, { address: untouched, vpc: address, routes: [] });
    });
    each(["aws_main_route_table_association"], (attributes) => {
      const [vpc, table] = [attributes.reference("vpc_id"), this.tableOf(attributes, "route_table_id")];
      if (vpc && table) only(this.#main, vpc.address, table.address, attributes, "route_table_id");
    });
    each(["aws_route_table_association"], (attributes) => {
      if (attributes.isSet("gateway_id")) attributes.doubt("gateway_id", "routes at a gateway's edge are not modelled");
      const [subnet, table] = [attributes.reference("subnet_id"), this.tableOf(attributes, "route_table_id")];
      if (subnet && table) only(this.#ofSubnet, subnet.address, table.address, attributes, "route_table_id");
    });
    each(["aws_route_table", "aws_default_route_table"], (attributes, { address }) => {
      const { routes } = this.#drafts.get(address)!;
      for (const block of attributes.blocks("route")) routes.push(...this.routes(block, INLINE));
      for (const gateway of attributes.references("propagating_vgws"))
        routes.push(...this.learned(attributes, gateway));
    });
    each(["aws_route"], (attributes) => {
      this.tableOf(attributes, "route_table_id")?.routes.push(...this.routes(attributes, SEPARATE));
    });
    each(["aws_vpn_gateway_route_propagation"], (attributes) => {
      const gateway = attributes.reference("vpn_gateway_id");
      const table = this.tableOf(attributes, "route_table_id");
      if (gateway) table?.routes.push(...this.learned(attributes, gateway));
    });
    each(["aws_vpc_endpoint"], (attributes, { address }) => {
      if ((attributes.text("vpc_endpoint_type") ?? "Gateway") !== "Gateway") return;
      for (const table of attributes.references("route_table_ids")) this.throughEndpoint(attributes, address, table);
    });
    each(["aws_vpc_endpoint_route_table_association"], (attributes) => {
      const [endpoint, table] = [attributes.reference("vpc_endpoint_id"), attributes.reference("route_table_id")];
      if (endpoint && table) this.throughEndpoint(attributes, endpoint.address, table);
    });
  }

  of(subnet: string, vpc: string): RouteTable {
    const address = this.#ofSubnet.get(subnet) ?? this.#main.get(vpc) ?? this.#first.get(vpc) ?? "";
    return this.#drafts.get(address) ?? { address: `${vpc} (its main route table)`, routes: [] };
  }

  /** Where the tables of a VPC send what: for links, which no subnet owns. */
  in(vpc: string): readonly RouteTable[] {
    return [...this.#drafts.values()].filter((draft) => draft.vpc === vpc);
  }

  private draftOf({ address, attribute }: Reference): Draft | undefined {
    return this.#drafts.get(OF_VPC.includes(attribute) ? (this.#first.get(address) ?? "") : address);
  }

  private tableOf(attributes: Attributes, name: string): Draft | undefined {
    const reference = attributes.reference(name);
    if (reference?.attribute === "main_route_table_id" && this.#main.has(reference.address))
      attributes.doubt(name, `which table is the main one of ${reference.address} changes when it is applied`);
    const draft = reference && this.draftOf(reference);
    if (reference && !draft) attributes.doubt(name, `${reference.address} is no route table that was read`);
    return draft;
  }

  private routes(route: Attributes, names: { readonly cidrs: readonly string[]; readonly list: string }): Route[] {
    const target = this.target(route);
    if (!target) return [];
    const destinations = [
      ...names.cidrs.flatMap((name) => {
        const text = route.text(name);
        return (text === undefined ? undefined : this.lists.cidr(route, name, text)) ?? [];
      }),
      ...route.list(names.list).flatMap((value) => this.lists.list(route, names.list, value)),
    ];
    return destinations.map((found) => ({
      at: route.at,
      says: `sends ${found.says} to ${target.to}`,
      ...target,
      ...routed(found),
    }));
  }

  private target(route: Attributes): { readonly target: TargetKind; readonly to: string } | undefined {
    for (const [name, target] of Object.entries(TARGETS)) {
      if (!route.isSet(name)) continue;
      const to = route.reference(name, target === "transit-gateway");
      return to && { target, to: to.address };
    }
    if (route.raw("gateway_id") === "local") return { target: "local", to: "the VPC itself" };
    if (route.isSet("gateway_id")) {
      const gateway = route.reference("gateway_id");
      if (!gateway) return undefined;
      const target = GATEWAYS[this.facts.byAddress.get(gateway.address)?.type ?? ""];
      return target
        ? { target, to: gateway.address }
        : route.doubt("gateway_id", `${gateway.address} is no gateway that is modelled`);
    }
    for (const name of BEYOND) if (route.isSet(name)) return route.doubt(name, "what it leads to is not modelled");
    return route.doubt("gateway_id", "and every other target that is modelled is not set: where it leads is not known");
  }

  /** What a VPN gateway learns: static routes, or over BGP, which only the other side knows. */
  private learned(attributes: Attributes, gateway: Reference): Route[] {
    const managed = this.facts.resources.filter(({ mode }) => mode === "managed");
    const of = (type: string) => managed.filter((resource) => resource.type === type);
    const connections = of("aws_vpn_connection").filter((connection) =>
      refers(connection, "vpn_gateway_id", gateway.address),
    );
    if (connections.length === 0 || connections.some((connection) => connection.values.static_routes_only !== true))
      attributes.doubt("propagating_vgws", `which routes ${gateway.address} learns over BGP only the other side knows`);
    return of("aws_vpn_connection_route")
      .filter((route) => connections.some(({ address }) => refers(route, "vpn_connection_id", address)))
      .flatMap((route) => {
        const cidr = route.values.destination_cidr_block;
        const found = typeof cidr === "string" ? this.lists.cidr(attributes, "propagating_vgws", cidr) : undefined;
        if (!found) return attributes.doubt("propagating_vgws", `${route.address} cannot be read`) ?? [];
        const says = `sends ${found.says} to ${gateway.address} (by ${route.address})`;
        return [{ at: attributes.at, says, target: "vpn-gateway" as const, to: gateway.address, ...routed(found) }];
      });
  }

  private throughEndpoint(attributes: Attributes, endpoint: string, reference: Reference): void {
    const draft = this.draftOf(reference);
    if (!draft) return attributes.doubt("route_table_ids", `${reference.address} is no route table that was read`);
    const found = this.lists.service(this.facts.byAddress.get(endpoint)?.values.service_name, endpoint);
    draft.routes.push({
      at: endpoint,
      says: `takes ${found.says} from ${draft.address}`,
      target: "gateway-endpoint",
      to: endpoint,
      ...routed(found),
    });
  }
}

const routed = ({ may, must, length }: Addresses): Pick<Route, "may" | "must" | "length"> => ({ may, must, length });

/** What is so once in AWS; which of two stays is up to the order in which they are applied. */
function only(map: Map<string, string>, of: string, is: string, attributes: Attributes, name: string): void {
  const before = map.get(of);
  if (before !== undefined && before !== is) attributes.doubt(name, `${of} has another route table: ${before}`);
  map.set(of, is);
}

const refers = (resource: Resource, name: string, address: string): boolean => {
  const value = resource.values[name];
  return typeof value === "object" && value !== null && "address" in value && value.address === address;
};

/** Splits destinations by where a table sends them. An address that only AWS knows may go several ways. */
export function routesOf(
  table: RouteTable,
  local: { readonly may: IntervalSet; readonly must: IntervalSet },
): { readonly route: Route; readonly destinations: IntervalSet }[] {
  const own: Route = {
    at: table.address,
    says: "keeps the VPC's own addresses in the VPC",
    target: "local",
    to: "the VPC itself",
    // Longer than whatever else has its length: nothing overrides the VPC's own range but what is inside of it.
    length: -1,
    ...local,
  };
  const found: { route: Route; destinations: IntervalSet }[] = [];
  let remaining = ALL_V4.union(ALL_V6).union(ALL_LISTS);
  // Inside of the VPC only the VPC's own way counts; a longer route to an appliance there changes no reach.
  found.push({ route: own, destinations: remaining.intersect(local.may) });
  remaining = remaining.subtract(local.must);
  const lengths = [...new Set(table.routes.map(({ length }) => length))].sort((one, other) => other - one);
  for (const length of lengths) {
    const same = table.routes.filter((route) => route.length === length);
    for (const route of same) {
      const destinations = remaining.intersect(route.may);
      if (!destinations.isEmpty) found.push({ route, destinations });
    }
    for (const route of same) remaining = remaining.subtract(route.must);
  }
  return found;
}
