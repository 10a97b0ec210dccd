import type { Facts, Resource } from "../facts/facts";
import type { Step } from "../verdict";
import { ALL_V4, ALL_V6, range } from "./addresses";
import { Attributes } from "./attributes";
import { HeaderSet } from "./header-set";
import { IntervalSet } from "../interval-set";
import type { Listener, Passing } from "./network";
import { protocolSet, TCP, UDP } from "./protocols";

interface TargetGroup {
  readonly at: string;
  readonly protocol: IntervalSet;
  readonly port: number | undefined;
  readonly healthPort: number | undefined;
  readonly keepsClient: (balancer: string) => boolean;
  /** Of its family. */
  readonly addresses: IntervalSet;
  readonly targets: (Pick<Passing, "target"> & {
    /** If it is named by it. */
    readonly address?: IntervalSet | undefined;
    readonly port: number | undefined;
  })[];
}

const port = (number: number): IntervalSet => IntervalSet.ofNumbers([number, number]);
/** Undefined: the text is no address, but an id. */
const addressOf = (text: string): IntervalSet | undefined =>
  range(`${text}/${text.includes(":") ? 128 : 32}`)?.addresses;
const BOTH = protocolSet(TCP).union(protocolSet(UDP));
const PROTOCOLS: Readonly<Record<string, IntervalSet>> = {
  TCP: protocolSet(TCP),
  TLS: protocolSet(TCP),
  HTTP: protocolSet(TCP),
  HTTPS: protocolSet(TCP),
  SSL: protocolSet(TCP),
  UDP: protocolSet(UDP),
  TCP_UDP: BOTH,
};

/** What listens on load balancers, and where it passes connections on to. */
export class Balancers {
  readonly #groups = new Map<string, TargetGroup>();

  constructor(
    private readonly facts: Facts,
    /** Of machines whose interfaces are resources of their own. */
    private readonly interfaces: ReadonlyMap<string, readonly string[]>,
    private readonly doubts: Step[],
  ) {
    for (const resource of this.of("aws_lb_target_group", "aws_alb_target_group")) this.readGroup(resource);
    for (const resource of this.of("aws_lb_target_group_attachment", "aws_alb_target_group_attachment")) {
      const attachment = Attributes.of(resource, doubts);
      const named = attachment.raw("target_id");
      const address = typeof named === "string" ? addressOf(named) : undefined;
      const target = address ? undefined : attachment.reference("target_id")?.address;
      if (address || target !== undefined)
        this.register(attachment, "target_group_arn", { target, address, port: attachment.port("port") });
    }
    for (const resource of this.of("aws_ecs_service"))
      for (const block of Attributes.of(resource, doubts).blocks("load_balancer"))
        if (block.isSet("target_group_arn"))
          this.register(block, "target_group_arn", { target: resource.address, port: block.port("container_port") });
  }

  /** Listeners of a load balancer, and the ways to its targets. */
  read(
    balancer: string,
    kind: string,
  ): { readonly listeners: readonly Listener[]; readonly passings: readonly Passing[] } {
    const listeners: Listener[] = [];
    const passings: Passing[] = [];
    for (const resource of this.of("aws_lb_listener", "aws_alb_listener")) {
      const listener = Attributes.of(resource, this.doubts);
      if (listener.reference("load_balancer_arn")?.address !== balancer) continue;
      const number = listener.port("port");
      const name = (listener.text("protocol") ?? (kind === "application" ? "HTTP" : "")).toUpperCase();
      const protocol = PROTOCOLS[name];
      if (number === undefined || !protocol) {
        listener.doubt("protocol", `'${name}' on port ${number} is not modelled`);
        continue;
      }
      const says = `listens on ${name} ${number}`;
      listeners.push({ at: listener.at, says, accepts: HeaderSet.of({ protocol, port: port(number) }) });
      const rules = this.of("aws_lb_listener_rule", "aws_alb_listener_rule")
        .map((rule) => Attributes.of(rule, this.doubts))
        .filter((rule) => rule.reference("listener_arn")?.address === listener.at);
      const actions = [...listener.blocks("default_action"), ...rules.flatMap((rule) => rule.blocks("action"))];
      for (const action of actions) passings.push(...this.passings(listener.at, action, kind));
    }
    return { listeners, passings };
  }

  private of(...types: readonly string[]): readonly Resource[] {
    return this.facts.resources.filter(({ type, mode }) => mode === "managed" && types.includes(type));
  }

  private readGroup(resource: Resource): void {
    const group = Attributes.of(resource, this.doubts);
    const type = group.text("target_type") ?? "instance";
    if (type === "lambda") return;
    const name = (group.text("protocol") ?? "").toUpperCase();
    const protocol = PROTOCOLS[name];
    if (!protocol) {
      group.doubt("protocol", `'${name}' is not modelled`);
      return;
    }
    const check = group.blocks("health_check")[0];
    const health = check?.text("port");
    // As AWS has it where nothing is said (NLB User Guide, "Client IP preservation").
    const always = type === "alb" || name === "UDP" || name === "TCP_UDP";
    const keeps = group.flag("preserve_client_ip", type === "instance" || always) || always;
    const family = group.text("ip_address_type") ?? "ipv4";
    this.#groups.set(group.at, {
      at: group.at,
      protocol,
      port: group.port("port"),
      healthPort: health === undefined || health === "traffic-port" ? undefined : check?.port("port"),
      keepsClient: (kind) => kind === "network" && keeps,
      addresses: family === "ipv6" ? ALL_V6 : ALL_V4,
      targets: [],
    });
  }

  private register(from: Attributes, name: string, target: TargetGroup["targets"][number]): void {
    const reference = from.reference(name);
    if (!reference) return;
    const group = this.#groups.get(reference.address);
    if (group)
      for (const one of [target.target, ...(this.interfaces.get(target.target ?? "") ?? [])])
        group.targets.push({ ...target, target: one });
    else if (this.facts.byAddress.get(reference.address)?.values.target_type !== "lambda")
      from.doubt(name, `${reference.address} is no target group that was read`);
  }

  private passings(listener: string, action: Attributes, kind: string): Passing[] {
    const named = [
      ...action.references("target_group_arn"),
      ...action
        .blocks("forward")
        .flatMap((forward) => forward.blocks("target_group").flatMap((group) => group.references("arn"))),
    ];
    return named.flatMap(({ address }) => {
      const group = this.#groups.get(address);
      if (!group) {
        if (this.facts.byAddress.get(address)?.values.target_type !== "lambda")
          action.doubt("target_group_arn", `${address} is no target group that was read`);
        return [];
      }
      const common = { listener, targetGroup: address, keepsClient: group.keepsClient(kind) };
      return group.targets.flatMap((target): Passing[] => {
        const number = target.port ?? group.port;
        const ports = number === undefined ? [] : [{ protocol: group.protocol, port: port(number) }];
        // Health checks are tcp, from the load balancer's own addresses.
        const health = group.healthPort ?? number;
        const checks =
          health === undefined ? [] : [{ protocol: protocolSet(TCP), port: port(health), keepsClient: false }];
        const addresses = target.address?.intersect(group.addresses) ?? group.addresses;
        return [...ports, ...checks].map((way) => ({ ...common, target: target.target, addresses, ...way }));
      });
    });
  }
}
