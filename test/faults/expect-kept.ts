import { expect } from "@jest/globals";
import type { Account } from "./ledger";

/** The promises of every run: nothing acknowledged is lost, and no copy is there that MQTT does not allow. */
export function expectKept(account: Account): void {
  expect(account).toMatchObject({ lost: 0, duplicatedAtQos2: 0, unmarked: 0, examples: [] });
  // A run that moved nothing shows nothing.
  expect(account.acknowledged).toBeGreaterThan(50);
}
