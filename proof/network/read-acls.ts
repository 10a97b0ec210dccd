import type { Facts, Reference } from "../facts/facts";
import type { Step } from "../verdict";
import { ANYWHERE } from "./addresses";
import { Attributes } from "./attributes";
import { ALL_PORTS, ALL_PROTOCOLS } from "./header-set";
import type { Acl, AclRule } from "./network";
import type { PrefixLists } from "./prefix-lists";
import { readPorts } from "./protocols";

interface Draft {
  readonly address: string;
  readonly ingress: AclRule[];
  readonly egress: AclRule[];
}

const SEPARATE = { protocol: "protocol", from: "from_port", to: "to_port", icmp: ["icmp_type", "icmp_code"] } as const;
const INLINE = { ...SEPARATE, icmpUnset: 0 } as const;
const TYPES = ["aws_network_acl", "aws_default_network_acl"];

/** Network ACLs, and which one each subnet has: its own, or its VPC's default one. */
export class Acls {
  readonly #drafts = new Map<string, Draft>();
  readonly #ofSubnet = new Map<string, string>();
  readonly #ofVpc = new Map<string, string>();

  constructor(
    facts: Facts,
    private readonly lists: PrefixLists,
    doubts: Step[],
  ) {
    const managed = facts.resources.filter(({ mode }) => mode === "managed");
    for (const resource of managed.filter(({ type }) => TYPES.includes(type))) {
      const attributes = Attributes.of(resource, doubts);
      const draft: Draft = { address: resource.address, ingress: [], egress: [] };
      this.#drafts.set(resource.address, draft);
      if (resource.type === "aws_default_network_acl") {
        const vpc = attributes.reference("default_network_acl_id");
        if (vpc?.attribute === "default_network_acl_id") {
          const before = this.#ofVpc.get(vpc.address);
          if (before !== undefined) attributes.doubt("default_network_acl_id", `${before} has adopted it as well`);
          this.#ofVpc.set(vpc.address, resource.address);
        } else if (vpc) attributes.doubt("default_network_acl_id", `is ${vpc.address}, not the default one of a VPC`);
        // Its subnets are those without another; what the list says is only what was so once.
      } else
        for (const subnet of attributes.references("subnet_ids"))
          this.associate(attributes, subnet.address, resource.address);
      for (const side of ["ingress", "egress"] as const)
        for (const block of attributes.blocks(side)) draft[side].push(...this.rule(block, INLINE, "rule_no", "action"));
    }
    for (const resource of managed) {
      const attributes = Attributes.of(resource, doubts);
      if (resource.type === "aws_network_acl_rule") {
        const draft = this.#drafts.get(this.addressOf(attributes.reference("network_acl_id")) ?? "");
        if (draft)
          draft[attributes.flag("egress", false) ? "egress" : "ingress"].push(
            ...this.rule(attributes, SEPARATE, "rule_number", "rule_action"),
          );
        else attributes.doubt("network_acl_id", "is no network ACL that was read");
      }
      if (resource.type === "aws_network_acl_association") {
        const [subnet, acl] = [attributes.reference("subnet_id"), attributes.reference("network_acl_id")];
        if (subnet && acl) this.associate(attributes, subnet.address, this.addressOf(acl) ?? acl.address);
      }
    }
    for (const draft of this.#drafts.values())
      for (const rules of [draft.ingress, draft.egress]) {
        rules.sort((one, other) => one.number - other.number);
        const twin = rules.find((rule, index) => rule.number === rules[index - 1]?.number);
        if (twin)
          doubts.push({ at: twin.at, says: `has two rules with the number ${twin.number}: AWS keeps one of them` });
      }
  }

  of(subnet: string, vpc: string): Acl {
    return this.#drafts.get(this.#ofSubnet.get(subnet) ?? this.#ofVpc.get(vpc) ?? "") ?? untouched(vpc);
  }

  private addressOf(acl: Reference | undefined): string | undefined {
    return acl?.attribute === "default_network_acl_id" ? this.#ofVpc.get(acl.address) : acl?.address;
  }

  private associate(attributes: Attributes, subnet: string, acl: string): void {
    const before = this.#ofSubnet.get(subnet);
    if (before !== undefined && before !== acl)
      attributes.doubt("subnet_ids", `${subnet} has another network ACL: ${before}`);
    if (!this.#drafts.has(acl)) attributes.doubt("network_acl_id", `${acl} is no network ACL that was read`);
    this.#ofSubnet.set(subnet, acl);
  }

  private rule(
    attributes: Attributes,
    names: typeof SEPARATE | typeof INLINE,
    numberName: string,
    actionName: string,
  ): AclRule[] {
    const ports = readPorts(attributes, names);
    const number = attributes.number(numberName);
    const action = attributes.text(actionName)?.toLowerCase();
    if (!ports || number === undefined) return [];
    if (action !== "allow" && action !== "deny") {
      attributes.doubt(actionName, "is neither 'allow' nor 'deny'");
      return [];
    }
    return ["cidr_block", "ipv6_cidr_block"].flatMap((name) => {
      const text = attributes.text(name);
      const found = text === undefined ? undefined : this.lists.cidr(attributes, name, text);
      if (!found) return [];
      const says = `rule ${number} ${action === "allow" ? "allows" : "denies"} ${ports.says} with ${found.says}`;
      const { protocol, port } = ports;
      return [
        {
          at: attributes.at,
          says,
          number,
          allow: action === "allow",
          protocol,
          port,
          may: found.may,
          must: found.must,
        },
      ];
    });
  }
}

/** What AWS puts into a default network ACL. */
function untouched(vpc: string): Acl {
  const address = `${vpc} (its default network ACL)`;
  const rule: AclRule = {
    at: address,
    says: "allows everything",
    number: 100,
    allow: true,
    protocol: ALL_PROTOCOLS,
    port: ALL_PORTS,
    may: ANYWHERE,
    must: ANYWHERE,
  };
  return { address, ingress: [rule], egress: [rule] };
}
