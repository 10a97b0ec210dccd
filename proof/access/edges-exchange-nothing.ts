import type { Property } from "../verdict";
import type { AccessInput } from "./access-input";
import { betweenEdges } from "./between-edges";
import { edgeTrie } from "./granted-filters";

export const edgesExchangeNothing: Property<AccessInput> = {
  id: "edge-identities-exchange-nothing",
  what: "No edge identity can read another's telemetry or write another's commands: nothing that one can write, another can read.",
  why: "One gateway that was taken over must neither learn what the rest of the plant does nor command it.",
  promises: ["P5"],
  controls: ["M0800", "M0801", "SR 2.1", "AC-3"],
  check: ({ document }) =>
    betweenEdges(document, {
      left: edgeTrie(document, "publish"),
      leftRight: "publish",
      right: edgeTrie(document, "subscribe"),
      rightRight: "subscribe",
      means: (x, y) => `${y} reads what ${x} writes: ${y} learns it, and ${x} commands ${y} by it`,
      says: "no message passes between two edge identities",
    }),
};
