import { expect, test } from "@jest/globals";
import { LIMITS } from "../../../broker/src/limits";
import { decodePacket } from "../../../broker/src/mqtt/decode-packet";
import { field } from "./wire";

const SUBSCRIBE = 0x82;
const UNSUBSCRIBE = 0xa2;
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
