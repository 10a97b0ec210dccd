import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { byteStreams } from "./byte-streams";
import { startTarget, type Target } from "./target";

/** `npm run fuzz` tries 50,000. */
const STREAMS = 1_500;

let target: Target;
beforeAll(async () => {
  target = await startTarget();
});
afterAll(() => target.close());

test(`${STREAMS} streams grown from valid packets: none crashes or hangs the broker`, async () => {
  await fc.assert(fc.asyncProperty(byteStreams(target.who), target.feed), { numRuns: STREAMS });
  // It did get as far as that: logins succeeded, and many different rules were broken.
  // More than half are on average.
  expect(target.ends.get("admitted")).toBeGreaterThan(STREAMS / 3);
  expect([...target.ends.keys()].filter((end) => end.startsWith("MQTT-")).length).toBeGreaterThan(8);
});
