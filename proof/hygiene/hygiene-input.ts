import type { Lifetime } from "../../policy/site";
import type { Facts } from "../facts/facts";
import type { Suppression } from "./suppression";

/** What the attribute rules look at. */
export interface HygieneInput {
  readonly facts: Facts;
  readonly suppressions: readonly Suppression[];
  /** ISO date, for example `2026-11-22`: what ends by then does not count any more. */
  readonly today: string;
  /** An ephemeral site is meant to leave nothing. @default "permanent" */
  readonly lifetime?: Lifetime;
}
