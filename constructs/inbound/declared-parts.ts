import type { TerraformResource, TerraformStack } from "cdktf";
import { BrokerFirewall } from "../broker-firewall";
import type { Zone } from "../../policy/conduits";
import { DmzNetwork } from "../dmz-network";
import type { Declared, SubnetKind, ZoneGroup } from "./clause";

/** Groups, subnets and route tables of a stack's `BrokerFirewall`s and `DmzNetwork`s, by the expressions for them. */
export function declaredParts(stack: TerraformStack): Declared {
  const constructs = stack.node.findAll();
  const networks = constructs.filter((node) => node instanceof DmzNetwork);
  const subnets = networks.flatMap((network) => [
    ...network.publicSubnets.map((subnet) => ({ subnet, kind: "public" as const, table: network.publicRouteTable })),
    ...network.brokerSubnets.map((subnet) => ({ subnet, kind: "broker" as const, table: network.brokerRouteTable })),
  ]);
  return {
    groups: new Map(
      constructs
        .filter((node) => node instanceof BrokerFirewall)
        .flatMap((firewall) =>
          Object.entries(firewall.groups).map(([zone, group]): [string, ZoneGroup] => [
            expression(group),
            { zone: zone as Zone, firewall },
          ]),
        ),
    ),
    subnets: new Map(subnets.map(({ subnet, kind }): [string, SubnetKind] => [expression(subnet), kind])),
    routeTableOf: new Map(subnets.map(({ subnet, table }) => [expression(subnet), expression(table)])),
    publicRouteTables: new Set(networks.map((network) => expression(network.publicRouteTable))),
  };
}

const expression = (resource: TerraformResource): string =>
  `\${${resource.terraformResourceType}.${resource.friendlyUniqueId}.id}`;
