import { CONDUITS } from "../../policy/conduits";
import { PORTS } from "../../policy/deployment";
import type { Site } from "../../policy/site";
import type { Facts } from "../facts/facts";
import { proveProperties } from "../prove-properties";
import type { Proof } from "../verdict";
import { type NetworkInput, networkInput } from "./network-input";
import { foreignNetworkProperties, siteNetworkProperties } from "./network-properties";

/** What a network is held against. */
export interface NetworkExpectation {
  /** The declaration that the stack was made from. Undefined: somebody else's stack, or one without a site. */
  readonly site?: Site | undefined;
  /** tcp ports that the internet may reach, exactly. @default of a site, those of promise P1, none if it is private */
  readonly expose?: readonly number[] | undefined;
}

/** A network, and what was proven of it. */
export interface ProvenNetwork {
  readonly network: NetworkInput;
  readonly proofs: readonly Proof[];
}

/**
 * Holds the network in facts to its properties. Undefined: a stack without a site and without a network, such as the
 * bootstrap stack, has nothing for the internet to reach.
 */
export function proveNetwork(facts: Facts, { site, expose }: NetworkExpectation): ProvenNetwork | undefined {
  const declared = expose ?? (site ? (site.access === "private" ? [] : Object.values(PORTS)) : []);
  const input = networkInput(facts, { expose: declared, ...(site && { conduits: CONDUITS }) });
  const { nodes, sockets, doubts } = input.network;
  const isThere = site !== undefined || expose !== undefined || nodes.length + sockets.length + doubts.length > 0;
  if (!isThere) return undefined;
  return {
    network: input,
    proofs: proveProperties(site ? siteNetworkProperties(site.access) : foreignNetworkProperties, input),
  };
}
