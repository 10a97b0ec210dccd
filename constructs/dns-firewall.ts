import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Route53ResolverFirewallConfig } from "@cdktf/provider-aws/lib/route53-resolver-firewall-config";
import { Route53ResolverFirewallDomainList } from "@cdktf/provider-aws/lib/route53-resolver-firewall-domain-list";
import { Route53ResolverFirewallRule } from "@cdktf/provider-aws/lib/route53-resolver-firewall-rule";
import { Route53ResolverFirewallRuleGroup } from "@cdktf/provider-aws/lib/route53-resolver-firewall-rule-group";
import { Route53ResolverFirewallRuleGroupAssociation } from "@cdktf/provider-aws/lib/route53-resolver-firewall-rule-group-association";
import { Route53ResolverQueryLogConfig } from "@cdktf/provider-aws/lib/route53-resolver-query-log-config";
import { Route53ResolverQueryLogConfigAssociation } from "@cdktf/provider-aws/lib/route53-resolver-query-log-config-association";
import { Construct } from "constructs";
import { logGroupName } from "../policy/deployment";
import type { Site } from "../policy/site";
import { allowedNames } from "./allowed-names";
import type { DmzNetwork } from "./dmz-network";
import { LOG_RETENTION_DAYS } from "./log-retention";

export interface DnsFirewallProps {
  readonly site: Site;
  readonly network: DmzNetwork;
  /** Key that encrypts the query log; its policy must admit CloudWatch Logs. @default AWS's own key */
  readonly logKey?: KmsKey;
}

/**
 * Closes the classic way out of an isolated subnet: data hidden in DNS queries, which neither security groups nor ACLs
 * see, since the VPC's resolver passes them on.
 *
 * - Creates a rule group with two rules, the names of `allowed-names.ts` and then "everything else does not exist"; fails
 *   closed, that is, a resolver that cannot ask the firewall answers nothing; and a log of every query.
 * - Opens nothing.
 * - Costs about $0.60 per million queries, $0.0005 a month per name, and the log's $0.50 a GB: cents, because the broker
 *   asks for a handful of names.
 *
 * @example
 * new DnsFirewall(this, "dns-firewall", { site, network });
 */
export class DnsFirewall extends Construct {
  readonly ruleGroup: Route53ResolverFirewallRuleGroup;
  readonly queryLog: CloudwatchLogGroup;

  constructor(scope: Construct, id: string, { site, network, logKey }: DnsFirewallProps) {
    super(scope, id);
    this.ruleGroup = new Route53ResolverFirewallRuleGroup(this, "rules", { name: `${site.name}-dns` });
    this.rule("allow", 100, `${site.name}-aws-names`, allowedNames(site), {
      action: "ALLOW",
      // AWS's names lead through CNAMEs of AWS's choosing: the question is checked, the chain trusted.
      firewallDomainRedirectionAction: "TRUST_REDIRECTION_DOMAIN",
    });
    this.rule("block", 200, `${site.name}-everything`, ["*."], { action: "BLOCK", blockResponse: "NXDOMAIN" });

    const closed = new Route53ResolverFirewallConfig(this, "fail-closed", {
      resourceId: network.vpc.id,
      firewallFailOpen: "DISABLED",
    });
    new Route53ResolverFirewallRuleGroupAssociation(this, "association", {
      name: `${site.name}-dns`,
      vpcId: network.vpc.id,
      firewallRuleGroupId: this.ruleGroup.id,
      priority: 101,
      mutationProtection: site.lifetime === "permanent" ? "ENABLED" : "DISABLED",
      dependsOn: [closed],
    });

    this.queryLog = new CloudwatchLogGroup(this, "query-log-group", {
      name: logGroupName.dns(site.name),
      retentionInDays: LOG_RETENTION_DAYS,
      kmsKeyId: logKey?.arn,
    });
    const log = new Route53ResolverQueryLogConfig(this, "query-log", {
      name: `${site.name}-dns`,
      destinationArn: this.queryLog.arn,
    });
    new Route53ResolverQueryLogConfigAssociation(this, "query-log-association", {
      resolverQueryLogConfigId: log.id,
      resourceId: network.vpc.id,
    });
  }

  private rule(
    id: string,
    priority: number,
    name: string,
    domains: string[],
    verdict: { action: string; blockResponse?: string; firewallDomainRedirectionAction?: string },
  ): void {
    const list = new Route53ResolverFirewallDomainList(this, `${id}-names`, { name, domains });
    new Route53ResolverFirewallRule(this, `${id}-rule`, {
      name,
      priority,
      firewallRuleGroupId: this.ruleGroup.id,
      firewallDomainListId: list.id,
      ...verdict,
    });
  }
}
