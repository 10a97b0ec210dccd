import type { Facts } from "../facts/facts";
import type { Step } from "../verdict";
import { readAttachments } from "./attachments";
import { Attributes } from "./attributes";
import type { NetworkNode, Subnet } from "./network";
import { placeBalancer, placeClassicBalancer } from "./place-balancers";
import { placeFunction, placeInstance, placeInterface, placeTasks } from "./place-hosts";
import { place, type Placed, type Placing } from "./placing";
import { Balancers } from "./read-balancers";
import type { Groups } from "./read-groups";

const READERS: Readonly<Record<string, (attributes: Attributes, placed: Placed) => Placing | undefined>> = {
  aws_alb: placeBalancer,
  aws_ec2_client_vpn_network_association: placeDialIn,
  aws_ecs_service: placeTasks,
  aws_efs_mount_target: placeMountTarget,
  aws_elb: placeClassicBalancer,
  aws_instance: placeInstance,
  aws_lambda_function: placeFunction,
  aws_lb: placeBalancer,
  aws_network_interface: placeInterface,
  aws_vpc_endpoint: placeEndpoint,
};

/** Every network interface of the resources that have some. */
export function readNodes(
  facts: Facts,
  groups: Groups,
  subnets: ReadonlyMap<string, Subnet>,
  doubts: Step[],
): NetworkNode[] {
  const attachments = readAttachments(facts, doubts);
  const balancers = new Balancers(facts, attachments.interfaces, doubts);
  const placed: Placed = { facts, groups, subnets, balancers, attachments, doubts };
  return facts.resources.flatMap((resource) => {
    if (resource.mode !== "managed" || !Object.hasOwn(READERS, resource.type)) return [];
    const placing = READERS[resource.type]!(Attributes.of(resource, doubts), placed);
    return placing ? place(placing, placed) : [];
  });
}

function placeMountTarget(attributes: Attributes): Placing {
  return {
    attributes,
    zone: "store",
    subnets: attributes.references("subnet_id"),
    subnetName: "subnet_id",
    groups: attributes.references("security_groups"),
    groupName: "security_groups",
    own: { initiates: "nothing" },
  };
}

function placeEndpoint(attributes: Attributes, { attachments }: Placed): Placing | undefined {
  const kind = attributes.text("vpc_endpoint_type") ?? "Gateway";
  if (kind === "Gateway") return undefined;
  const service = attributes.text("service_name");
  // Behind a service of one's own or of somebody else stands a network that is not looked at.
  if (service !== undefined && !/^(?:com\.amazonaws|aws\.api)\.(?!vpce\.)/.test(service))
    attributes.doubt("service_name", `'${service}' is no service of AWS: where it leads to is not modelled`);
  if (kind !== "Interface") attributes.doubt("vpc_endpoint_type", `'${kind}' is not modelled`);
  const joined = attachments.subnets.get(attributes.at) ?? [];
  return {
    attributes,
    zone: "endpoints",
    subnets: [...attributes.references("subnet_ids"), ...joined],
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
function placeDialIn(attributes: Attributes, { facts, doubts }: Placed): Placing | undefined {
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
