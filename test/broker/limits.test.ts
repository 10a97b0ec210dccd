import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { LIMIT_TABLE, LIMITS } from "../../broker/src/limits";
import { limitsPage } from "../../broker/src/limits-page";
import { LEAST_MEMORY_MIB, memoryLimits } from "../../broker/src/memory-limits";
import { BROKER_SIZES, heapMib, type TaskSize } from "../../policy/broker-sizes";

/** A Network Load Balancer forgets a TCP flow that is silent for so long (its documentation, "Connection idle timeout"). */
const BALANCER_FORGETS_MS = 350_000;

test("docs/limits.md says what the code does", () => {
  const page = readFileSync(join(__dirname, "../../docs/limits.md"), "utf8");
  expect(page).toBe(limitsPage());
});

test.each(Object.entries(LIMIT_TABLE))("limit '%s' is positive and says why it is there", (_, { value, why }) => {
  expect(value).toBeGreaterThan(0);
  expect(why).toMatch(/^[A-Z].{10,}\.$/);
});

test("limits that depend on each other agree", () => {
  expect(LIMITS.idleMs).toBe(1.5 * LIMITS.keepAliveMs);
  expect(LIMITS.idleMs).toBeLessThan(BALANCER_FORGETS_MS);
  expect(LIMITS.heldRefusalMs).toBeLessThan(LIMITS.connectMs);
  expect(LIMITS.publishThrottledMs).toBeGreaterThan(LIMITS.publishBurstMs);
});

const tasks: [string, Omit<TaskSize, "connections">][] = [
  ...Object.entries(BROKER_SIZES),
  ["least", { cpu: 256, memoryMib: LEAST_MEMORY_MIB }],
];

test.each(tasks)("in a %s task the limits that memory decides agree", (_, { memoryMib }) => {
  const limits = memoryLimits(memoryMib);
  expect(limits.connectionsPerAddress).toBeLessThan(limits.connections);
  expect(limits.guests).toBeLessThanOrEqual(limits.connections / 2);
  expect(limits.guestsPerAddress).toBeLessThanOrEqual(limits.guests / 2);
  expect(LIMITS.logConnectionsBurst).toBeGreaterThanOrEqual(limits.connections);
  // All connections end well within what main.ts gives the whole stop, 25 s.
  expect((limits.connections / LIMITS.closingBatch) * 1.5 * LIMITS.closingPauseMs).toBeLessThan(10_000);
});

/** Measured (docs/performance.md), resident, with TLS and a client certificate. */
const CONNECTION_KIB = 70;
/** Of those, in V8's heap. */
const CONNECTION_HEAP_KIB = 21;
const PROCESS_MIB = 100;

test.each(Object.entries(BROKER_SIZES))("a %s task takes as many connections as a site is told", (_, size) => {
  expect(memoryLimits(size.memoryMib).connections).toBe(size.connections);
});

test.each(tasks)("a %s task survives that all of them are reached at once", (_, size) => {
  const limits = memoryLimits(size.memoryMib);
  const { connections, retainedBytes, queuedBytesInAll, subscriptionBytes, outboundTotalBytes } = limits;
  const keptMib = (retainedBytes + queuedBytesInAll + subscriptionBytes) / 1024 / 1024;
  const allMib = PROCESS_MIB + (connections * CONNECTION_KIB) / 1024 + keptMib + outboundTotalBytes / 1024 / 1024;
  expect(allMib).toBeLessThan(0.85 * size.memoryMib);
  const onHeapMib = PROCESS_MIB / 2 + (connections * CONNECTION_HEAP_KIB) / 1024 + keptMib;
  expect(onHeapMib).toBeLessThan(0.85 * heapMib(size));
});

test("the same for every task would end a small one: what a task of 2 GiB takes does not fit", () => {
  const { connections } = memoryLimits(BROKER_SIZES.medium.memoryMib);
  const connectionsMib = (connections * CONNECTION_KIB) / 1024;
  expect(PROCESS_MIB + connectionsMib).toBeGreaterThan(0.85 * BROKER_SIZES.small.memoryMib);
  // V8's own choice, a quarter of the memory.
  expect((connections * CONNECTION_HEAP_KIB) / 1024).toBeGreaterThan(0.85 * (BROKER_SIZES.small.memoryMib / 4));
});

test("the table has the limits of the smallest task", () => {
  expect(LIMITS).toMatchObject({ ...memoryLimits(BROKER_SIZES.small.memoryMib) });
});
