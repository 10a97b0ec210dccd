import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Guests } from "../../../broker/src/abuse/guests";
import { LIMITS } from "../../../broker/src/limits";
import { memoryLimits } from "../../../broker/src/memory-limits";
import { BROKER_SIZES } from "../../../policy/broker-sizes";
import type { BrokerSize } from "../../../policy/site";

const opened = (total: number, perAddress: number) => {
  const guests = new Guests({ total, perAddress });
  const gone: string[] = [];
  const add = (name: string, address = name.split(".")[0]!): (() => void) => guests.add(address, () => gone.push(name));
  return { guests, gone, add };
};

test("where there are too many, the oldest of the address with most goes, and the one that comes is taken", () => {
  const { guests, gone, add } = opened(4, 10);
  for (const name of ["quiet.1", "crowd.1", "crowd.2", "crowd.3"]) add(name);
  expect(gone).toEqual([]);
  add("new.1");
  add("new.2");
  expect(gone).toEqual(["crowd.1", "crowd.2"]);
  expect(guests.size).toBe(4);
});

test("an address that has as many as it may loses its own oldest, and no other address does", () => {
  const { gone, add } = opened(100, 2);
  for (const name of ["quiet.1", "quiet.2", "crowd.1", "crowd.2", "crowd.3"]) add(name);
  expect(gone).toEqual(["crowd.1"]);
});

test("who has logged in is no guest any more: it is never turned away, and leaves once", () => {
  const { guests, gone, add } = opened(2, 2);
  const loggedIn = add("device.1");
  loggedIn();
  loggedIn();
  for (const name of ["crowd.1", "crowd.2", "crowd.3"]) add(name);
  expect(gone).toEqual(["crowd.1"]);
  expect(guests.size).toBe(2);
});

test("one is turned away on demand, of a certain address or of the one with most; where there is none, none", () => {
  const { guests, gone, add } = opened(9, 9);
  for (const name of ["a.1", "b.1", "b.2"]) add(name);
  expect([guests.turnAwayOne("a"), guests.turnAwayOne("a"), guests.turnAwayOne()]).toEqual([true, false, true]);
  expect(gone).toEqual(["a.1", "b.1"]);
  expect([guests.turnAwayOne(), guests.turnAwayOne(), guests.size]).toEqual([true, false, 0]);
});

test.each<[BrokerSize, number, number]>([
  // One handshake a millisecond is more than a core does; a small task has half of one.
  ["small", 4_500, 400],
  ["medium", 10_000, 1_000],
  ["large", 20_900, 1_000],
])(
  "as many gateways as a %s task takes from one address, %s, come back at once: each has its three seconds to log in",
  (size, gateways, perSecond) => {
    const { guests: total, guestsPerAddress, connectionsPerAddress } = memoryLimits(BROKER_SIZES[size].memoryMib);
    expect(gateways).toBe(connectionsPerAddress);
    const { gone, add } = opened(total, guestsPerAddress);
    const loggingIn = 3 * perSecond;
    const leaves: (() => void)[] = [];
    for (let number = 0; number < gateways + loggingIn; number++) {
      leaves[number - loggingIn]?.();
      if (number < gateways) leaves.push(add(`plant.${number}`));
    }
    expect(gone).toEqual([]);
  },
);

test("silent connections of three addresses hold no more than their part, and a device logs in beside them", () => {
  const { guests, gone, add } = opened(LIMITS.guests, LIMITS.guestsPerAddress);
  for (let i = 0; i < LIMITS.connections; i++) add(`attacker-${i % 3}.${i}`);
  expect(guests.size).toBe(LIMITS.guests);
  expect(guests.size).toBeLessThanOrEqual(LIMITS.connections / 2);
  const loggedIn = add("device.1");
  for (let i = 0; i < 1_000; i++) add(`attacker-${i % 3}.more-${i}`);
  expect(gone).not.toContain("device.1");
  loggedIn();
});

test("whatever comes and goes, no limit is passed, and each is turned away at most once and never after it left", () => {
  const step = fc.oneof(
    fc.nat(3).map((address) => ({ do: "add" as const, address })),
    fc.nat(40).map((at) => ({ do: "leave" as const, at })),
    fc.constant({ do: "turn away" as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { guests, gone, add } = opened(6, 3);
      const leaves: (() => void)[] = [];
      const left = new Set<string>();
      for (const one of steps) {
        if (one.do === "add") leaves.push(add(`${one.address}.${leaves.length}`, `${one.address}`));
        else if (one.do === "turn away") guests.turnAwayOne();
        else if (leaves[one.at]) {
          const before = gone.length;
          leaves[one.at]!();
          left.add(`${one.at}`);
          expect(gone).toHaveLength(before);
        }
        expect(guests.size).toBeLessThanOrEqual(6);
      }
      expect(new Set(gone).size).toBe(gone.length);
      const there = leaves.filter((_, i) => !left.has(`${i}`) && !gone.some((name) => name.endsWith(`.${i}`)));
      expect(guests.size).toBe(there.length);
    }),
  );
});
