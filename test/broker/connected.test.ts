import { expect, test } from "@jest/globals";
import { Connected } from "../../broker/src/connected";
import { HeldRefusals } from "../../broker/src/held-refusals";
import { LIMITS } from "../../broker/src/limits";

test("a session is taken over by its own identity alone, with each suffix for itself", () => {
  const connected = new Connected({ connectionsPerIdentity: 5 }, () => 0);
  connected.add("scada", "scada~1");
  expect(connected.fault("historian", "scada~1")).toBe("the session belongs to another identity");
  expect(connected.fault("scada", "scada~1")).toBeUndefined();
  expect(connected.fault("scada", "scada~2")).toBeUndefined();
});

test("who was taken over leaves its successor in place when it goes at last", () => {
  const connected = new Connected({ connectionsPerIdentity: 1 }, () => 0);
  const first = connected.add("gw-1", "gw-1");
  const second = connected.add("gw-1", "gw-1");
  first();
  first();
  expect(connected.fault("gw-1", "other")).toContain("1 connections, as many as it may");
  second();
  expect(connected.fault("gw-1", "other")).toBeUndefined();
});

test("takeovers of one ClientId are slowed, and come back with time", () => {
  let now = 0;
  const connected = new Connected({ connectionsPerIdentity: 1 }, () => now);
  connected.add("gw-1", "gw-1");
  const tries = Array.from({ length: LIMITS.takeoversBurst + 1 }, () => connected.fault("gw-1", "gw-1"));
  expect(tries.filter((fault) => fault === undefined)).toHaveLength(LIMITS.takeoversBurst);
  expect(tries.at(-1)).toBe("too many takeovers of this ClientId");
  now += 1_000 / LIMITS.takeovers;
  expect(connected.fault("gw-1", "gw-1")).toBeUndefined();
});

test("only so many refusals are held back, and each is answered", async () => {
  const held = new HeldRefusals();
  let answered = 0;
  await new Promise<void>((resolve) => {
    const answer = (): void => {
      answered += 1;
      if (answered === LIMITS.heldRefusals) resolve();
    };
    for (let i = 0; i < LIMITS.heldRefusals; i += 1) expect(held.hold(1, answer)).toBe(true);
    expect(held.hold(1, answer)).toBe(false);
  });
  expect(held.hold(1, () => undefined)).toBe(true);
});
