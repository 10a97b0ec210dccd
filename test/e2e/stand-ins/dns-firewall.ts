import { randomBytes } from "node:crypto";
import { jsonBody } from "../aws-request";
import { jsonAnswer, jsonError, type Answer, type StandIn } from "./stand-in";

type Body = Record<string, unknown>;
interface Stored {
  readonly kind: "FirewallDomainList" | "FirewallRuleGroup" | "FirewallRuleGroupAssociation";
  readonly fields: Body;
  domains: readonly string[];
  readonly rules: Map<string, Body>;
  tags: readonly { Key: string; Value: string }[];
}

const missing = (id: unknown): Answer => jsonError("ResourceNotFoundException", `Cannot find '${String(id)}'`);
/** The service stores names fully qualified, whatever it was given. */
const qualified = (domain: unknown): string => String(domain).replace(/\.?$/, ".");

/**
 * Route 53 Resolver's DNS firewall: domain lists, rule groups, rules, associations with a VPC, the VPC's
 * configuration, and tags (API reference "Amazon Route 53 Resolver", actions named *Firewall*).
 */
export function dnsFirewall(account: string): StandIn {
  const stored = new Map<string, Stored>();
  const configurations = new Map<string, string>();

  const create = (
    kind: Stored["kind"],
    word: string,
    prefix: string,
    region: string,
    input: Body,
    fields: Body,
  ): Stored => {
    const id = `${prefix}-${randomBytes(8).toString("hex")}`;
    const now = new Date().toISOString();
    const thing: Stored = {
      kind,
      domains: [],
      rules: new Map(),
      tags: (input.Tags as Stored["tags"] | undefined) ?? [],
      fields: {
        Id: id,
        Arn: `arn:aws:route53resolver:${region}:${account}:${word}/${id}`,
        CreatorRequestId: input.CreatorRequestId,
        Name: input.Name,
        Status: "COMPLETE",
        StatusMessage: "",
        CreationTime: now,
        ModificationTime: now,
        ...fields,
      },
    };
    stored.set(id, thing);
    return thing;
  };
  const find = (kind: Stored["kind"], id: unknown): Stored | undefined => {
    const thing = stored.get(String(id));
    return thing?.kind === kind ? thing : undefined;
  };
  const view = (thing: Stored): Body => ({
    ...thing.fields,
    ...(thing.kind === "FirewallDomainList" ? { DomainCount: thing.domains.length } : {}),
    ...(thing.kind === "FirewallRuleGroup"
      ? { RuleCount: thing.rules.size, OwnerId: account, ShareStatus: "NOT_SHARED" }
      : {}),
  });
  const byArn = (arn: unknown): Stored | undefined => [...stored.values()].find((thing) => thing.fields.Arn === arn);
  const read = (kind: Stored["kind"], id: unknown): Answer => {
    const thing = find(kind, id);
    return thing ? jsonAnswer({ [kind]: view(thing) }) : missing(id);
  };
  const remove = (kind: Stored["kind"], id: unknown, status: string): Answer => {
    const thing = find(kind, id);
    if (!thing) return missing(id);
    stored.delete(String(id));
    return jsonAnswer({ [kind]: { ...view(thing), Status: status } });
  };
  const inGroup = (input: Body, act: (rules: Map<string, Body>, key: string) => Answer): Answer => {
    const group = find("FirewallRuleGroup", input.FirewallRuleGroupId);
    return group ? act(group.rules, String(input.FirewallDomainListId)) : missing(input.FirewallRuleGroupId);
  };
  const configuration = (vpc: string): Body => ({
    Id: `rslvr-fc-${vpc.slice(4)}`,
    OwnerId: account,
    ResourceId: vpc,
    FirewallFailOpen: configurations.get(vpc) ?? "DISABLED",
  });

  const actions: Record<string, (input: Body, region: string) => Answer> = {
    CreateFirewallDomainList: (input, region) =>
      jsonAnswer({
        FirewallDomainList: view(create("FirewallDomainList", "firewall-domain-list", "rslvr-fdl", region, input, {})),
      }),
    GetFirewallDomainList: (input) => read("FirewallDomainList", input.FirewallDomainListId),
    ListFirewallDomains: (input) => {
      const list = find("FirewallDomainList", input.FirewallDomainListId);
      return list ? jsonAnswer({ Domains: list.domains }) : missing(input.FirewallDomainListId);
    },
    UpdateFirewallDomains: (input) => {
      const list = find("FirewallDomainList", input.FirewallDomainListId);
      if (!list) return missing(input.FirewallDomainListId);
      const given = (input.Domains as unknown[]).map(qualified);
      if (input.Operation === "REPLACE") list.domains = given;
      else if (input.Operation === "ADD") list.domains = [...new Set([...list.domains, ...given])];
      else list.domains = list.domains.filter((domain) => !given.includes(domain));
      return jsonAnswer({ Id: list.fields.Id, Name: list.fields.Name, Status: "COMPLETE", StatusMessage: "" });
    },
    DeleteFirewallDomainList: (input) => remove("FirewallDomainList", input.FirewallDomainListId, "DELETING"),
    CreateFirewallRuleGroup: (input, region) =>
      jsonAnswer({
        FirewallRuleGroup: view(create("FirewallRuleGroup", "firewall-rule-group", "rslvr-frg", region, input, {})),
      }),
    GetFirewallRuleGroup: (input) => read("FirewallRuleGroup", input.FirewallRuleGroupId),
    DeleteFirewallRuleGroup: (input) => {
      const used = [...stored.values()].some((thing) => thing.fields.FirewallRuleGroupId === input.FirewallRuleGroupId);
      if (used)
        return jsonError("ConflictException", `'${String(input.FirewallRuleGroupId)}' is associated with a VPC`);
      return remove("FirewallRuleGroup", input.FirewallRuleGroupId, "DELETING");
    },
    CreateFirewallRule: (input) =>
      inGroup(input, (rules, key) => {
        if (rules.has(key)) return jsonError("ConflictException", `'${key}' has a rule in this group already`);
        rules.set(key, { ...input });
        return jsonAnswer({ FirewallRule: input });
      }),
    UpdateFirewallRule: (input) =>
      inGroup(input, (rules, key) => {
        if (!rules.has(key)) return missing(key);
        rules.set(key, { ...rules.get(key), ...input });
        return jsonAnswer({ FirewallRule: rules.get(key) });
      }),
    DeleteFirewallRule: (input) =>
      inGroup(input, (rules, key) => {
        const rule = rules.get(key);
        return rules.delete(key) ? jsonAnswer({ FirewallRule: rule }) : missing(key);
      }),
    ListFirewallRules: (input) => inGroup(input, (rules) => jsonAnswer({ FirewallRules: [...rules.values()] })),
    AssociateFirewallRuleGroup: (input, region) => {
      const { FirewallRuleGroupId, VpcId, Priority } = input;
      if (!find("FirewallRuleGroup", FirewallRuleGroupId)) return missing(FirewallRuleGroupId);
      const fields = {
        FirewallRuleGroupId,
        VpcId,
        Priority,
        MutationProtection: input.MutationProtection ?? "DISABLED",
      };
      const kind = "FirewallRuleGroupAssociation";
      return jsonAnswer({
        [kind]: view(create(kind, "firewall-rule-group-association", "rslvr-frgassoc", region, input, fields)),
      });
    },
    GetFirewallRuleGroupAssociation: (input) =>
      read("FirewallRuleGroupAssociation", input.FirewallRuleGroupAssociationId),
    UpdateFirewallRuleGroupAssociation: (input) => {
      const found = find("FirewallRuleGroupAssociation", input.FirewallRuleGroupAssociationId);
      if (!found) return missing(input.FirewallRuleGroupAssociationId);
      for (const field of ["MutationProtection", "Priority", "Name"])
        if (input[field] !== undefined) found.fields[field] = input[field];
      return jsonAnswer({ FirewallRuleGroupAssociation: view(found) });
    },
    DisassociateFirewallRuleGroup: (input) => {
      const found = find("FirewallRuleGroupAssociation", input.FirewallRuleGroupAssociationId);
      if (found?.fields.MutationProtection === "ENABLED")
        return jsonError("ValidationException", "mutation protection is on");
      return remove("FirewallRuleGroupAssociation", input.FirewallRuleGroupAssociationId, "DELETING");
    },
    GetFirewallConfig: (input) => jsonAnswer({ FirewallConfig: configuration(String(input.ResourceId)) }),
    ListFirewallConfigs: () => jsonAnswer({ FirewallConfigs: [...configurations.keys()].map(configuration) }),
    UpdateFirewallConfig: (input) => {
      const vpc = String(input.ResourceId);
      configurations.set(vpc, String(input.FirewallFailOpen));
      return jsonAnswer({ FirewallConfig: configuration(vpc) });
    },
  };
  const tagging: Record<string, (thing: Stored, input: Body) => Answer> = {
    ListTagsForResource: (thing) => jsonAnswer({ Tags: thing.tags }),
    TagResource: (thing, input) => {
      const given = input.Tags as Stored["tags"];
      thing.tags = [...thing.tags.filter((tag) => !given.some((other) => other.Key === tag.Key)), ...given];
      return jsonAnswer({});
    },
    UntagResource: (thing, input) => {
      thing.tags = thing.tags.filter((tag) => !(input.TagKeys as string[]).includes(tag.Key));
      return jsonAnswer({});
    },
  };

  return {
    name: "Route 53 Resolver DNS firewall",
    why: "the emulator does not know it (the provider crashes)",
    answer: async (request) => {
      // A VPC's configuration goes with it.
      if (request.service === "ec2" && request.action === "DeleteVpc")
        configurations.delete(new URLSearchParams(request.body.toString()).get("VpcId") ?? "");
      if (request.service !== "route53resolver") return undefined;
      const input = jsonBody(request);
      const tagged = tagging[request.action];
      if (tagged) {
        const thing = byArn(input.ResourceArn);
        return thing && tagged(thing, input);
      }
      return actions[request.action]?.(input, request.region);
    },
    remaining: () => stored.size + configurations.size,
  };
}
