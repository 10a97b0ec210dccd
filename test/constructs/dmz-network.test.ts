import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { describe, expect, test } from "@jest/globals";
import { DmzNetwork } from "../../constructs/dmz-network";
import { testSite } from "../site";
import { synth } from "../synth";

const ZONES = ["eu-central-1a", "eu-central-1b"];
const site = testSite();
const built = synth((stack) => void new DmzNetwork(stack, "network", { site }));

describe("DmzNetwork", () => {
  test("is one VPC with the site's range, names for its endpoints and no IPv6", () => {
    expect(built.one("aws_vpc")).toMatchObject({
      cidr_block: "10.80.0.0/20",
      enable_dns_support: true,
      enable_dns_hostnames: true,
    });
    expect(JSON.stringify(built.json)).not.toMatch(/ipv6[^"]*":(?!null)/i);
  });

  test("has a public and a broker subnet in each zone, named by the zone", () => {
    for (const zone of ZONES)
      for (const kind of ["public", "broker"])
        expect(built.at(`network/${kind}-${zone}`)).toMatchObject({ availability_zone: zone });
    expect(built.all("aws_subnet")).toHaveLength(4);
  });

  test("gives no address that the internet can reach to what starts in a subnet", () => {
    for (const subnet of built.all("aws_subnet")) expect(subnet.map_public_ip_on_launch).toBe(false);
  });

  test("leads the public subnets to the internet gateway", () => {
    expect(built.at("network/public-routes").route).toEqual([
      expect.objectContaining({ cidr_block: "0.0.0.0/0", gateway_id: built.ref("network/internet-gateway") }),
    ]);
    for (const zone of ZONES)
      expect(built.at(`network/public-${zone}-routes`)).toMatchObject({
        subnet_id: built.ref(`network/public-${zone}`),
        route_table_id: built.ref("network/public-routes"),
      });
  });

  test("gives the broker subnets a route table of their own, without any route", () => {
    expect(built.at("network/broker-routes").route).toEqual([]);
    for (const zone of ZONES)
      expect(built.at(`network/broker-${zone}-routes`)).toMatchObject({
        subnet_id: built.ref(`network/broker-${zone}`),
        route_table_id: built.ref("network/broker-routes"),
      });
  });

  test("has no NAT and no route beside the two tables", () => {
    expect(built.all("aws_nat_gateway")).toEqual([]);
    expect(built.all("aws_route")).toEqual([]);
    expect(built.all("aws_route_table")).toHaveLength(2);
  });

  test("locks the default security group and route table", () => {
    expect(built.one("aws_default_security_group")).toMatchObject({ ingress: [], egress: [] });
    expect(built.one("aws_default_route_table")).toMatchObject({ route: [] });
  });

  test("moves nothing when a zone is appended", () => {
    const zones = [...ZONES, "eu-central-1c"];
    const grown = synth((stack) => void new DmzNetwork(stack, "network", { site: testSite({ aws: { zones } }) }));
    for (const zone of ZONES)
      for (const kind of ["public", "broker"])
        expect(grown.at(`network/${kind}-${zone}`)).toEqual(built.at(`network/${kind}-${zone}`));
    expect(grown.all("aws_subnet")).toHaveLength(6);
  });

  test("tells others its subnets' ranges in the order of the zones", () => {
    synth((stack) => {
      const network = new DmzNetwork(stack, "network", { site });
      expect(network.publicCidrs).toEqual(["10.80.2.0/28", "10.80.6.0/28"]);
      expect(network.brokerCidrs).toEqual(["10.80.0.0/23", "10.80.4.0/23"]);
      expect(network.brokerSubnets.map((subnet) => subnet.availabilityZoneInput)).toEqual(ZONES);
    });
  });
});

describe("FlowLogs", () => {
  test("record all traffic, for ninety days", () => {
    expect(built.one("aws_flow_log")).toMatchObject({
      traffic_type: "ALL",
      vpc_id: built.ref("network/vpc"),
      log_destination: built.ref("network/flow-logs/log-group", "arn"),
      iam_role_arn: built.ref("network/flow-logs/role", "arn"),
    });
    expect(built.one("aws_cloudwatch_log_group")).toMatchObject({
      name: "/mqtt-dmz/plant/flows",
      retention_in_days: 90,
    });
  });

  test("are encrypted with the key that is handed over", () => {
    const encrypted = synth((stack) => {
      const logKey = new KmsKey(stack, "key");
      new DmzNetwork(stack, "network", { site, logKey });
    });
    expect(encrypted.one("aws_cloudwatch_log_group").kms_key_id).toBe(encrypted.ref("key", "arn"));
  });

  test("are written by the flow-log service alone, for this account alone, to their own group alone", () => {
    const role = JSON.parse(String(built.one("aws_iam_role").assume_role_policy)) as unknown;
    expect(role).toMatchObject({
      Statement: [
        {
          Principal: { Service: "vpc-flow-logs.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
      ],
    });
    const policy = JSON.parse(String(built.one("aws_iam_role_policy").policy)) as {
      Statement: { Action: string | string[]; Resource: string }[];
    };
    const group = "arn:aws:logs:eu-central-1:123456789012:log-group:/mqtt-dmz/plant/flows:*";
    for (const { Action, Resource } of policy.Statement)
      expect(Resource).toBe(Action === "logs:DescribeLogGroups" ? "*" : group);
  });
});
