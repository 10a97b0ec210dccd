import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { topicOutside } from "../../policy/topic-outside";
import { matches } from "../../policy/topic-filter";

const level = fc.constantFrom("a", "b", "x", "", "+", "$s");
const filter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, rest]) => [...levels, ...(rest ? ["#"] : [])].join("/"))
  .filter((text) => text !== "");

/** Every topic of up to four levels over the filters' own words and two more: enough, since no filter is longer. */
const topics = function* all(length: number): Generator<string[]> {
  if (length === 0) return void (yield []);
  for (const shorter of all(length - 1))
    for (const word of ["a", "b", "x", "", "$s", "q", "xx"]) yield [...shorter, word];
};
const every = [1, 2, 3, 4, 5]
  .flatMap((length) => [...topics(length)].map((levels) => levels.join("/")))
  .filter(Boolean);

describe("a topic outside", () => {
  test.each([
    ["a/+", ["a/b"], "a/x"],
    ["a/#", ["a/+"], "a"],
    ["a/#", ["a", "a/+"], "a/x/x"],
    ["x/+", ["x/b"], "x/xx"],
    ["a/b", ["a/+"], undefined],
    ["#", ["+/#"], undefined],
    ["+/a", ["b/a", "$SYS/#"], "x/a"],
  ])("of %s and not of %j is %s", (wide, others, topic) => {
    expect(topicOutside(wide, others)).toBe(topic);
  });

  test("is found exactly when there is one", () => {
    fc.assert(
      fc.property(filter, fc.array(filter, { maxLength: 3 }), (wide, others) => {
        const outside = (topic: string) => matches(wide, topic) && !others.some((other) => matches(other, topic));
        const found = topicOutside(wide, others);
        if (found !== undefined) expect(outside(found)).toBe(true);
        else expect(every.filter(outside)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
