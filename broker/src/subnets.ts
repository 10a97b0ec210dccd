import { BlockList } from "node:net";

/** @returns whether an address is in one of these IPv4 CIDRs. An IPv4 address mapped into IPv6 counts as IPv4. */
export function subnets(cidrs: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network, prefix] = cidr.split("/");
    list.addSubnet(network!, Number(prefix), "ipv4");
  }
  return (address) => {
    const plain = address?.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
    return plain !== undefined && !plain.includes(":") && list.check(plain, "ipv4");
  };
}
