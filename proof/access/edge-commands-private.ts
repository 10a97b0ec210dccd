import type { Property } from "../verdict";
import type { AccessInput } from "./access-input";
import { betweenEdges } from "./between-edges";
import { edgeTrie } from "./granted-filters";

export const edgeCommandsPrivate: Property<AccessInput> = {
  id: "edge-identities-read-their-commands-alone",
  what: "What an edge identity reads under its own name, no other edge identity can read.",
  why: "Commands show how a plant is run, and may carry set points or debug tickets; only who obeys them needs them.",
  promises: ["P5"],
  controls: ["M0801", "SR 2.1", "AC-3"],
  check: ({ document }) =>
    betweenEdges(document, {
      left: edgeTrie(document, "subscribe"),
      leftRight: "subscribe",
      right: edgeTrie(document, "subscribe", "own"),
      rightRight: "subscribe",
      means: (x, y) => `${x} reads what ${y} reads under its own name`,
      says: "what an edge identity reads under its own name, it reads alone",
    }),
};
