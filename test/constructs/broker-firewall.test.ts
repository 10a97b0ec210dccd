import { describe, expect, test } from "@jest/globals";
import { BrokerFirewall } from "../../constructs/broker-firewall";
import { CONDUITS } from "../../policy/conduits";
import { DmzNetwork } from "../../constructs/dmz-network";
import { testSite } from "../site";
import { synth, type Attributes } from "../synth";

const site = testSite();
const built = synth((stack) => {
  const network = new DmzNetwork(stack, "network", { site });
  const firewall = new BrokerFirewall(stack, "firewall", { site, network });
  firewall.allowGateway("s3", "pl-0123456789abcdef0");
});

const ZONES = ["load-balancer", "tasks", "endpoints", "store"];
const zoneOf = (expression: unknown) => ZONES.find((zone) => built.ref(`firewall/${zone}`) === expression);
const other = (rule: Attributes) =>
  rule.cidr_ipv4 ?? rule.prefix_list_id ?? zoneOf(rule.referenced_security_group_id) ?? "unknown";
const ports = (rule: Attributes) =>
  `${String(rule.ip_protocol)} ${[...new Set([rule.from_port, rule.to_port])].join("-")}`;

describe("BrokerFirewall", () => {
  test("lets in exactly what the architecture needs", () => {
    const inward = built
      .all("aws_vpc_security_group_ingress_rule")
      .map((rule) => `${String(other(rule))} -> ${String(zoneOf(rule.security_group_id))} ${ports(rule)}`);
    expect(inward.sort()).toEqual([
      "0.0.0.0/0 -> load-balancer tcp 443",
      "0.0.0.0/0 -> load-balancer tcp 8883",
      "load-balancer -> tasks tcp 443",
      "load-balancer -> tasks tcp 8883",
      "tasks -> endpoints tcp 443",
      "tasks -> store tcp 2049",
      "tasks -> tasks tcp 443",
      "tasks -> tasks tcp 8883",
    ]);
  });

  test("lets out exactly the other ends of it, and the gateway that it was told", () => {
    const outward = built
      .all("aws_vpc_security_group_egress_rule")
      .map((rule) => `${String(zoneOf(rule.security_group_id))} -> ${String(other(rule))} ${ports(rule)}`);
    expect(outward.sort()).toEqual([
      "load-balancer -> tasks tcp 443",
      "load-balancer -> tasks tcp 8883",
      "tasks -> endpoints tcp 443",
      "tasks -> pl-0123456789abcdef0 tcp 443",
      "tasks -> store tcp 2049",
      "tasks -> tasks tcp 443",
      "tasks -> tasks tcp 8883",
    ]);
  });

  test("keeps the groups themselves free of rules, so that no two places fight over them", () => {
    for (const group of built.all("aws_security_group")) {
      expect(group).not.toHaveProperty("ingress");
      expect(group).not.toHaveProperty("egress");
    }
    expect(built.all("aws_security_group")).toHaveLength(4);
  });

  test("says on every rule what it is for", () => {
    for (const type of ["aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"])
      for (const rule of built.all(type)) expect(String(rule.description)).not.toBe("");
  });
});

describe("the conduits", () => {
  test("lead from the internet to the load balancer alone", () => {
    expect(CONDUITS.filter(({ from }) => from === "internet").map(({ to, ports: open }) => [to, open])).toEqual([
      ["load-balancer", [8883, 443]],
    ]);
  });

  test("never lead out of the store or the endpoints", () => {
    expect(CONDUITS.filter(({ from }) => from === "store" || from === "endpoints")).toEqual([]);
  });
});
