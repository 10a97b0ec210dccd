import { type Facts, Reference } from "../facts/facts";
import type { Step } from "../verdict";
import { Attributes } from "./attributes";
import { ANYWHERE } from "./addresses";
import { ALL_PORTS, ALL_PROTOCOLS } from "./header-set";
import { IntervalSet } from "../interval-set";
import type { Group, GroupRule } from "./network";
import type { PrefixLists } from "./prefix-lists";
import { readPorts } from "./protocols";

interface Draft {
  readonly address: string;
  readonly vpc: string | undefined;
  readonly ingress: GroupRule[];
  readonly egress: GroupRule[];
}

const OLD = { protocol: "protocol", from: "from_port", to: "to_port" };
const NEW = { protocol: "ip_protocol", from: "from_port", to: "to_port" };

const FOREIGN = /^\d{12}\/sg-/;

/** Address of the group that every VPC has, where nothing adopts it. */
const unadopted = (vpc: string): string => `${vpc} (its default security group)`;

/** Security groups with the rules that are inline, separate or of the older kind, the default group of each VPC included. */
export class Groups {
  readonly byAddress: ReadonlyMap<string, Group>;
  /** The default group by VPC. */
  readonly #defaults = new Map<string, string>();

  constructor(
    private readonly facts: Facts,
    private readonly lists: PrefixLists,
    doubts: Step[],
  ) {
    const drafts = new Map<string, Draft>();
    const managed = facts.resources.filter(({ mode }) => mode === "managed");
    for (const resource of managed) {
      if (resource.type !== "aws_security_group" && resource.type !== "aws_default_security_group") continue;
      const attributes = Attributes.of(resource, doubts);
      const vpc = attributes.reference("vpc_id")?.address;
      drafts.set(resource.address, { address: resource.address, vpc, ingress: [], egress: [] });
      if (resource.type === "aws_default_security_group" && vpc !== undefined)
        this.#defaults.set(vpc, resource.address);
    }
    for (const { type, address } of managed) {
      if (type !== "aws_vpc" || this.#defaults.has(address)) continue;
      this.#defaults.set(address, unadopted(address));
      drafts.set(unadopted(address), untouched(address));
    }
    // After all groups are known, since rules name them.
    for (const resource of managed) {
      const attributes = Attributes.of(resource, doubts);
      const draft = drafts.get(resource.address);
      if (draft)
        for (const side of ["ingress", "egress"] as const)
          for (const block of attributes.blocks(side)) draft[side].push(...this.inline(block, resource.address));
      if (resource.type === "aws_security_group_rule") {
        const side = attributes.text("type");
        const group = this.draftOf(attributes, drafts);
        if (side !== "ingress" && side !== "egress") attributes.doubt("type", "is neither 'ingress' nor 'egress'");
        else group?.[side].push(...this.inline(attributes, group.address));
      }
      if (resource.type === "aws_vpc_security_group_ingress_rule")
        this.draftOf(attributes, drafts)?.ingress.push(...this.separate(attributes));
      if (resource.type === "aws_vpc_security_group_egress_rule")
        this.draftOf(attributes, drafts)?.egress.push(...this.separate(attributes));
    }
    this.byAddress = drafts;
  }

  /** The group of a reference. Undefined, with a doubt: none that was read. */
  of(attributes: Attributes, name: string, reference: Reference): Group | undefined {
    const address = this.addressOf(reference);
    const group = address === undefined ? undefined : this.byAddress.get(address);
    if (!group)
      attributes.doubt(name, `'${reference.address}.${reference.attribute}' is no security group that was read`);
    return group;
  }

  defaultOf(vpc: string): Group | undefined {
    return this.byAddress.get(this.#defaults.get(vpc) ?? "");
  }

  /** Not of one that is only looked up: it may be any group, also one of these under another address. */
  private addressOf({ address, attribute }: Reference): string | undefined {
    const resource = this.facts.byAddress.get(address);
    const type = resource?.mode === "managed" ? resource.type : undefined;
    if (type === "aws_vpc" && attribute === "default_security_group_id") return this.#defaults.get(address);
    return attribute === "id" && (type === "aws_security_group" || type === "aws_default_security_group")
      ? address
      : undefined;
  }

  private draftOf(attributes: Attributes, drafts: ReadonlyMap<string, Draft>): Draft | undefined {
    const reference = attributes.reference("security_group_id");
    const address = reference && this.addressOf(reference);
    if (reference && address === undefined) attributes.doubt("security_group_id", "is no security group that was read");
    return address === undefined ? undefined : drafts.get(address);
  }

  private inline(rule: Attributes, own: string): GroupRule[] {
    const ports = readPorts(rule, OLD);
    if (!ports) return [];
    const peers = this.peers(rule, ["cidr_blocks", "ipv6_cidr_blocks"], "prefix_list_ids", [
      "security_groups",
      "source_security_group_id",
    ]);
    if (rule.flag("self", false)) peers.groups.add(own);
    return [{ at: rule.at, protocol: ports.protocol, port: ports.port, ...this.shown(peers, ports.says) }];
  }

  private separate(rule: Attributes): GroupRule[] {
    const ports = readPorts(rule, NEW);
    if (!ports) return [];
    const peers = this.peers(rule, ["cidr_ipv4", "cidr_ipv6"], "prefix_list_id", ["referenced_security_group_id"]);
    return [{ at: rule.at, protocol: ports.protocol, port: ports.port, ...this.shown(peers, ports.says) }];
  }

  private peers(rule: Attributes, cidrs: readonly string[], list: string, groups: readonly string[]) {
    const found = [
      ...cidrs.flatMap((name) => rule.texts(name).flatMap((text) => this.lists.cidr(rule, name, text) ?? [])),
      ...rule.list(list).flatMap((value) => this.lists.list(rule, list, value)),
    ];
    const named = new Set<string>();
    for (const name of groups)
      for (const value of rule.list(name)) {
        // A group of another account stands behind a peering: `123456789012/sg-...`. One of this account may be worn by
        // something in the same VPC that was not read.
        if (typeof value === "string" && FOREIGN.test(value)) named.add(value);
        else if (typeof value === "string") rule.doubt(name, `is '${value}', which is not among what was read`);
        else if (value instanceof Reference) {
          const address = this.addressOf(value);
          if (address === undefined)
            rule.doubt(name, `'${value.address}.${value.attribute}' is no security group that was read`);
          else named.add(address);
        } else rule.doubt(name, "is known only after apply");
      }
    return {
      ranges: IntervalSet.of(...found.flatMap(({ may }) => may.intervals)),
      groups: named,
      says: [...found.map(({ says }) => says), ...named],
    };
  }

  private shown(peers: { ranges: IntervalSet; groups: Set<string>; says: string[] }, ports: string) {
    const whom = peers.says.length > 4 ? `${peers.says.slice(0, 4).join(", ")} and more` : peers.says.join(", ");
    return { ranges: peers.ranges, groups: peers.groups, says: `${ports} with ${whom || "nobody"}` };
  }
}

/** What AWS puts into a default group: everything among its members, and everything out. */
function untouched(vpc: string): Draft {
  const address = unadopted(vpc);
  const all = { at: address, protocol: ALL_PROTOCOLS, port: ALL_PORTS };
  return {
    address,
    vpc,
    ingress: [{ ...all, says: "everything among its members", ranges: IntervalSet.EMPTY, groups: new Set([address]) }],
    egress: [{ ...all, says: "everything with 0.0.0.0/0", ranges: ANYWHERE, groups: new Set() }],
  };
}
