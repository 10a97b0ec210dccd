import type { AwsRequest } from "../aws-request";
import type { Answer, StandIn } from "./stand-in";

/** Actions whose answers carry a public address. */
const ACTIONS = new Set([
  "AllocateAddress",
  "DescribeAddresses",
  "DescribeAddressesAttribute",
  "DescribeNetworkInterfaces",
]);

/**
 * Elastic IPs that can be routed: the emulator hands out loopback addresses, which no network namespace can have for
 * another. They become addresses of TEST-NET-3 (RFC 5737) on the way out.
 */
export function elasticIps(forward: (request: AwsRequest) => Promise<Answer>): StandIn {
  const shown = new Map<string, string>();
  const show = (address: string): string => {
    if (!shown.has(address)) shown.set(address, `203.0.113.${shown.size + 1}`);
    return shown.get(address)!;
  };
  return {
    name: "EC2 Elastic IP addresses",
    why: "the emulator hands out addresses of the loopback network, which cannot be routed",
    answer: async (request) => {
      if (request.service !== "ec2" || !ACTIONS.has(request.action)) return undefined;
      const answer = await forward(request);
      return { ...answer, body: answer.body.replace(/\b127(?:\.\d{1,3}){3}\b/g, show) };
    },
    remaining: () => 0,
  };
}
