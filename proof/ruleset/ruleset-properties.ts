import type { Property } from "../verdict";
import type { EdgeFirewall } from "./edge-firewall";
import { nothingComesIn } from "./nothing-comes-in";
import { nothingPassesThrough } from "./nothing-passes-through";
import { onlyDeclaredGoesOut } from "./only-declared-goes-out";

/** What must hold of an edge device's firewall. */
export const rulesetProperties: readonly Property<EdgeFirewall>[] = [
  nothingComesIn,
  nothingPassesThrough,
  onlyDeclaredGoesOut,
];
