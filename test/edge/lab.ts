import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CleanUp } from "../e2e/clean-up";
import { findTool } from "../e2e/find-tool";
import { addNamespace, inNamespace, ip } from "../e2e/namespaces";
import { type CommandOutput, runCommand } from "../e2e/run-command";
import { start, type Spawned } from "./spawned";
import { BROKER_HOST } from "./test-site";

/** The lab's addresses: documentation ranges (RFC 5737, RFC 3849), linked to nothing outside. */
export const ADDRESS = {
  gateway: "198.51.100.1",
  broker: "198.51.100.10",
  /** Where the broker's name moves to. */
  moved: "198.51.100.11",
  /** Somebody on the same link. */
  neighbour: "198.51.100.66",
  gateway6: "2001:db8:1::1",
  broker6: "2001:db8:1::10",
  neighbour6: "2001:db8:1::66",
} as const;

/** The device's link: the address that DHCP gives it follows from this. */
export const DEVICE_MAC = "52:54:00:ed:9e:01";
export const DEVICE_ADDRESS = "198.51.100.101";
/** What router advertisements make of the device's link address (RFC 4291 appendix A). */
export const DEVICE_ADDRESS6 = "2001:db8:1:0:5054:ff:feed:9e01";

/**
 * A plant's network of namespaces: a switch with DHCP, DNS, router advertisements and time, a broker's host, a neighbour
 * that attacks, and the device's own.
 */
export class Lab {
  readonly cleanUp = new CleanUp();
  #dns: Spawned | undefined;

  private constructor(
    private readonly prefix: string,
    readonly folder: string,
  ) {}

  static async create(): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), "dmz-edge-"));
    const lab = new Lab(`dmze${process.pid}`, folder);
    lab.cleanUp.add(folder, () => rm(folder, { recursive: true, force: true }));
    try {
      await lab.#build();
    } catch (error) {
      await lab.cleanUp.run();
      throw error;
    }
    return lab;
  }

  /** Full name of a namespace: `wan`, `broker`, `scan` or `dev`. */
  namespace(name: "wan" | "broker" | "scan" | "dev"): string {
    return `${this.prefix}-${name}`;
  }

  /** Runs a program in a namespace to its end. */
  async run(name: Parameters<Lab["namespace"]>[0], command: string, args: readonly string[]): Promise<CommandOutput> {
    const path = command.startsWith("/") ? command : findTool(command, command);
    const [program, all] = inNamespace(this.namespace(name), path, ...args);
    return runCommand(program, all, { mayFail: true });
  }

  start(
    name: Parameters<Lab["namespace"]>[0],
    command: string,
    args: readonly string[],
    env?: NodeJS.ProcessEnv,
  ): Spawned {
    return start(this.cleanUp, this.namespace(name), command, args, env);
  }

  /** Lets the broker's name mean these addresses from now on. */
  async resolveBroker(...addresses: readonly string[]): Promise<void> {
    await this.#dns?.stop();
    const config = join(this.folder, "dnsmasq.conf");
    await writeFile(
      config,
      [
        "interface=br0",
        "bind-dynamic",
        "no-resolv",
        "no-hosts",
        "user=root",
        "pid-file=",
        ...addresses.map((address) => `address=/${BROKER_HOST}/${address}`),
        "local-ttl=1",
        "dhcp-range=198.51.100.100,198.51.100.150,2m",
        "dhcp-range=2001:db8:1::,ra-stateless,64",
        "enable-ra",
        `dhcp-host=${DEVICE_MAC},${DEVICE_ADDRESS}`,
        `dhcp-option=3,${ADDRESS.gateway}`,
        `dhcp-option=6,${ADDRESS.gateway}`,
        `dhcp-option=42,${ADDRESS.gateway}`,
        `dhcp-leasefile=${join(this.folder, "leases")}`,
        "",
      ].join("\n"),
    );
    const dnsmasq = findTool("dnsmasq", "apt-get install dnsmasq-base");
    this.#dns = this.start("wan", dnsmasq, ["--keep-in-foreground", `--conf-file=${config}`, "--log-facility=-"]);
    await this.#dns.line((line) => line.includes("started"), "dnsmasq");
  }

  async close(): Promise<void> {
    const left = await this.cleanUp.run();
    if (left.length > 0) throw new Error(`not cleaned up:\n${left.join("\n")}`);
  }

  async #build(): Promise<void> {
    for (const name of ["wan", "broker", "scan", "dev"] as const)
      await addNamespace(this.namespace(name), this.cleanUp);
    const wan = this.namespace("wan");
    await ip("-n", wan, "link", "add", "br0", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0");
    await ip("-n", wan, "link", "set", "br0", "up");
    await ip("-n", wan, "address", "add", `${ADDRESS.gateway}/24`, "dev", "br0");
    await ip("-n", wan, "address", "add", `${ADDRESS.gateway6}/64`, "dev", "br0", "nodad");
    for (const name of ["broker", "scan", "dev"] as const) {
      const peer = ["type", "veth", "peer", "name", "eth0", "netns", this.namespace(name)];
      await ip("-n", wan, "link", "add", `to-${name}`, ...peer);
      await ip("-n", wan, "link", "set", `to-${name}`, "master", "br0", "up");
    }
    for (const [name, v4, v6] of [
      ["broker", ADDRESS.broker, ADDRESS.broker6],
      ["scan", ADDRESS.neighbour, ADDRESS.neighbour6],
    ] as const) {
      const namespace = this.namespace(name);
      await ip("-n", namespace, "link", "set", "eth0", "up");
      await ip("-n", namespace, "address", "add", `${v4}/24`, "dev", "eth0");
      await ip("-n", namespace, "address", "add", `${v6}/64`, "dev", "eth0", "nodad");
      await ip("-n", namespace, "route", "add", "default", "via", ADDRESS.gateway);
    }
    await ip("-n", this.namespace("broker"), "address", "add", `${ADDRESS.moved}/24`, "dev", "eth0");
    // As it is before the device's own system sets it up.
    await ip("-n", this.namespace("dev"), "link", "set", "eth0", "address", DEVICE_MAC);
    const time = this.start("wan", "/usr/bin/python3", [join(__dirname, "time-server.py")]);
    await time.line((line) => line === "ready", "the time server");
    await this.resolveBroker(ADDRESS.broker, ADDRESS.broker6);
  }
}
