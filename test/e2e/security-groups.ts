import type { AwsApi } from "./aws-api";
import { findTool } from "./find-tool";
import { inNamespace } from "./namespaces";
import { runCommand } from "./run-command";
import { all } from "./xml";

/** A security group's rule as `DescribeSecurityGroupRules` gives it. */
interface Rule {
  readonly group: string;
  readonly egress: boolean;
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  /** A range, a group, or a prefix list. */
  readonly peer: string;
}

interface Member {
  readonly namespace: string;
  readonly groups: readonly string[];
  readonly addresses: readonly string[];
}

/** ECS's credentials and the like are no matter of security groups (VPC User Guide, "Security group basics"). */
const LINK_LOCAL = "169.254.0.0/16";

/**
 * The deployed security groups as firewalls of the namespaces that stand for their members: deny by default in both
 * directions, stateful, groups as the addresses of their members.
 */
export class SecurityGroups {
  readonly #members: Member[] = [];

  private constructor(
    private readonly rules: readonly Rule[],
    /** Where AWS's prefix lists lead here. */
    private readonly prefixLists: string,
  ) {}

  /** Reads every rule back from AWS. @param awsAddress stands for the addresses of AWS's prefix lists. */
  static async read(aws: AwsApi, awsAddress: string): Promise<SecurityGroups> {
    const answer = all(await aws.query("ec2", "DescribeSecurityGroupRules"), "item");
    const rules = answer.map((item): Rule => {
      const text = (name: string): string => all(item, name)[0]?.text.trim() ?? "";
      const referenced = all(item, "referencedGroupInfo")[0];
      const peer = referenced ? all(referenced, "groupId")[0]!.text.trim() : text("cidrIpv4") || text("prefixListId");
      return {
        group: all(
          { ...item, children: item.children.filter(({ name }) => name === "groupId") },
          "groupId",
        )[0]!.text.trim(),
        egress: text("isEgress") === "true",
        protocol: text("ipProtocol"),
        fromPort: Number(text("fromPort")),
        toPort: Number(text("toPort")),
        peer,
      };
    });
    return new SecurityGroups(rules, awsAddress);
  }

  /** Puts a namespace behind its groups, and lets the others' rules know its addresses. */
  async join(member: Member): Promise<void> {
    this.#members.push(member);
    await Promise.all(this.#members.map((each) => this.#apply(each)));
  }

  /** Takes the firewall of a namespace away: the control of what it does. */
  async open(namespace: string): Promise<void> {
    await nft(namespace, "flush ruleset");
  }

  /** Puts it back. */
  async close(namespace: string): Promise<void> {
    await this.#apply(this.#members.find((member) => member.namespace === namespace)!);
  }

  #apply({ namespace, groups }: Member): Promise<void> {
    const clauses = (egress: boolean): string[] =>
      this.rules
        .filter((rule) => rule.egress === egress && groups.includes(rule.group))
        .flatMap((rule) => {
          const peers = this.#addresses(rule.peer);
          if (peers.length === 0) return [];
          const side = egress ? "daddr" : "saddr";
          // "-1" is every protocol.
          const port = rule.protocol === "-1" ? "" : `${rule.protocol} dport ${rule.fromPort}-${rule.toPort} `;
          return [`ip ${side} { ${peers.join(", ")} } ${port}accept`];
        });
    return nft(
      namespace,
      [
        "flush ruleset",
        "table ip groups {",
        "chain input { type filter hook input priority 0; policy drop;",
        "ct state established,related accept",
        "iif lo accept",
        `ip daddr ${LINK_LOCAL} accept`,
        ...clauses(false),
        "}",
        "chain output { type filter hook output priority 0; policy drop;",
        "ct state established,related accept",
        "oif lo accept",
        `ip daddr ${LINK_LOCAL} accept`,
        ...clauses(true),
        "}",
        "}",
      ].join("\n"),
    );
  }

  #addresses(peer: string): readonly string[] {
    if (peer.startsWith("sg-"))
      return this.#members.filter(({ groups }) => groups.includes(peer)).flatMap(({ addresses }) => addresses);
    return [peer.startsWith("pl-") ? this.prefixLists : peer];
  }
}

async function nft(namespace: string, rules: string): Promise<void> {
  const [command, args] = inNamespace(namespace, findTool("nft", "apt-get install nftables"), rules);
  await runCommand(command, args);
}
