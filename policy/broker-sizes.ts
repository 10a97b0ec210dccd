import type { BrokerSize } from "./site";

/** What one Fargate task has. */
export interface TaskSize {
  /** Fargate's units: 1,024 are one vCPU. */
  readonly cpu: number;
  /** The whole task's; the broker derives from it what it accepts and keeps (`broker/src/memory-limits.ts`). */
  readonly memoryMib: number;
  /** What it accepts by that memory; a test holds it to the broker (decision 25). */
  readonly connections: number;
}

export const BROKER_SIZES: Readonly<Record<BrokerSize, TaskSize>> = {
  small: { cpu: 512, memoryMib: 1024, connections: 5_500 },
  medium: { cpu: 1024, memoryMib: 2048, connections: 12_000 },
  large: { cpu: 2048, memoryMib: 4096, connections: 25_100 },
};

/**
 * MiB of V8's old generation for a task of so much memory: half. By itself V8 takes a quarter, where a full task of 1 GiB
 * would end for want of heap; the other half is TLS's, which is not in the heap, and the process's own.
 */
export const heapMib = ({ memoryMib }: Pick<TaskSize, "memoryMib">): number => Math.floor(memoryMib / 2);

/** @returns the smallest size that takes a connection of each identity; undefined where none does. */
export const smallestSize = (identities: number): BrokerSize | undefined =>
  (Object.keys(BROKER_SIZES) as BrokerSize[]).find((size) => identities <= BROKER_SIZES[size].connections);
