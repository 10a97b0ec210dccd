import type { Conduit } from "../../policy/conduits";
import type { Facts } from "../facts/facts";
import type { Counterexample, Step, Verdict } from "../verdict";
import type { Flow } from "./flow";
import { fromInternet, fromLinks } from "./inbound-flows";
import { between } from "./internal-flows";
import type { Network } from "./network";
import { readNetwork } from "./read-network";

/** What the network properties look at. */
export interface NetworkInput {
  readonly facts: Facts;
  readonly network: Network;
  /** tcp ports that the internet reaches, exactly. Empty: a private site. */
  readonly expose: readonly number[];
  /** Declared ways between zones. Undefined: somebody else's stack, which has no zones. */
  readonly conduits: readonly Conduit[] | undefined;
  /** Computed once for all properties. */
  readonly flows: {
    readonly internet: readonly Flow[];
    readonly links: readonly Flow[];
    readonly internal: readonly Flow[];
  };
}

/** Reads the network from facts, and finds every flow in it. */
export function networkInput(
  facts: Facts,
  { expose, conduits }: { readonly expose: readonly number[]; readonly conduits?: readonly Conduit[] },
): NetworkInput {
  const network = readNetwork(facts);
  const flows = {
    internet: fromInternet(network),
    links: fromLinks(network),
    // Every pair of interfaces: only for whoever has zones, since somebody else's stack may have thousands.
    internal: conduits ? between(network) : [],
  };
  return { facts, network, expose, conduits, flows };
}

/**
 * A violation counts whatever else is not understood; without one, what is not understood decides; a thing that is missing
 * counts last, since it may be in what is not understood.
 */
export function judge(
  network: Network,
  found: {
    readonly violations: readonly Counterexample[];
    readonly missing?: readonly Counterexample[];
    readonly doubts?: readonly Step[];
  },
  proven: { readonly checked: number; readonly says: string },
): Verdict {
  if (found.violations.length > 0) return { answer: "VIOLATED", counterexamples: found.violations };
  const reasons = [...network.doubts, ...(found.doubts ?? [])];
  if (reasons.length > 0) return { answer: "UNPROVEN", reasons };
  if (found.missing && found.missing.length > 0) return { answer: "VIOLATED", counterexamples: found.missing };
  if (proven.checked === 0)
    return { answer: "UNPROVEN", reasons: [{ at: "the network", says: "there is none in what was read" }] };
  return { answer: "PROVEN", ...proven };
}
