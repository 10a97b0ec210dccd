import { describe, expect, test } from "@jest/globals";
import { DmzNetwork } from "../../constructs/dmz-network";
import { testSite } from "../site";
import { synth } from "../synth";

const VPC = "10.80.0.0/20";
const ANYWHERE = "0.0.0.0/0";
const built = synth((stack) => void new DmzNetwork(stack, "network", { site: testSite() }));

interface Rule {
  readonly action: string;
  readonly protocol: string;
  readonly cidr_block: string;
  readonly from_port: number;
  readonly to_port: number;
}
const rules = (acl: string, direction: "ingress" | "egress") =>
  (built.at(`network/acls/${acl}`)[direction] as Rule[]).map(
    (rule) => `${rule.action} ${rule.protocol} ${rule.cidr_block} ${rule.from_port}-${rule.to_port}`,
  );

describe("NetworkAcls", () => {
  test("let the internet reach the two ports of the public subnets, and answers come back", () => {
    expect(rules("public", "ingress")).toEqual([
      `allow tcp ${ANYWHERE} 8883-8883`,
      `allow tcp ${ANYWHERE} 443-443`,
      `allow tcp ${ANYWHERE} 1024-65535`,
    ]);
  });

  test("let the public subnets reach the VPC's two ports alone, and answer anybody", () => {
    expect(rules("public", "egress")).toEqual([
      `allow tcp ${VPC} 8883-8883`,
      `allow tcp ${VPC} 443-443`,
      `allow tcp ${ANYWHERE} 1024-65535`,
    ]);
  });

  test("let the VPC alone reach the brokers' two ports, and S3 and DynamoDB answer from public addresses", () => {
    expect(rules("broker", "ingress")).toEqual([
      `allow tcp ${VPC} 8883-8883`,
      `allow tcp ${VPC} 443-443`,
      `allow tcp ${ANYWHERE} 1024-65535`,
    ]);
  });

  test("let the brokers out to tcp 443, and to the VPC for relay, store and answers", () => {
    expect(rules("broker", "egress")).toEqual([`allow tcp ${ANYWHERE} 443-443`, `allow tcp ${VPC} 1024-65535`]);
  });

  test("stand on every subnet of their kind", () => {
    for (const kind of ["public", "broker"])
      expect(built.at(`network/acls/${kind}`).subnet_ids).toEqual(
        ["eu-central-1a", "eu-central-1b"].map((zone) => built.ref(`network/${kind}-${zone}`)),
      );
  });

  test("leave the VPC's default one without a rule", () => {
    const acl = built.one("aws_default_network_acl");
    expect(acl.default_network_acl_id).toBe(built.ref("network/vpc", "default_network_acl_id"));
    expect(acl).not.toHaveProperty("ingress");
    expect(acl).not.toHaveProperty("egress");
  });
});
