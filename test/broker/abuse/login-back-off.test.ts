import { beforeEach, expect, test } from "@jest/globals";
import { LoginBackOff, type Attempt } from "../../../broker/src/abuse/login-back-off";

const TIMES = { free: 3, first: 1_000, longest: 8_000, memory: 60_000, entries: 100 };
let now: number;
let backOff: LoginBackOff;
beforeEach(() => {
  now = 0;
  backOff = new LoginBackOff(TIMES, () => now);
});

const stranger: Attempt = { address: "192.0.2.1", userName: "gw-1", certified: false };
const device: Attempt = { ...stranger, certified: true };
const fail = (attempt: Attempt, times: number): void => {
  for (let i = 0; i < times; i += 1) backOff.failed(attempt);
};

test.each([
  [0, 0],
  [2, 0],
  [3, 1_000],
  [4, 2_000],
  [6, 8_000],
  [60, 8_000],
  [5_000, 8_000],
])("after %d failures an attempt is refused unread for %d ms", (failures, wait) => {
  fail(stranger, failures);
  expect(backOff.waitFor(stranger)).toBe(wait);
});

test("the wait runs out, and everything is forgotten in the end", () => {
  fail(stranger, 4);
  now += 1_999;
  expect(backOff.waitFor(stranger)).toBe(1);
  now += 1;
  expect(backOff.waitFor(stranger)).toBe(0);
  backOff.failed(stranger);
  expect(backOff.waitFor(stranger)).toBe(4_000);
  now += 60_000;
  backOff.failed(stranger);
  expect(backOff.waitFor(stranger)).toBe(0);
});

test("who only names a device does not lock it out, not even behind its own address", () => {
  fail(stranger, 1_000);
  expect(backOff.waitFor(device)).toBe(0);
});

test("one address's failures do not touch the same name elsewhere, nor another name at the same address", () => {
  fail(stranger, 1_000);
  expect(backOff.waitFor({ ...stranger, address: "192.0.2.2" })).toBe(0);
  expect(backOff.waitFor({ ...stranger, userName: "gw-2" })).toBe(0);
});

test("with the identity's own certificate it is counted wherever it comes from", () => {
  fail(device, 3);
  expect(backOff.waitFor({ ...device, address: "198.51.100.9" })).toBe(1_000);
});

test("a client without a certificate that logged in before is not locked out from behind its own address", () => {
  backOff.succeeded(stranger);
  fail(stranger, 1_000);
  expect(backOff.waitFor(stranger)).toBe(0);
});

test("a success forgets the failures", () => {
  fail(device, 5);
  backOff.succeeded(device);
  fail(device, 2);
  expect(backOff.waitFor(device)).toBe(0);
});

test("ever new names cost no more memory than the table has, and long ones are cut", () => {
  for (let i = 0; i < 10_000; i += 1) fail({ ...stranger, userName: `${i}${"x".repeat(60_000)}` }, 1);
  // The attacker's own oldest failures went; the device's, which are used, are still there.
  fail(device, 3);
  expect(backOff.waitFor(device)).toBe(1_000);
});
