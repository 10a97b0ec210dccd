import { Attributes } from "./attributes";
import type { Counterexample, Property, Step } from "../verdict";
import { judge, type NetworkInput } from "./network-input";
import { countText } from "../report/number-text";

/** Whose names may be asked for: their servers are AWS's, so that a question tells nobody else anything. */
const AWS_NAMES = /(^|\.)(amazonaws\.com|api\.aws|amazonaws\.com\.cn|aws\.dev)\.?$/i;

interface Rule {
  readonly at: string;
  readonly priority: number;
  readonly action: string;
  readonly domains: readonly string[];
  readonly list: string;
}

/** DNS is the way out that neither groups nor ACLs see: the resolver passes questions on. */
export const resolverAnswersKnownNames: Property<NetworkInput> = {
  id: "resolver-answers-known-names",
  what: "In the broker's network the resolver answers for names of AWS alone.",
  why: "Data hidden in names that are asked for leaves a network that has no other way out.",
  promises: ["P1", "P5"],
  controls: ["PR.DS-5", "DE.CM-1", "M0930", "IEC 62443-3-3 SR 5.2"],
  check: ({ facts, network }) => {
    const doubts: Step[] = [];
    const read = (type: string) =>
      facts.resources
        .filter((one) => one.mode === "managed" && one.type === `aws_route53_resolver_firewall_${type}`)
        .map((one) => Attributes.of(one, doubts));
    const vpcs = [...new Set(network.nodes.filter(({ zone }) => zone === "tasks").map(({ subnet }) => subnet.vpc))];
    const domains = new Map(read("domain_list").map((list) => [list.at, list.texts("domains")] as const));
    const rules = read("rule").map((rule) => {
      const list = rule.reference("firewall_domain_list_id")?.address ?? "";
      if (!domains.has(list)) rule.doubt("firewall_domain_list_id", "is no list of names that was read");
      return {
        at: rule.at,
        group: rule.reference("firewall_rule_group_id")?.address,
        priority: rule.number("priority") ?? 0,
        // A rule for one type of question lets the other types by.
        action:
          rule.isSet("q_type") && rule.text("action") === "BLOCK"
            ? "PARTLY"
            : (rule.text("action") ?? "").toUpperCase(),
        domains: domains.get(list) ?? [],
        list,
      };
    });
    const associations = read("rule_group_association").map((association) => ({
      vpc: association.reference("vpc_id")?.address,
      group: association.reference("firewall_rule_group_id")?.address,
      priority: association.number("priority") ?? 0,
    }));
    const configurations = read("config");
    const violations = vpcs.flatMap((vpc): Counterexample[] => {
      const asked = (path: readonly Step[]): Counterexample => ({
        source: `tasks in ${vpc}`,
        target: "any name server, by DNS",
        path,
      });
      if (facts.byAddress.get(vpc)?.values.enable_dns_support === false) return [];
      const open = configurations.find(
        (one) => one.reference("resource_id")?.address === vpc && one.text("firewall_fail_open") !== "DISABLED",
      );
      if (open)
        return [asked([{ at: open.at, says: "lets every question through when the firewall does not answer" }])];
      const own = associations
        .filter((association) => association.vpc === vpc)
        .sort((one, other) => one.priority - other.priority)
        .flatMap(({ group }) =>
          rules.filter((rule) => rule.group === group).sort((one, other) => one.priority - other.priority),
        );
      return passes(own, vpc).map((step) => asked([step]));
    });
    const says = `in ${countText(vpcs.length, "network")} every other question is refused`;
    return judge(network, { violations, doubts }, { checked: vpcs.length, says });
  },
};

/** What lets a question for somebody else's name through. Rules are asked in order; the first that fits decides. */
function passes(rules: readonly Rule[], vpc: string): Step[] {
  for (const { at, action, domains, list } of rules) {
    const all = domains.some((domain) => domain === "*" || domain === "*.");
    if (action === "BLOCK") {
      if (all) return [];
      continue;
    }
    if (action === "PARTLY") continue;
    const foreign = domains.find((domain) => !AWS_NAMES.test(domain.replace(/^\*\./, "")));
    if (foreign !== undefined) return [{ at, says: `lets questions for '${foreign}' (${list}) through` }];
  }
  return [
    { at: vpc, says: "has no firewall rule that blocks every other name: its resolver passes questions on to anybody" },
  ];
}
