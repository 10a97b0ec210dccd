import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { describe, expect, test } from "@jest/globals";
import { allowedNames } from "../../constructs/allowed-names";
import { DmzNetwork } from "../../constructs/dmz-network";
import { DnsFirewall } from "../../constructs/dns-firewall";
import type { Lifetime } from "../../policy/site";
import { testSite } from "../site";
import { synth } from "../synth";

const build = (lifetime: Lifetime = "ephemeral") =>
  synth((stack) => {
    const site = testSite({ lifetime });
    const network = new DmzNetwork(stack, "network", { site });
    new DnsFirewall(stack, "dns", { site, network, logKey: new KmsKey(stack, "key") });
  });
const built = build();

describe("DnsFirewall", () => {
  test("first allows the names that the broker needs, trusting where AWS's own names lead", () => {
    expect(built.at("dns/allow-rule")).toMatchObject({
      action: "ALLOW",
      firewall_domain_list_id: built.ref("dns/allow-names"),
      firewall_rule_group_id: built.ref("dns/rules"),
      firewall_domain_redirection_action: "TRUST_REDIRECTION_DOMAIN",
    });
    expect(built.at("dns/allow-names").domains).toEqual(allowedNames(testSite()));
  });

  test("then lets every other name not exist", () => {
    expect(built.at("dns/block-rule")).toMatchObject({
      action: "BLOCK",
      block_response: "NXDOMAIN",
      firewall_domain_list_id: built.ref("dns/block-names"),
      firewall_rule_group_id: built.ref("dns/rules"),
    });
    expect(built.at("dns/block-names").domains).toEqual(["*."]);
    expect(built.at("dns/allow-rule").priority).toBeLessThan(built.at("dns/block-rule").priority as number);
    expect(built.all("aws_route53_resolver_firewall_rule")).toHaveLength(2);
  });

  test("stands before the VPC and answers nothing when it cannot decide", () => {
    expect(built.at("dns/association")).toMatchObject({
      vpc_id: built.ref("network/vpc"),
      firewall_rule_group_id: built.ref("dns/rules"),
    });
    expect(built.at("dns/fail-closed")).toMatchObject({
      resource_id: built.ref("network/vpc"),
      firewall_fail_open: "DISABLED",
    });
  });

  test("is taken away from a permanent site only by somebody who says so first", () => {
    expect(build("permanent").at("dns/association").mutation_protection).toBe("ENABLED");
    expect(built.at("dns/association").mutation_protection).toBe("DISABLED");
  });

  test("logs every query for ninety days, encrypted with the key that is handed over", () => {
    expect(built.at("dns/query-log-group")).toMatchObject({
      name: "/aws/vendedlogs/mqtt-dmz/plant/dns",
      retention_in_days: 90,
      kms_key_id: built.ref("key", "arn"),
    });
    expect(built.at("dns/query-log").destination_arn).toBe(built.ref("dns/query-log-group", "arn"));
    expect(built.at("dns/query-log-association")).toMatchObject({
      resolver_query_log_config_id: built.ref("dns/query-log"),
      resource_id: built.ref("network/vpc"),
    });
  });
});

describe("allowedNames", () => {
  test("are the services behind the endpoints, the image's places and the store", () => {
    expect(allowedNames(testSite())).toEqual([
      "api.ecr.eu-central-1.amazonaws.com.",
      "123456789012.dkr.ecr.eu-central-1.amazonaws.com.",
      "prod-eu-central-1-starport-layer-bucket.s3.eu-central-1.amazonaws.com.",
      "secretsmanager.eu-central-1.amazonaws.com.",
      "logs.eu-central-1.amazonaws.com.",
      "dynamodb.eu-central-1.amazonaws.com.",
      "123456789012.ddb.eu-central-1.amazonaws.com.",
      "*.efs.eu-central-1.amazonaws.com.",
    ]);
  });

  test("have the layer bucket's global name in us-east-1", () => {
    const region = "us-east-1";
    const image = `123456789012.dkr.ecr.${region}.amazonaws.com/broker@sha256:${"ab".repeat(32)}`;
    expect(allowedNames(testSite({ aws: { region }, broker: { image, size: "small" } }))).toContain(
      "prod-us-east-1-starport-layer-bucket.s3.amazonaws.com.",
    );
  });

  test("all lie in zones that AWS alone serves, and none but the store's is a pattern", () => {
    for (const name of allowedNames(testSite())) expect(name).toMatch(/^[^*]+\.amazonaws\.com\.$|^\*\.efs\./);
  });
});
