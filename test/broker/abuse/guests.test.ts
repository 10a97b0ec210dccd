import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Guests } from "../../../broker/src/abuse/guests";
import { LIMITS } from "../../../broker/src/limits";

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

test("10,000 gateways behind one address that come back all log in, each in its three seconds; none is turned away", () => {
  const { gone, add } = opened(LIMITS.guests, LIMITS.guestsPerAddress);
  const LOGIN_MS = 3_000;
  const leaves: (() => void)[] = [];
  // One handshake a millisecond is all that a core does.
  for (let ms = 0; ms < 10_000 + LOGIN_MS; ms++) {
    leaves[ms - LOGIN_MS]?.();
    if (ms < 10_000) leaves.push(add(`plant.${ms}`));
  }
  expect(gone).toEqual([]);
});

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
