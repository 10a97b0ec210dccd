import type { Property } from "../verdict";
import type { AccessInput } from "./access-input";
import { betweenEdges } from "./between-edges";
import { edgeTrie } from "./granted-filters";

export const edgeWritesApart: Property<AccessInput> = {
  id: "edge-identities-write-apart",
  what: "What one edge identity can write, as a message, a retained message or a will, no other edge identity can write.",
  why: "Whoever steals one gateway's credential must not be able to speak for another: a forged level or temperature moves real valves.",
  promises: ["P5"],
  controls: ["M0800", "SR 2.1", "AC-3"],
  check: ({ document }) => {
    const writes = edgeTrie(document, "publish");
    return betweenEdges(document, {
      left: writes,
      leftRight: "publish",
      right: writes,
      rightRight: "publish",
      means: (x, y) => `${x} can write what ${y} writes, wills and retained messages included`,
      says: "no topic has two writers among the edge identities",
    });
  },
};
