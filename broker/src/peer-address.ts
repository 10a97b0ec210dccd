import { networkInterfaces } from "node:os";
import { BROKER_ENV } from "../../policy/deployment";
import type { BrokerConfig } from "./config";
import { subnets } from "./subnets";

/**
 * The address under which the other tasks reach this one.
 * @throws when the task has no address in the brokers' subnets: a lease under a wrong address would strand every relay.
 */
export function peerAddress({ peerAddress: given, brokerSubnets, listenAddress }: BrokerConfig): string {
  if (given) return given;
  if (brokerSubnets.length === 0) return listenAddress;
  const isOurs = subnets(brokerSubnets);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = own.find(({ family, internal, address }) => family === "IPv4" && !internal && isOurs(address));
  if (!found) {
    throw new Error(
      `${BROKER_ENV.brokerSubnets}: must hold an address of this task, got '${brokerSubnets.join(",")}'; set ${BROKER_ENV.peerAddress} or correct the subnets`,
    );
  }
  return found.address;
}
