import { REACH_VIOLATIONS } from "./reach-violations";
import type { Violation } from "./violation";
import { WAY_OUT_VIOLATIONS } from "./way-out-violations";
import { ZONE_VIOLATIONS } from "./zone-violations";

export const VIOLATIONS: readonly Violation[] = [...REACH_VIOLATIONS, ...ZONE_VIOLATIONS, ...WAY_OUT_VIOLATIONS];
