import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { covers, filterFault, intersects, matches, topicFault } from "../../policy/topic-filter";
import { allTopics, filter, naiveMatches, topic } from "./filters";

const LONGEST = "a".repeat(65_535);

describe("filterFault", () => {
  test.each(["a", "/", "//", "a/b", "+", "#", "a/+/b", "a/#", "+/#", "/+", "$SYS/#", "ä/€/𝄞", " ", LONGEST])(
    "finds nothing wrong with %.20j",
    (text) => expect(filterFault(text)).toBeUndefined(),
  );
  test.each([
    ["", "MQTT-4.7.3-1"],
    ["a\0b", "MQTT-4.7.3-2"],
    [`${LONGEST}a`, "MQTT-4.7.3-3"],
    ["ä".repeat(32_768), "MQTT-4.7.3-3"],
    ["€".repeat(21_846), "MQTT-4.7.3-3"],
    ["𝄞".repeat(16_384), "MQTT-4.7.3-3"],
    ["a/\ud800/b", "MQTT-1.5.3-1"],
    ["\udc00", "MQTT-1.5.3-1"],
    ["a#", "MQTT-4.7.1-2"],
    ["#/a", "MQTT-4.7.1-2"],
    ["a/#/b", "MQTT-4.7.1-2"],
    ["##", "MQTT-4.7.1-2"],
    ["a+/b", "MQTT-4.7.1-3"],
    ["a/+b", "MQTT-4.7.1-3"],
    ["++", "MQTT-4.7.1-3"],
  ])("names the clause that %.20j breaks", (text, clause) => expect(filterFault(text)).toContain(clause));
  test("finds the same as a look at each level by itself", () => {
    const levelFault = (level: string, isLast: boolean): string | undefined => {
      if (level.includes("#") && (level !== "#" || !isLast)) return "MQTT-4.7.1-2";
      return level.includes("+") && level !== "+" ? "MQTT-4.7.1-3" : undefined;
    };
    const text = fc.string({ unit: fc.constantFrom("a", "/", "/", "+", "#"), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(text, (asked) => {
        const levels = asked.split("/");
        const expected = levels.map((level, i) => levelFault(level, i === levels.length - 1)).find(Boolean);
        expect(filterFault(asked)?.match(/MQTT[-\d.]+/)?.[0]).toBe(expected);
      }),
    );
  });
  test("counts bytes, not characters, up to the very limit", () => {
    expect(filterFault("ä".repeat(32_767))).toBeUndefined();
    expect(filterFault(`${"€".repeat(21_845)}`)).toBeUndefined();
  });
});

describe("topicFault", () => {
  test.each(["a", "/", "a//b", "$SYS/x", LONGEST])("finds nothing wrong with %.20j", (text) =>
    expect(topicFault(text)).toBeUndefined(),
  );
  test.each([
    ["", "MQTT-4.7.3-1"],
    ["a\0", "MQTT-4.7.3-2"],
    [`${LONGEST}a`, "MQTT-4.7.3-3"],
    ["\udfff", "MQTT-1.5.3-1"],
    ["a/+", "MQTT-4.7.1-1"],
    ["a#b", "MQTT-4.7.1-1"],
  ])("names the clause that %.20j breaks", (text, clause) => expect(topicFault(text)).toContain(clause));
});

describe("matches", () => {
  // The examples of MQTT 3.1.1, sections 4.7.1 to 4.7.3, and the corners between them.
  test.each([
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
    ["sport/#", "sport", true],
    ["sport/#", "sports", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+/+", "/finance", true],
    ["/+", "/finance", true],
    ["+", "/finance", false],
    ["#", "$SYS/monitor", false],
    ["+/monitor/Clients", "$SYS/monitor/Clients", false],
    ["$SYS/#", "$SYS/monitor", true],
    ["$SYS/#", "$SYS", true],
    ["$SYS/monitor/+", "$SYS/monitor/Clients", true],
    ["a/+", "a/$b", true],
    ["a//b", "a//b", true],
    ["a/+/b", "a//b", true],
    ["a", "A", false],
    ["a/b/#", "a", false],
  ])("%s and %s: %s", (wanted, name, expected) => expect(matches(wanted, name)).toBe(expected));
  test("agrees with a naive reading of the standard", () => {
    fc.assert(
      fc.property(filter, topic, (f, t) => expect(matches(f, t)).toBe(naiveMatches(f, t))),
      { numRuns: 2_000 },
    );
  });
});

describe("covers", () => {
  test.each([
    ["#", "a/+/#", true],
    ["+/#", "#", true],
    ["#", "$SYS/a", false],
    ["+/a", "$SYS/a", false],
    ["$SYS/#", "$SYS", true],
    ["#", "+", true],
    ["a/#", "a", true],
    ["a/+", "a/#", false],
    ["a/#", "+/b", false],
    ["a/+/c", "a/b/c", true],
    ["a/b/#", "a/#", false],
    ["a/+", "a/", true],
    ["/+/#", "/#", true],
  ])("%s covers %s: %s", (wide, narrow, expected) => expect(covers(wide, narrow)).toBe(expected));
  test("holds exactly when every topic of the narrow filter is one of the wide filter", () => {
    fc.assert(
      fc.property(filter, filter, (wide, narrow) => {
        const naive = allTopics.every((t) => !naiveMatches(narrow, t) || naiveMatches(wide, t));
        expect(covers(wide, narrow)).toBe(naive);
      }),
      { numRuns: 1_000 },
    );
  });
  test("is reflexive and transitive", () => {
    fc.assert(
      fc.property(filter, filter, filter, (a, b, c) => {
        expect(covers(a, a)).toBe(true);
        if (covers(a, b) && covers(b, c)) expect(covers(a, c)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
  test("says of a topic what matches says", () => {
    fc.assert(
      fc.property(filter, topic, (f, t) => expect(covers(f, t)).toBe(matches(f, t))),
      { numRuns: 2_000 },
    );
  });
});

describe("intersects", () => {
  test.each([
    ["a/+", "+/b", "a/b"],
    ["a/#", "a", "a"],
    ["#", "+/+", "x/x"],
    ["$SYS/#", "#", undefined],
    ["$SYS/#", "+/a", undefined],
    ["a/b", "a/c", undefined],
    ["a/#", "b/#", undefined],
    ["a/+", "a", undefined],
    ["+", "+", "x"],
    ["/#", "#", "/x"],
    ["/#", "+", undefined],
  ])("%s and %s share %s", (a, b, witness) => expect(intersects(a, b)).toBe(witness));
  test("gives a valid topic that both match, whichever comes first, or none where there is none", () => {
    fc.assert(
      fc.property(filter, filter, (a, b) => {
        const witness = intersects(a, b);
        expect(intersects(b, a)).toBe(witness);
        if (witness === undefined) {
          expect(allTopics.filter((t) => naiveMatches(a, t) && naiveMatches(b, t))).toEqual([]);
        } else {
          expect(topicFault(witness)).toBeUndefined();
          expect([naiveMatches(a, witness), naiveMatches(b, witness)]).toEqual([true, true]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
  test("gives no topic that would be too long to exist", () => {
    const half = "a".repeat(40_000);
    expect(intersects(`${half}/+`, `+/${half}`)).toBeUndefined();
  });
});
