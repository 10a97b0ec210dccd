import { describe, expect, test } from "@jest/globals";
import { BrokerFirewall } from "../../constructs/broker-firewall";
import { DmzNetwork } from "../../constructs/dmz-network";
import { LoadBalancer } from "../../constructs/load-balancer";
import type { Lifetime } from "../../policy/site";
import { testSite } from "../site";
import { synth } from "../synth";

const ZONES = ["eu-central-1a", "eu-central-1b"];
const build = (lifetime: Lifetime = "ephemeral") =>
  synth((stack) => {
    const site = testSite({ lifetime });
    const network = new DmzNetwork(stack, "network", { site });
    const firewall = new BrokerFirewall(stack, "firewall", { site, network });
    new LoadBalancer(stack, "door", { site, network, firewall });
  });
const built = build();

describe("LoadBalancer", () => {
  test("is a network load balancer to the internet over IPv4, across zones, behind its own group", () => {
    expect(built.one("aws_lb")).toMatchObject({
      load_balancer_type: "network",
      internal: false,
      ip_address_type: "ipv4",
      enable_cross_zone_load_balancing: true,
      security_groups: [built.ref("firewall/load-balancer")],
    });
  });

  test("stands in each zone's public subnet with an address of its own", () => {
    expect(built.one("aws_lb").subnet_mapping).toEqual(
      ZONES.map((zone) => ({
        subnet_id: built.ref(`network/public-${zone}`),
        allocation_id: built.ref(`door/address-${zone}`),
      })),
    );
    expect(built.all("aws_eip")).toHaveLength(2);
  });

  test("waits for the internet gateway, without which AWS refuses it", () => {
    const gateway = built.ref("network/internet-gateway").slice(2, -".id}".length);
    for (const waiting of [built.one("aws_lb"), ...built.all("aws_eip")]) expect(waiting.depends_on).toEqual([gateway]);
  });

  test("listens on tcp 8883 and 443 alone and passes each on unread", () => {
    const listeners = built.all("aws_lb_listener").map(({ port, protocol, default_action }) => ({
      port,
      protocol,
      to: (default_action as { type: string; target_group_arn: string }[]).map((action) => action.target_group_arn),
    }));
    expect(listeners).toEqual([
      { port: 443, protocol: "TCP", to: [built.ref("door/https-targets", "arn")] },
      { port: 8883, protocol: "TCP", to: [built.ref("door/mqtt-targets", "arn")] },
    ]);
  });

  test.each([
    ["mqtt", 8883],
    ["https", 443],
  ])("tells the %s targets who called, in a PROXY v2 header, and comes from its own subnets", (name, port) => {
    expect(built.at(`door/${name}-targets`)).toMatchObject({
      port,
      protocol: "TCP",
      target_type: "ip",
      proxy_protocol_v2: true,
      preserve_client_ip: "false",
    });
  });

  test.each(["mqtt", "https"])("asks the %s targets for their readiness over HTTPS on 443", (name) => {
    expect(built.at(`door/${name}-targets`).health_check).toMatchObject({
      protocol: "HTTPS",
      port: "443",
      path: "/readyz",
      matcher: "200",
    });
  });

  test.each(["mqtt", "https"])(
    "hands the %s targets over quickly and lets the broker end its own connections",
    (name) => {
      expect(built.at(`door/${name}-targets`)).toMatchObject({
        deregistration_delay: "10",
        connection_termination: false,
      });
    },
  );

  test("survives mistakes when the site is permanent, and leaves nothing when it is not", () => {
    const permanent = build("permanent");
    expect(permanent.one("aws_lb").enable_deletion_protection).toBe(true);
    for (const address of permanent.all("aws_eip")) expect(address.lifecycle).toEqual({ prevent_destroy: true });
    expect(built.one("aws_lb").enable_deletion_protection).toBe(false);
    for (const address of built.all("aws_eip")) expect(address.lifecycle).toEqual({ prevent_destroy: false });
  });
});
