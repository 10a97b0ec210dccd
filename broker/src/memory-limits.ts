/** The limits that a task's memory decides. */
export interface MemoryLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly guests: number;
  readonly guestsPerAddress: number;
  readonly retainedBytes: number;
  readonly queuedBytesInAll: number;
  readonly subscriptionBytes: number;
  readonly outboundTotalBytes: number;
}

const MIB = 1024 * 1024;
/** The process without clients, with the documents of 10,000 identities: measured 110 MiB, and room to load them anew. */
const PROCESS_MIB = 160;
/** One idle connection over TLS with a client certificate: measured 70 KiB. */
const CONNECTION_BYTES = 80 * 1024;
/** What a task shakes hands with in a few seconds: more guests only wait. */
const GUESTS_PER_ADDRESS = 3_000;

/** MiB of the smallest task that the broker starts in. */
export const LEAST_MEMORY_MIB = 512;

/**
 * Divides a task's memory, so that all limits may be reached at once: 160 MiB are the process's; of the rest a half is for
 * connections at 80 KiB each, an eighth for retained messages, an eighth for queues, a sixteenth for what waits to be sent, a
 * thirty-second for topic filters; five thirty-seconds stay free for garbage.
 * @param memoryMib at least LEAST_MEMORY_MIB
 */
export function memoryLimits(memoryMib: number): MemoryLimits {
  const restMib = memoryMib - PROCESS_MIB;
  const hundreds = (count: number): number => Math.floor(count / 100) * 100;
  const part = (of: number): number => Math.floor(restMib / of) * MIB;
  const connections = hundreds((restMib * MIB) / 2 / CONNECTION_BYTES);
  const guests = connections / 2;
  return {
    connections,
    // One address must leave room for others.
    connectionsPerAddress: hundreds((connections * 5) / 6),
    guests,
    guestsPerAddress: Math.min(GUESTS_PER_ADDRESS, guests / 2),
    retainedBytes: part(8),
    queuedBytesInAll: part(8),
    subscriptionBytes: part(32),
    outboundTotalBytes: part(16),
  };
}

/**
 * What a process may count on.
 * @param declaredMib what the deployment says that the task has.
 * @param constrainedBytes what the operating system lets the process have; undefined, zero or beyond any machine: no limit.
 */
export function taskMemoryMib(declaredMib: number, constrainedBytes: number | undefined): number {
  const constrainedMib = Math.floor((constrainedBytes ?? 0) / MIB);
  return constrainedMib > 0 ? Math.min(declaredMib, constrainedMib) : declaredMib;
}
