import type { Property } from "../verdict";
import { internetReachesExactly } from "./internet-reaches-exactly";
import type { NetworkInput } from "./network-input";
import { noWayOut } from "./no-way-out";
import { privateSite } from "./private-site";
import { resolverAnswersKnownNames } from "./resolver-answers-known-names";
import { tlsPassesThrough } from "./tls-passes-through";
import { zonesAndConduits } from "./zones-and-conduits";

/** The network properties of a site, by how it is reached. */
export const siteNetworkProperties = (access: "internet" | "private"): readonly Property<NetworkInput>[] => [
  access === "private" ? privateSite : internetReachesExactly,
  zonesAndConduits,
  noWayOut,
  resolverAnswersKnownNames,
  tlsPassesThrough,
];

/** What can be held against any stack: the ports that it means to have open. */
export const foreignNetworkProperties: readonly Property<NetworkInput>[] = [internetReachesExactly];
