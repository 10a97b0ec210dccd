import { ALL_V4 } from "./addresses";
import { Attributes } from "./attributes";
import { HeaderSet } from "./header-set";
import { IntervalSet } from "../interval-set";
import type { Passing } from "./network";
import type { Placed, Placing } from "./placing";
import { protocolSet, TCP } from "./protocols";

/** Interfaces of an application or network load balancer. */
export function placeBalancer(attributes: Attributes, { balancers }: Placed): Placing {
  const kind = attributes.text("load_balancer_type") ?? "application";
  if (kind !== "application" && kind !== "network") attributes.doubt("load_balancer_type", `'${kind}' is not modelled`);
  const isPublic = !attributes.flag("internal", false);
  const { listeners, passings } = balancers.read(attributes.at, kind);
  const mapped = attributes.blocks("subnet_mapping").flatMap((mapping) => mapping.references("subnet_id"));
  const family = attributes.text("ip_address_type") ?? "ipv4";
  // The third kind: clients come by IPv6 alone, IPv4 is for targets.
  const isPublicV4 = isPublic && family !== "dualstack-without-public-ipv4";
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
      publicAddress: () => (isPublicV4 ? { at: attributes.at, says: "faces the internet" } : undefined),
      v6: () => (family === "ipv4" ? undefined : { at: attributes.at, says: "has IPv6 addresses" }),
      publicV6: isPublic,
    },
  };
}

/** Interfaces of a classic load balancer. */
export function placeClassicBalancer(attributes: Attributes, { facts, attachments, doubts }: Placed): Placing {
  const tcp = protocolSet(TCP);
  const at = (number: number) => IntervalSet.ofNumbers([number, number]);
  const attached = facts.resources
    .filter(({ type, mode }) => mode === "managed" && type === "aws_elb_attachment")
    .map((resource) => Attributes.of(resource, doubts))
    .filter((attachment) => attachment.reference("elb")?.address === attributes.at)
    .flatMap((attachment) => attachment.references("instance"));
  const targets = [...attributes.references("instances"), ...attached].flatMap(({ address }) => [
    address,
    ...(attachments.interfaces.get(address) ?? []),
  ]);
  const checked = /:(\d+)/.exec(attributes.blocks("health_check")[0]?.text("target") ?? "")?.[1];
  const listeners = attributes.blocks("listener").flatMap((listener) => {
    const [outer, inner] = [listener.port("lb_port"), listener.port("instance_port")];
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
      initiates: targets.flatMap((target) =>
        ports.map((number): Passing => ({
          listener: attributes.at,
          targetGroup: attributes.at,
          target,
          addresses: ALL_V4,
          protocol: tcp,
          port: at(number),
          keepsClient: false,
        })),
      ),
      publicAddress: () => (isPublic ? { at: attributes.at, says: "faces the internet" } : undefined),
    },
  };
}
