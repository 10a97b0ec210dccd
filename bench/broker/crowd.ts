import { setTimeout as wait } from "node:timers/promises";
import { type LeanClient, openLeanClient } from "./lean-client";
import type { Connects } from "./measurement";
import type { Plant } from "./plant";
import { residentBytes } from "./process-usage";
import { stopwatch } from "./stopwatch";

export interface CrowdProps {
  readonly plant: Plant;
  readonly port: number;
  readonly brokerPid: number;
  /** In all ClientIds of this crowd: no two crowds at one broker may have the same. */
  readonly name: string;
  /** Loopback address that its connections come from. */
  readonly localAddress: string;
}

/** Clients that are connected and do nothing. */
export interface Crowd {
  /** Connects so many more; fewer if the broker or the machine refuses. */
  grow(count: number): Promise<Connects>;
  /** How many are connected now. */
  size(): number;
  close(): Promise<void>;
}

/** Handshakes under way at once: enough that the broker never waits for one client. */
const AT_ONCE = 16;
/** Refusals one after the other after which the broker is taken to be full. */
const FULL_AFTER = 50;
/** Memory is read when the handshakes' last garbage has had its time. */
const SETTLE_MS = 2_000;

export function openCrowd({ plant, port, brokerPid, name, localAddress }: CrowdProps): Crowd {
  const clients = new Set<LeanClient>();
  let number = 0;
  const connectOne = async (): Promise<void> => {
    number += 1;
    const identity = plant.readers[number % plant.readers.length]!;
    const clientId = `${identity.name}~${name}.${number}`;
    const client = await openLeanClient({ port, trust: plant.trust, identity, clientId, localAddress });
    clients.add(client);
    void client.closed.then(() => clients.delete(client));
  };
  return {
    grow: async (count) => {
      const before = { size: clients.size, bytes: residentBytes(brokerPid) };
      const read = stopwatch(brokerPid);
      let started = 0;
      let refused = 0;
      const worker = async (): Promise<void> => {
        while (started < count && refused < FULL_AFTER) {
          started += 1;
          refused = await connectOne().then(
            () => 0,
            () => refused + 1,
          );
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      const span = read();
      await wait(SETTLE_MS);
      return {
        connections: clients.size - before.size,
        brokerBytes: residentBytes(brokerPid) - before.bytes,
        ...span,
      };
    },
    size: () => clients.size,
    close: async () => {
      const closing = [...clients];
      for (const client of closing) client.close();
      await Promise.all(closing.map(({ closed }) => closed));
    },
  };
}
