import { expect, test } from "@jest/globals";
import { FilterRates } from "../../../broker/src/abuse/filter-rates";
import { LIMITS } from "../../../broker/src/limits";

const { filterBurst, filterRate } = LIMITS;

test("what an identity asked for above the burst is paid back at the rate, whoever else asks", () => {
  let now = 0;
  const rates = new FilterRates(() => now);
  rates.charge("a", filterBurst);
  expect(rates.owed("a")).toBe(0);
  rates.charge("a", filterRate * 3);
  expect(rates.owed("a")).toBe(3_000);
  expect(rates.owed("b")).toBe(0);
  now = 2_999;
  expect(rates.owed("a")).toBeCloseTo(1);
  now = 3_000;
  expect(rates.owed("a")).toBe(0);
  // Asking costs nothing.
  expect(rates.owed("a")).toBe(0);
});

test("a filter that brings many retained messages costs what they cost", () => {
  const rates = new FilterRates(() => 0);
  rates.charge("a", filterBurst - 1_000);
  rates.charge("a", 1, { messages: 50_000, looked: 100_000 });
  expect(rates.owed("a")).toBe((1 / filterRate) * 1_000);
});

test("a filter that finds nothing costs what was looked at for it", () => {
  const rates = new FilterRates(() => 0);
  rates.charge("a", filterBurst - 500);
  rates.charge("a", 1, { messages: 0, looked: 100_000 });
  expect(rates.owed("a")).toBe((1 / filterRate) * 1_000);
});
