import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { residentBytes } from "./process-usage";
import { type Generator, startGenerator } from "./start-generator";
import type { Server } from "./start-server";

export interface HoldProps {
  readonly start: () => Promise<Server>;
  readonly plantFile: string;
  readonly core: number;
}

export interface Held {
  readonly name: Server["name"];
  readonly asked: number;
  /** Still connected after a while of silence. */
  readonly held: number;
  readonly bytesPerConnection: number;
  readonly connectsPerSecond: number;
  /** Of each generator's connections, in the order they came: a cost that grows with the crowd shows here. */
  readonly cpuMicrosecondsPerConnect: readonly number[];
}

const MOST = 20_000;
/** A connection takes a descriptor at each end; a generator process stays well below its limit with so many. */
const PER_GENERATOR = 5_000;
/** Descriptors that a process needs for other things than connections. */
const SPARE_DESCRIPTORS = 150;
const SILENCE_MS = 5_000;

/** As many idle connections as one broker and this machine take, up to 20,000, from several addresses. */
export async function holdConnections({ start, plantFile, core }: HoldProps): Promise<Held> {
  const server = await start();
  const before = residentBytes(server.pid);
  const asked = Math.min(MOST, openFilesLimit(server.pid) - SPARE_DESCRIPTORS);
  const generators: Generator[] = [];
  const costs: number[] = [];
  let [held, seconds] = [0, 0];
  try {
    // One after the other: they share a core.
    for (let index = 0; held < asked; index++) {
      const generator = startGenerator(plantFile, core);
      generators.push(generator);
      const crowd = `idle-${index}`;
      const target = { port: server.port, brokerPid: server.pid, localAddress: `127.0.1.${index + 1}` };
      await generator.call("openCrowd", { crowd, ...target });
      const count = Math.min(PER_GENERATOR, asked - held);
      const grown = await generator.call("grow", { crowd, count });
      held += grown.connections;
      seconds += grown.seconds;
      costs.push(grown.brokerCpuMicroseconds / grown.connections);
      if (grown.connections < count) break;
    }
    const connected = held;
    await wait(SILENCE_MS);
    const bytes = residentBytes(server.pid) - before;
    const sizes = await Promise.all(generators.map((one, index) => one.call("size", { crowd: `idle-${index}` })));
    held = sizes.reduce((sum, size) => sum + size, 0);
    return {
      name: server.name,
      asked,
      held,
      bytesPerConnection: bytes / held,
      connectsPerSecond: connected / seconds,
      cpuMicrosecondsPerConnect: costs,
    };
  } finally {
    await Promise.all(generators.map((generator) => generator.end()));
    await server.end();
  }
}

function openFilesLimit(pid: number): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1] ?? 1024);
}
