import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { planSubnets } from "../../constructs/subnet-plan";

const ZONES = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];

/** First and last address of a range as numbers. */
function span(cidr: string): [number, number] {
  const number = (ip: ipaddr.IPv4) => ip.octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return [number(ipaddr.IPv4.networkAddressFromCIDR(cidr)), number(ipaddr.IPv4.broadcastAddressFromCIDR(cidr))];
}

const vpcs = fc
  .record({ prefix: fc.integer({ min: 16, max: 24 }), block: fc.nat({ max: 2 ** 20 }) })
  .map(({ prefix, block }) => {
    const address = 10 * 2 ** 24 + (block % 2 ** (prefix - 8)) * 2 ** (32 - prefix);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".")}/${prefix}`;
  });
const zones = fc.integer({ min: 2, max: 3 }).map((count) => ZONES.slice(0, count));
const allOf = (cidr: string, names: string[]) =>
  planSubnets(cidr, names).flatMap((subnets) => [subnets.publicCidr, subnets.brokerCidr]);

describe("planSubnets", () => {
  test("gives the default range its known layout", () => {
    expect(planSubnets("10.80.0.0/20", ZONES)).toEqual([
      { zone: "eu-central-1a", publicCidr: "10.80.2.0/28", brokerCidr: "10.80.0.0/23" },
      { zone: "eu-central-1b", publicCidr: "10.80.6.0/28", brokerCidr: "10.80.4.0/23" },
      { zone: "eu-central-1c", publicCidr: "10.80.10.0/28", brokerCidr: "10.80.8.0/23" },
    ]);
  });

  test("no two subnets overlap", () => {
    fc.assert(
      fc.property(vpcs, zones, (cidr, names) => {
        const spans = allOf(cidr, names)
          .map(span)
          .sort(([a], [b]) => a - b);
        spans.slice(1).forEach(([first], index) => expect(first).toBeGreaterThan(spans[index]![1]));
      }),
    );
  });

  test("every subnet lies inside the VPC and is a range AWS accepts", () => {
    fc.assert(
      fc.property(vpcs, zones, (cidr, names) => {
        const [first, last] = span(cidr);
        for (const subnet of allOf(cidr, names)) {
          const [low, high] = span(subnet);
          expect(low).toBeGreaterThanOrEqual(first);
          expect(high).toBeLessThanOrEqual(last);
          expect(subnet.split("/")[0]).toBe(ipaddr.IPv4.networkAddressFromCIDR(subnet).toString());
          expect(Number(subnet.split("/")[1])).toBeLessThanOrEqual(28);
        }
      }),
    );
  });

  test("appending a zone moves no other zone", () => {
    fc.assert(
      fc.property(vpcs, (cidr) => {
        expect(planSubnets(cidr, ZONES).slice(0, 2)).toEqual(planSubnets(cidr, ZONES.slice(0, 2)));
      }),
    );
  });

  test.each([
    ["10.0.0.0/8", ZONES, "'cidr' must be an IPv4 range between /16 and /24 without host bits, got '10.0.0.0/8'"],
    ["10.0.0.0/25", ZONES, "got '10.0.0.0/25'"],
    ["10.0.1.0/20", ZONES, "got '10.0.1.0/20'"],
    ["fd00::/20", ZONES, "got 'fd00::/20'"],
    ["10.0.0.0/20", ["a"], "'zones' must be two to 4, got 1: [a]"],
    ["10.0.0.0/20", ["a", "a"], "'zones' must differ from each other, got [a, a]"],
  ])("refuses %s with zones %j", (cidr, names, message) => {
    expect(() => planSubnets(cidr, names)).toThrow(message);
  });
});
