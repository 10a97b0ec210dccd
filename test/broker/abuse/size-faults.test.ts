import { expect, test } from "@jest/globals";
import { clientIdSizeFault, subscriptionFault, topicSizeFault } from "../../../broker/src/abuse/size-faults";
import { LIMITS } from "../../../broker/src/limits";

const { topicBytes, topicLevels, subscriptionsPerClient, clientIdBytes } = LIMITS;

test.each([
  ["a short one", "plant/line", undefined],
  ["as many bytes as allowed", "x".repeat(topicBytes), undefined],
  ["one byte more", "x".repeat(topicBytes + 1), `it has ${topicBytes + 1} bytes, more than ${topicBytes}`],
  ["fewer characters, but more bytes", "\u20ac".repeat(topicBytes / 2), /bytes, more than/],
  ["as many levels as allowed", "/".repeat(topicLevels - 1), undefined],
  ["one level more", "/".repeat(topicLevels), `it has more than ${topicLevels} levels`],
])("a topic with %s", (_, topic, fault) => {
  if (fault instanceof RegExp) expect(topicSizeFault(topic)).toMatch(fault);
  else expect(topicSizeFault(topic)).toBe(fault);
});

test("a client with all its subscriptions may renew one and get no other", () => {
  const open = new Set(Array.from({ length: subscriptionsPerClient }, (_, i) => `a/${i}`));
  expect(subscriptionFault("a/0", open)).toBeUndefined();
  expect(subscriptionFault("b", open)).toContain(`${subscriptionsPerClient} subscriptions`);
  open.delete("a/1");
  expect(subscriptionFault("b", open)).toBeUndefined();
});

test("a ClientId has its limit in bytes", () => {
  expect(clientIdSizeFault("x".repeat(clientIdBytes))).toBeUndefined();
  expect(clientIdSizeFault("\u00e9".repeat(clientIdBytes / 2 + 1))).toContain("bytes, more than");
});
