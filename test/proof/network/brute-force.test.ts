import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Flow } from "../../../proof/network/flow";
import { range } from "../../../proof/network/addresses";
import type { Packet } from "../../../proof/network/header-set";
import { fromInternet } from "../../../proof/network/inbound-flows";
import { between } from "../../../proof/network/internal-flows";
import { toInternet } from "../../../proof/network/outbound-flows";
import { readNetwork } from "../../../proof/network/read-network";
import { randomFacts } from "./network-facts";
import { networks } from "./random-network";
import { hostAddress, Walk, type WalkPacket } from "./walk";

/** How many networks; `DMZ_PROOF_RUNS` makes it more. Each is asked about several packets. */
const RUNS = Number(process.env.DMZ_PROOF_RUNS ?? 2000);

const NUMBERS = { tcp: 6n, udp: 17n, icmp: 1n } as const;
const place = (address: string): bigint => range(`${address}/32`)!.addresses.intervals[0]![0];
const asHeader = ({ source, destination, protocol, port, sourcePort }: WalkPacket): Packet => ({
  source: place(source),
  destination: place(destination),
  protocol: NUMBERS[protocol],
  port: BigInt(port),
  sourcePort: BigInt(sourcePort),
});

const strangers = fc.constantFrom(
  "198.51.100.1",
  "198.51.100.200",
  "8.8.8.8",
  "9.0.0.1",
  "200.1.2.3",
  "10.9.9.9",
  "192.168.0.1",
);
const ports = fc.constantFrom(0, 21, 22, 23, 24, 80, 443, 1022, 1023, 1024, 1025, 5000, 5001, 65535);
const questions = fc.array(
  fc.record({ stranger: strangers, protocol: fc.constantFrom("tcp", "udp", "icmp"), port: ports, sourcePort: ports }),
  { minLength: 4, maxLength: 8 },
);
const holds = (flows: readonly Flow[], packet: WalkPacket): boolean =>
  flows.some(({ set }) => set.has(asHeader(packet)));

describe("exact reachability", () => {
  test("agrees with a simulation that walks single packets", () => {
    let asked = 0;
    let delivered = 0;
    fc.assert(
      fc.property(networks, questions, (plan, packets) => {
        const network = readNetwork(randomFacts(plan));
        const walk = new Walk(plan);
        const [inbound, internal] = [fromInternet(network), between(network)];
        const compare = (what: string, exact: boolean, walked: boolean, packet: WalkPacket) => {
          asked++;
          if (walked) delivered++;
          if (exact !== walked) throw new Error(`${what}: exact ${exact}, walked ${walked}: ${JSON.stringify(packet)}`);
        };
        for (const [index, { stranger, protocol, port, sourcePort }] of packets.entries()) {
          const rest = { protocol: protocol as WalkPacket["protocol"], port, sourcePort };
          const host = index % plan.hosts.length;
          const other = (index + 1) % plan.hosts.length;
          const [mine, theirs] = [hostAddress(plan, host), hostAddress(plan, other)];
          const at = `aws_instance.h${host}`;
          const into = { source: stranger, destination: mine, ...rest };
          compare(
            "in",
            holds(
              inbound.filter(({ to }) => to === at),
              into,
            ),
            walk.fromInternet(into, host),
            into,
          );
          const across = { source: mine, destination: theirs, ...rest };
          const flows = internal.filter(({ from, to }) => from === at && to === `aws_instance.h${other}`);
          compare("across", holds(flows, across), walk.between(across, host, other), across);
          const out = { source: mine, destination: stranger, ...rest };
          const node = network.nodes.find((one) => one.at === at)!;
          const ways = toInternet(network, node);
          // A NAT gateway changes the source: what left is looked for by all else.
          const left = ways.some(({ set }) =>
            set.boxes.some(
              (box) =>
                box.destination.has(place(out.destination)) &&
                box.protocol.has(NUMBERS[out.protocol]) &&
                box.port.has(BigInt(port)) &&
                box.sourcePort.has(BigInt(sourcePort)),
            ),
          );
          compare("out", left, walk.toInternet(out, host), out);
        }
      }),
      { numRuns: RUNS },
    );
    // Neither all nor nothing gets through, or the comparison would say little.
    expect(asked).toBeGreaterThanOrEqual(RUNS * 5);
    expect(delivered).toBeGreaterThan(asked / 50);
    expect(delivered).toBeLessThan(asked / 2);
  }, 600_000);
});
