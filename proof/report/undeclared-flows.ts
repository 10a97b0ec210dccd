import type { Conduit } from "../../policy/conduits";
import type { FoundConduit } from "./report-input";

/** A conduit's ports as a drawing shows them: `tcp 8883`. */
export const portTexts = ({ ports }: Pick<Conduit, "ports">): readonly string[] => ports.map((port) => `tcp ${port}`);

/** What the network permits between zones beyond what is declared. */
export const undeclaredFlows = (
  conduits: readonly Conduit[],
  found: readonly FoundConduit[] | undefined,
): readonly FoundConduit[] =>
  (found ?? []).flatMap(({ from, to, ports }) => {
    const declared = new Set(
      conduits.filter((conduit) => conduit.from === from && conduit.to === to).flatMap(portTexts),
    );
    const more = ports.filter((port) => !declared.has(port));
    return more.length === 0 ? [] : [{ from, to, ports: more }];
  });
