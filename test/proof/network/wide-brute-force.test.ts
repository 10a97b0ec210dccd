import { isIPv6 } from "node:net";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { range } from "../../../proof/network/addresses";
import type { Flow } from "../../../proof/network/flow";
import type { Packet } from "../../../proof/network/header-set";
import { fromInternet, fromLinks } from "../../../proof/network/inbound-flows";
import { between } from "../../../proof/network/internal-flows";
import { IntervalSet } from "../../../proof/interval-set";
import { toInternet } from "../../../proof/network/outbound-flows";
import { readNetwork } from "../../../proof/network/read-network";
import { wideFacts } from "./wide-facts";
import { wideNetworks } from "./wide-network";
import { type WidePacket, WideWalk } from "./wide-walk";

/** How many networks; `DMZ_PROOF_RUNS` makes it more. Each is asked about several packets. */
const RUNS = Number(process.env.DMZ_PROOF_RUNS ?? 1500);

const NUMBERS = { tcp: 6n, udp: 17n, icmp: 1n, icmpv6: 58n } as const;
const place = (address: string): bigint =>
  range(`${address}/${isIPv6(address) ? 128 : 32}`)!.addresses.intervals[0]![0];
const asHeader = ({ source, destination, protocol, port, sourcePort }: WidePacket): Packet => ({
  source: place(source),
  destination: place(destination),
  protocol: NUMBERS[protocol],
  port: BigInt(port),
  sourcePort: BigInt(sourcePort),
});

const one = <Item>(...items: readonly Item[]) => fc.constantFrom(...items);
const ports = one(0, 22, 80, 80, 443, 443, 1022, 1023, 1024, 1024, 5000, 5000, 65535);
const question = fc.record({
  stranger4: one("198.51.100.1", "198.51.100.200", "8.8.8.8", "200.1.2.3", "10.9.9.9", "192.168.0.1"),
  stranger6: one("2a00:1450::1", "2001:db8::1", "2600:1f00:0:bb00::9", "fd00::1"),
  six: fc.boolean(),
  kind: one<"tcp" | "udp" | "icmp">("tcp", "tcp", "udp", "icmp"),
  port: ports,
  icmp: one(0, 1, 8 * 256, 128 * 256, 128 * 256 + 1),
  sourcePort: ports,
});
const questions = fc.array(question, { minLength: 4, maxLength: 6 });

