import type { Facts } from "../facts/facts";
import { standingPrice } from "./standing-price";

/** What a stack costs for standing there, before the first byte of traffic. */
export interface MonthlyCost {
  /** USD a month, list prices of eu-central-1. */
  readonly usd: number;
  /** USD a month by kind of resource; kinds that cost nothing are left out. */
  readonly byType: ReadonlyMap<string, number>;
  /** Addresses of the resources whose price is not known here: the sum leaves them out. */
  readonly unpriced: readonly string[];
}

/** Adds up the standing prices of all resources. */
export const monthlyCost = (facts: Facts): MonthlyCost => {
  const byType = new Map<string, number>();
  const unpriced: string[] = [];
  for (const resource of facts.resources) {
    const usd = standingPrice(resource, facts);
    if (usd === undefined) unpriced.push(resource.address);
    else if (usd > 0) byType.set(resource.type, (byType.get(resource.type) ?? 0) + usd);
  }
  return { usd: [...byType.values()].reduce((sum, usd) => sum + usd, 0), byType, unpriced };
};
