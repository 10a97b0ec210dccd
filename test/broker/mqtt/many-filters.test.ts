import { afterEach, expect, jest, test } from "@jest/globals";
import { LIMITS } from "../../../broker/src/limits";
import { decodePacket } from "../../../broker/src/mqtt/decode-packet";
import { field } from "./wire";

const SUBSCRIBE = 0x82;
const UNSUBSCRIBE = 0xa2;
afterEach(() => void jest.restoreAllMocks());

const body = (count: number, one: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0, 7]), ...Array<Buffer>(count).fill(one)]);

test.each([
  ["SUBSCRIBE", SUBSCRIBE, Buffer.concat([field("a"), Buffer.from([1])])],
  ["UNSUBSCRIBE", UNSUBSCRIBE, field("a")],
])("a %s with more filters than any client may have is refused before they are all looked at", (name, first, one) => {
  const most = LIMITS.filtersPerPacket;
  expect(() => decodePacket(first, body(most, one))).not.toThrow();
  expect(() => decodePacket(first, body(most + 1, one))).toThrow(`${name}: it has more than ${most} topic filters`);
  expect(LIMITS.filtersPerPacket).toBeGreaterThan(LIMITS.subscriptionsPerClient);
});

test.each([
  ["SUBSCRIBE", SUBSCRIBE, Buffer.from([1])],
  ["UNSUBSCRIBE", UNSUBSCRIBE, Buffer.alloc(0)],
])("the 65,001 levels of a filter in a %s are never taken apart", (_, first, qos) => {
  // Its array of levels would be eight times the filter, and take a hundred times as long as to look through it.
  const split = jest.spyOn(String.prototype, "split");
  const levels = "/".repeat(65_000);
  const four = body(4, Buffer.concat([field(levels), qos]));
  const packet = decodePacket(first, four);
  const taken = Math.max(0, ...split.mock.contexts.map((text) => String(text).length));
  expect(taken).toBeLessThanOrEqual(LIMITS.topicBytes);
  expect(packet).toMatchObject({ messageId: 7 });
  expect(() => decodePacket(first, body(1, Buffer.concat([field(`${levels}a+`), qos])))).toThrow("MQTT-4.7.1-3");
});