describe("exact reachability of both families, with load balancers", () => {
  test("agrees with a simulation that walks single packets", () => {
    const asked = new Map<string, { all: number; delivered: number }>();
    fc.assert(
      fc.property(wideNetworks, questions, (plan, packets) => {
        const network = readNetwork(wideFacts(plan));
        expect(network.doubts).toEqual([]);
        const walk = new WideWalk(plan);
        const flows = { internet: fromInternet(network), links: fromLinks(network), internal: between(network) };
        const nameOf = (host: number) =>
          `${plan.hosts[host]!.separateInterface ? "aws_network_interface" : "aws_instance"}.h${host}`;
        const compare = (what: string, exact: boolean, walked: boolean, packet: WidePacket) => {
          const kind = `${what} by ${isIPv6(packet.destination) ? "IPv6" : "IPv4"}`;
          const count = asked.get(kind) ?? { all: 0, delivered: 0 };
          asked.set(kind, { all: count.all + 1, delivered: count.delivered + (walked ? 1 : 0) });
          if (exact !== walked) throw new Error(`${kind}: exact ${exact}, walked ${walked}: ${JSON.stringify(packet)}`);
        };
        /** Asks about one packet, unless one end has no address of its family. */
        const ask = (
          what: string,
          among: readonly Flow[],
          [source, destination]: readonly [string | undefined, string | undefined],
          rest: Omit<WidePacket, "source" | "destination">,
          walked: (packet: WidePacket) => boolean,
        ) => {
          if (source === undefined || destination === undefined) return;
          const packet = { source, destination, ...rest };
          const header = asHeader(packet);
          compare(
            what,
            among.some(({ set }) => set.has(header)),
            walked(packet),
            packet,
          );
        };

        for (const [index, { six, kind, port, icmp, sourcePort, ...more }] of packets.entries()) {
          const protocol = kind === "icmp" && six ? "icmpv6" : kind;
          const rest = { protocol, port: kind === "icmp" ? icmp : port, sourcePort } as const;
          const stranger = six ? more.stranger6 : more.stranger4;
          const host = index % plan.hosts.length;
          const other = (index + 1) % plan.hosts.length;
          const [mine, theirs] = [walk.hostAddress(host, six), walk.hostAddress(other, six)];
          const [at, there] = [nameOf(host), nameOf(other)];
          const to = (name: string) => (flow: Flow) => flow.to === name;
          const from = (name: string) => (flow: Flow) => flow.from === name;
          const peer = six ? "2600:1f00:0:bb00::9" : "10.9.9.9";

          ask("internet to host", flows.internet.filter(to(at)), [stranger, mine], rest, (packet) =>
            walk.internetToHost(packet, host),
          );
          ask("peer to host", flows.links.filter(to(at)), [peer, mine], rest, (packet) =>
            walk.peerToHost(packet, host),
          );
          ask("host to host", flows.internal.filter(from(at)).filter(to(there)), [mine, theirs], rest, (packet) =>
            walk.hostToHost(packet, host, other),
          );
          for (const subnet of plan.balancer.subnets) {
            const balancer = walk.balancerAddress(subnet, six);
            ask("internet to balancer", flows.internet.filter(to("aws_lb.b")), [stranger, balancer], rest, (packet) =>
              walk.internetToBalancer(packet, subnet),
            );
            ask("peer to balancer", flows.links.filter(to("aws_lb.b")), [peer, balancer], rest, (packet) =>
              walk.peerToBalancer(packet, subnet),
            );
            ask(
              "host to balancer",
              flows.internal.filter(from(at)).filter(to("aws_lb.b")),
              [mine, balancer],
              rest,
              (packet) => walk.hostToBalancer(packet, host, subnet),
            );
            // Of what is sent on, half is asked of a target and its port: few other packets get through.
            const aims = plan.balancer.targetGroups.flatMap((group) =>
              group.targets.map((target) => ({ host: target.host, port: target.port ?? group.port })),
            );
            const aim = index % 2 === 0 ? aims[index % Math.max(aims.length, 1)] : undefined;
            const [target, about] = aim ? [aim.host, { ...rest, port: aim.port }] : [host, rest];
            const passed = flows.internal.filter(from("aws_lb.b")).filter(to(nameOf(target)));
            // Of a client's packet it is not seen which node passed it on: asked of a load balancer in one subnet. In a
            // client's name any address may be, also that of another node.
            const isAlone = plan.balancer.subnets.length === 1;
            const its = walk.hostAddress(target, six);
            if (isAlone)
              ask("balancer to host for a client", passed, [stranger, its], about, (packet) =>
                walk.balancerToHost(packet, subnet, target, "client"),
              );
            if ((plan.balancer.isDual && isAlone) || !walk.keepsForSome(target))
              ask("balancer to host", passed, [balancer, its], about, (packet) =>
                walk.balancerToHost(packet, subnet, target, "own"),
              );
          }

          const node = network.nodes.find((found) => found.at === at)!;
          // A NAT gateway changes the source: what left is looked for by all else.
          const left = (ways: readonly Flow[], destination: string): boolean =>
            ways.some(({ set }) =>
              set.boxes.some(
                (box) =>
                  box.destination.has(place(destination)) &&
                  box.protocol.has(NUMBERS[rest.protocol]) &&
                  box.port.has(BigInt(rest.port)) &&
                  box.sourcePort.has(BigInt(sourcePort)),
              ),
            );
          if (mine !== undefined) {
            const packet = { source: mine, destination: stranger, ...rest };
            const alone = six ? { ...node, v4: IntervalSet.EMPTY } : { ...node, v6: IntervalSet.EMPTY };
            const ways = toInternet(network, alone);
            compare("host to internet", left(ways, stranger), walk.hostToInternet(packet, host), packet);
            if (!six) continue;
            const by64 = { ...packet, destination: more.stranger4 };
            compare("host to internet by NAT64", left(ways, more.stranger4), walk.hostToInternetBy64(by64, host), by64);
          }
        }
      }),
      { numRuns: RUNS },
    );
    // Of each way some packets get through and some do not, or the comparison would say little.
    expect(asked.size).toBe(19);
    for (const [kind, { all, delivered }] of asked) {
      expect([kind, all > RUNS / 10, delivered < all / 2]).toEqual([kind, true, true]);
      // Through a load balancer one in seven hundred gets: of few networks perhaps none does, of one family and kind.
      if (RUNS >= 10_000 || !kind.includes("balancer")) expect([kind, delivered > 0]).toEqual([kind, true]);
    }
    const balanced = [...asked].filter(([kind]) => kind.includes("balancer"));
    expect(balanced.reduce((sum, [, { delivered }]) => sum + delivered, 0)).toBeGreaterThan(0);
  }, 1_200_000);
});
