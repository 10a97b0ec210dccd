import type { CleanUp } from "./clean-up";
import { addNamespace, inNamespace, ip, setInNamespace } from "./namespaces";
import { runCommand } from "./run-command";
import { findTool } from "./find-tool";

/** A subnet read back from the emulator: `10.80.0.0/24`. */
export interface Subnet {
  readonly id: string;
  readonly cidr: string;
}

/** TEST-NET-2 (RFC 5737) stands for the internet. */
const INTERNET = "198.51.100.0/24";
/** Where ECS serves task credentials. */
const CREDENTIALS_ADDRESS = "169.254.170.2";

/** The nth address of an IPv4 range, from 0. */
export function addressIn(cidr: string, index: number): string {
  const [base] = cidr.split("/");
  const value = base!.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/**
 * The deployed VPC as network namespaces of this machine: a router that has one bridge a subnet, the internet behind a
 * link of its own, and a namespace where AWS answers. Nothing of it touches the machine's own network, so no packet can
 * leave. Like the real one, it routes the internet to the load balancer's Elastic IPs and to nothing else.
 */
export class VirtualNetwork {
  readonly #router: string;
  readonly #bridges = new Map<string, string>();
  #links = 0;

  private constructor(
    private readonly prefix: string,
    private readonly cleanUp: CleanUp,
  ) {
    this.#router = `${prefix}-router`;
  }

  /** @param prefix of the namespaces' names, unique to this run. */
  static async create(prefix: string, subnets: readonly Subnet[], cleanUp: CleanUp): Promise<VirtualNetwork> {
    const network = new VirtualNetwork(prefix, cleanUp);
    await addNamespace(network.#router, cleanUp);
    await setInNamespace(network.#router, {
      "ipv4.ip_forward": "1",
      "ipv4.conf.all.rp_filter": "0",
      "ipv4.conf.default.rp_filter": "0",
    });
    for (const subnet of [...subnets, { id: "internet", cidr: INTERNET }]) {
      const bridge = `br${network.#bridges.size}`;
      await ip("-n", network.#router, "link", "add", bridge, "type", "bridge");
      const length = subnet.cidr.split("/")[1]!;
      await ip("-n", network.#router, "address", "add", `${addressIn(subnet.cidr, 1)}/${length}`, "dev", bridge);
      await ip("-n", network.#router, "link", "set", bridge, "up");
      network.#bridges.set(subnet.id, bridge);
    }
    return network;
  }

  /** Full name of the namespace `name`. */
  namespace(name: string): string {
    return `${this.prefix}-${name}`;
  }

  /** Makes a namespace without an interface. */
  async addHost(name: string): Promise<void> {
    await addNamespace(this.namespace(name), this.cleanUp);
    await setInNamespace(this.namespace(name), { "ipv4.conf.all.rp_filter": "0", "ipv4.conf.default.rp_filter": "0" });
  }

  /** Gives a host an interface in a subnet, with a default route through the subnet's router unless it has one. */
  async attach(host: string, subnet: Subnet, index: number): Promise<string> {
    const namespace = this.namespace(host);
    const [outer, inner] = [`v${this.#links}`, `eth${this.#links}`];
    this.#links += 1;
    const address = addressIn(subnet.cidr, index);
    await ip("-n", this.#router, "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", namespace);
    await ip("-n", this.#router, "link", "set", outer, "master", this.#bridges.get(subnet.id)!, "up");
    await ip("-n", namespace, "address", "add", `${address}/${subnet.cidr.split("/")[1]!}`, "dev", inner);
    await ip("-n", namespace, "link", "set", inner, "up");
    await ip("-n", namespace, "route", "append", "default", "via", addressIn(subnet.cidr, 1), "src", address);
    return address;
  }

  /** A host on the internet. */
  async attachToInternet(host: string, index: number): Promise<string> {
    return this.attach(host, { id: "internet", cidr: INTERNET }, index);
  }

  /** An Elastic IP: the address answers on the host, and the internet finds it there. */
  async addElasticIp(host: string, address: string, via: string): Promise<void> {
    await ip("-n", this.namespace(host), "address", "add", `${address}/32`, "dev", "lo");
    await ip("-n", this.#router, "route", "add", `${address}/32`, "via", via);
  }

  /** The address of ECS's task credentials answers on the host that stands for AWS. */
  async addCredentialsAddress(host: string, via: string): Promise<string> {
    await this.addElasticIp(host, CREDENTIALS_ADDRESS, via);
    return CREDENTIALS_ADDRESS;
  }

  /** From now on the internet reaches these addresses and nothing else, and they alone answer it. */
  async limitInternetTo(addresses: readonly string[]): Promise<void> {
    const list = `{ ${addresses.join(", ")} }`;
    const rules = [
      "table ip dmz {",
      "  chain forward {",
      "    type filter hook forward priority 0; policy accept;",
      `    ip saddr ${INTERNET} ip daddr != ${list} drop`,
      `    ip daddr ${INTERNET} ip saddr != ${list} drop`,
      "  }",
      "}",
    ].join("\n");
    const [command, args] = inNamespace(this.#router, findTool("nft", "apt-get install nftables"), rules);
    await runCommand(command, args);
  }
}
