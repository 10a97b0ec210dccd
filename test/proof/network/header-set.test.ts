import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { INTERNET, mayHold, mustHold, range, showAddress, showAddresses } from "../../../proof/network/addresses";
import { type Box, HeaderSet, type Packet } from "../../../proof/network/header-set";
import { IntervalSet } from "../../../proof/interval-set";

const small = fc.integer({ min: 0, max: 12 });
const sets = fc
  .array(fc.tuple(small, small), { maxLength: 4 })
  .map((pairs) =>
    IntervalSet.ofNumbers(...pairs.map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const)),
  );
const members = (set: IntervalSet) => Array.from({ length: 14 }, (_, value) => set.has(BigInt(value)));
const boxes: fc.Arbitrary<Partial<Box>> = fc.record({
  source: sets,
  destination: sets,
  protocol: sets,
  port: sets,
  sourcePort: sets,
});
const headers = fc.array(boxes, { maxLength: 3 }).map((list) => HeaderSet.union(list.map((box) => HeaderSet.of(box))));
const packets: fc.Arbitrary<Packet> = fc
  .record({ source: small, destination: small, protocol: small, port: small, sourcePort: small })
  .map(
    (packet) =>
      Object.fromEntries(Object.entries(packet).map(([key, value]) => [key, BigInt(value)])) as unknown as Packet,
  );

describe("sets of intervals", () => {
  test("unite, intersect and subtract as sets of numbers do, and stay sorted and apart", () => {
    fc.assert(
      fc.property(sets, sets, (one, other) => {
        const [mine, theirs] = [members(one), members(other)];
        expect(members(one.union(other))).toEqual(mine.map((has, at) => has || theirs[at]!));
        expect(members(one.intersect(other))).toEqual(mine.map((has, at) => has && theirs[at]!));
        expect(members(one.subtract(other))).toEqual(mine.map((has, at) => has && !theirs[at]!));
        expect(one.covers(other)).toBe(theirs.every((has, at) => !has || mine[at]!));
        for (const { intervals } of [one.union(other), one.intersect(other), one.subtract(other)])
          for (const [at, [from, to]] of intervals.entries()) {
            expect(from <= to).toBe(true);
            if (at > 0) expect(from > intervals[at - 1]![1] + 1n).toBe(true);
          }
      }),
    );
  });
});

describe("sets of packets", () => {
  test("intersect, subtract and turn round packet by packet", () => {
    fc.assert(
      fc.property(headers, headers, packets, (one, other, packet) => {
        expect(one.intersect(other).has(packet)).toBe(one.has(packet) && other.has(packet));
        expect(one.subtract(other).has(packet)).toBe(one.has(packet) && !other.has(packet));
        const { source, destination, port, sourcePort } = packet;
        const back = { ...packet, source: destination, destination: source, port: sourcePort, sourcePort: port };
        expect(one.reversed().has(back)).toBe(one.has(packet));
      }),
      { numRuns: 2000 },
    );
  });

  test("have a witness exactly if they are not empty", () => {
    fc.assert(
      fc.property(headers, (set) => {
        expect(set.witness === undefined ? set.isEmpty : set.has(set.witness)).toBe(true);
      }),
    );
  });
});

describe("addresses", () => {
  test.each([
    ["0.0.0.0/0", true],
    ["8.8.8.8/32", true],
    ["100.64.0.1/32", false],
    ["10.0.0.0/8", false],
    ["169.254.169.254/32", false],
    ["2001:db8::/32", true],
    ["fd00::/8", false],
    ["fe80::/10", false],
  ])("of %s: some are the internet's: %s", (cidr, internet) => {
    expect(range(cidr)!.addresses.intersect(INTERNET).isEmpty).toBe(!internet);
  });

  test("are no ranges if they cannot be read", () => {
    for (const text of ["", "10.0.0.0", "10.0.0.0/33", "::/129", "any", "10.0.0/8/8"])
      expect(range(text)).toBeUndefined();
  });

  test("of AWS's lists are surely in everything, perhaps in public ranges, never in private ones", () => {
    const holds = (cidr: string) =>
      [mayHold, mustHold].map(
        (of) => of(range(cidr)!).intervals.length > 1 || of(range(cidr)!).intervals[0]![1] > 2n ** 128n,
      );
    expect(holds("52.0.0.0/8")).toEqual([true, false]);
    expect(holds("10.0.0.0/8")).toEqual([false, false]);
    expect(holds("0.0.0.0/0")).toEqual([true, true]);
  });

  test("are shown as people write them", () => {
    expect(showAddress(range("198.51.100.7/32")!.addresses.intervals[0]![0])).toBe("198.51.100.7");
    expect(showAddresses(range("198.51.100.0/24")!.addresses)).toBe("198.51.100.0/24");
    expect(showAddresses(range("2001:db8::/32")!.addresses)).toBe("2001:db8::/32");
    expect(showAddresses(INTERNET)).toBe("anywhere");
  });
});
