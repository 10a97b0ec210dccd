import { setTimeout as wait } from "node:timers/promises";
import { MARK, pubAcks } from "./frames";
import { type LeanClient, openLeanClient } from "./lean-client";
import type { Account, Latency, Throughput } from "./measurement";
import type { ClientIdentity, Plant } from "./plant";
import { Publisher } from "./publisher";
import { copies, type Qos, type Scenario } from "./scenarios";
import { stopwatch } from "./stopwatch";

export interface LoadProps {
  readonly plant: Plant;
  readonly port: number;
  readonly brokerPid: number;
  readonly scenario: Scenario;
  readonly qos: Qos;
  /** Whether the subscribers' sessions outlive their connections, so that what is sent to them is stored. @default false */
  readonly persistent?: boolean;
}

/** The clients of one scenario at one broker. */
export interface Load {
  /** Keeps every publisher's window full: the broker is busy all the time, and nothing piles up. */
  saturate(warmUpMs: number, measureMs: number): Promise<Throughput>;
  /** Sends at a fixed rate, whatever comes back. */
  pace(messagesPerSecond: number, ms: number): Promise<Latency>;
  /** Ends the connections. @returns what all runs together sent and delivered. */
  close(): Promise<Account>;
}

/** How long after the last message everything must have arrived. */
const DRAIN_WITHIN_MS = 20_000;
const TICK_MS = 1;
const MOST_BEHIND_MS = 5;

/** Connects the clients of a scenario to a broker. */
export async function openLoad({
  plant,
  port,
  brokerPid,
  scenario,
  qos,
  persistent = false,
}: LoadProps): Promise<Load> {
  const fanOut = copies(scenario);
  const window = scenario.window[qos];
  const publishers = plant.publishers
    .slice(0, scenario.publishers)
    .map(({ topic }, index) => new Publisher(index, topic, qos));
  const clients: LeanClient[] = [];
  let saturating = false;
  let delivered = 0;
  let outOfSequence = 0;
  let latencies: number[] | undefined;

  /** Work for the end of this turn of the event loop, so that what arrived together is answered together. */
  const ready = new Set<Publisher>();
  const acknowledging = new Map<() => LeanClient, number[]>();
  let scheduled = false;
  const flush = (): void => {
    scheduled = false;
    for (const [client, packetIds] of acknowledging) {
      client().write(pubAcks(packetIds));
      packetIds.length = 0;
    }
    acknowledging.clear();
    if (saturating) {
      for (const publisher of ready) {
        const room = Math.floor((window * fanOut - publisher.outstanding) / fanOut);
        const count = Math.min(room, window - publisher.unacknowledged);
        if (count > 0) publisher.send(count, fanOut);
      }
    }
    ready.clear();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  const subscriber = async (index: number): Promise<void> => {
    const next = new Uint32Array(publishers.length);
    const packetIds: number[] = [];
    const self = (): LeanClient => client;
    const publish = (bytes: Buffer, payload: number, packetId: number): void => {
      const from = bytes.readUInt32LE(payload + MARK.publisher);
      const sequence = bytes.readUInt32LE(payload + MARK.sequence);
      if (sequence !== next[from]) outOfSequence += 1;
      next[from] = sequence + 1;
      delivered += 1;
      const publisher = publishers[from]!;
      publisher.outstanding -= 1;
      if (latencies) latencies.push(performance.now() - bytes.readDoubleLE(payload + MARK.sentAt));
      if (packetId !== 0) {
        packetIds.push(packetId);
        acknowledging.set(self, packetIds);
        schedule();
      }
      if (saturating) {
        ready.add(publisher);
        schedule();
      }
    };
    const [identity, filter] = readingPart(plant, scenario, index);
    const client = await openLeanClient({
      port,
      trust: plant.trust,
      identity,
      clientId: `${identity.name}~${index}`,
      clean: !persistent,
      subscribe: { filter, qos },
      heard: { publish, pubAck: nothing },
    });
    clients.push(client);
  };
  const connectPublisher = async (publisher: Publisher, index: number): Promise<void> => {
    const { identity } = plant.publishers[index]!;
    const pubAck = (): void => {
      publisher.unacknowledged -= 1;
      if (!saturating) return;
      ready.add(publisher);
      schedule();
    };
    const heard = { publish: nothing, pubAck };
    publisher.client = await openLeanClient({ port, trust: plant.trust, identity, clientId: identity.name, heard });
    clients.push(publisher.client);
  };
  for (let index = 0; index < scenario.subscribers; index++) await subscriber(index);
  for (const [index, publisher] of publishers.entries()) await connectPublisher(publisher, index);

  /** Waits until everything that was sent has arrived and is acknowledged; what has not by then is lost. */
  const drain = async (): Promise<void> => {
    const until = performance.now() + DRAIN_WITHIN_MS;
    const pending = (): boolean => publishers.some((one) => one.outstanding > 0 || one.unacknowledged > 0);
    while (pending() && performance.now() < until) await wait(2);
  };

  return {
    saturate: async (warmUpMs, measureMs) => {
      saturating = true;
      for (const publisher of publishers) ready.add(publisher);
      schedule();
      await wait(warmUpMs);
      const read = stopwatch(brokerPid);
      const before = delivered;
      await wait(measureMs);
      const throughput = { deliveries: delivered - before, ...read() };
      saturating = false;
      await drain();
      return throughput;
    },
    pace: async (messagesPerSecond, ms) => {
      latencies = [];
      const read = stopwatch(brokerPid);
      const burst = Math.ceil((messagesPerSecond * MOST_BEHIND_MS) / 1000);
      const started = performance.now();
      let sent = 0;
      for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - started) {
        const due = Math.floor((elapsed * messagesPerSecond) / 1000);
        // This process was held up, which says nothing about the broker: what it missed is not sent all at once.
        if (due - sent > burst) sent = due - burst;
        for (; sent < due; sent++) publishers[sent % publishers.length]!.send(1, fanOut);
        await wait(TICK_MS);
      }
      const { seconds, generatorShare } = read();
      await drain();
      const sorted = Float64Array.from(latencies).sort();
      latencies = undefined;
      const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
      return { p50: at(0.5), p99: at(0.99), deliveriesPerSecond: sorted.length / seconds, generatorShare };
    },
    close: async () => {
      const sent = publishers.reduce((sum, publisher) => sum + publisher.sent, 0);
      for (const client of clients) client.close();
      await Promise.all(clients.map(({ closed }) => closed));
      return { sent, expected: sent * fanOut, delivered, outOfSequence };
    },
  };
}

const nothing = (): void => undefined;

/** Who subscriber `index` is, and its filter. The historian, whose 25 grants are dearer to check, is the first reader. */
function readingPart(plant: Plant, { reads }: Scenario, index: number): [ClientIdentity, string] {
  const { publishers, readers } = plant;
  // Only operators may read every group by one filter.
  if (reads === "every") return [readers[1 + (index % (readers.length - 1))]!, "spBv1.0/+/NDATA/+"];
  const { topic } = publishers[reads === "own" ? index : 0]!;
  return [readers[index % readers.length]!, reads === "own" ? topic : topic.split("/", 2).concat("#").join("/")];
}
