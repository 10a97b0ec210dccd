import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { LIMIT_TABLE, LIMITS } from "../../broker/src/limits";
import { limitsPage } from "../../broker/src/limits-page";

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
  expect(LIMITS.connectionsPerAddress).toBeLessThan(LIMITS.connections);
  expect(LIMITS.guests).toBeLessThanOrEqual(LIMITS.connections / 2);
  expect(LIMITS.guestsPerAddress).toBeLessThanOrEqual(LIMITS.guests / 2);
  expect(LIMITS.logConnectionsBurst).toBeGreaterThanOrEqual(LIMITS.connections);
  expect(LIMITS.heldRefusalMs).toBeLessThan(LIMITS.connectMs);
  expect(LIMITS.publishThrottledMs).toBeGreaterThan(LIMITS.publishBurstMs);
  // All connections end while the stop timeout (main.ts: drained for 5 s) still runs.
  expect((LIMITS.connections / LIMITS.closingBatch) * 1.5 * LIMITS.closingPauseMs).toBeLessThan(5_000);
});
