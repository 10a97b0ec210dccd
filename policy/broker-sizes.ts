import type { BrokerSize } from "./site";

/** What one Fargate task has. */
export interface TaskSize {
  /** Fargate's units: 1,024 are one vCPU. */
  readonly cpu: number;
  /** The whole task's; the broker derives from it what it accepts and keeps (`broker/src/memory-limits.ts`). */
  readonly memoryMib: number;
}

export const BROKER_SIZES: Readonly<Record<BrokerSize, TaskSize>> = {
  small: { cpu: 512, memoryMib: 1024 },
  medium: { cpu: 1024, memoryMib: 2048 },
  large: { cpu: 2048, memoryMib: 4096 },
};

/**
 * MiB of V8's old generation for a task of so much memory: half. By itself V8 takes a quarter, where a full task of 1 GiB
 * would end for want of heap; the other half is TLS's, which is not in the heap, and the process's own.
 */
export const heapMib = ({ memoryMib }: TaskSize): number => Math.floor(memoryMib / 2);
