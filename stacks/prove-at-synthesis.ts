import { TerraformStack, type App } from "cdktf";
import { networkFaults } from "./network-faults";
import { SiteStack } from "./site-stack";

/**
 * Holds the whole app to the network properties at synthesis (decision 22): each stack is read as it will be written, so
 * with what a fork adds or smuggles in by `addOverride` or an aspect, and anything but PROVEN stops `app.synth()` before
 * that stack is on the disk. A `SiteStack` is held to its site; of any other stack the internet reaches nothing.
 *
 * Call it once, after the last stack is made. The faults of all stacks come at once, each with its construct path, the
 * rule, what was found and a fix.
 *
 * @example
 * const app = new App();
 * new SiteStack(app, "plant", site);
 * proveAtSynthesis(app);
 * app.synth();
 */
export function proveAtSynthesis(app: App): void {
  if (app.skipValidation)
    throw new Error("App: 'skipValidation' must be off, got true: the proof runs as a validation; take it away");
  if (app.hclOutput)
    throw new Error("App: 'hclOutput' must be off, got true: the proof reads the stacks as JSON; take it away");
  const stacks = () => app.node.findAll().filter((node) => TerraformStack.isStack(node));
  const proven = new Map<TerraformStack, string>();
  // Thrown, not returned: cdktf would add how to skip validations.
  const hold = (held: readonly TerraformStack[]): string[] => {
    const faults = held.flatMap((stack) => {
      const json = JSON.stringify(stack.toTerraform());
      if (proven.get(stack) === json) return [];
      const found = networkFaults(stack.node.path, json, stack instanceof SiteStack ? stack.site : undefined);
      if (found.length === 0) proven.set(stack, json);
      return found;
    });
    if (faults.length > 0) throw new NotProvenError(faults);
    return [];
  };
  let isFirst = true;
  for (const stack of stacks())
    stack.node.addValidation({
      validate: () => {
        // All at once before the first is written; then each by itself, since aspects change it just before it is.
        const held = isFirst ? stacks() : [stack];
        isFirst = false;
        return hold(held);
      },
    });
  // At the end, for a stack made after this call.
  app.node.addValidation({ validate: () => hold(stacks()) });
}

/** What is open beyond the promises, or cannot be proven not to be, of all stacks at once. */
export class NotProvenError extends Error {
  override readonly name = "NotProvenError";
  constructor(readonly faults: readonly string[]) {
    super(["the network of these stacks is not proven, so that nothing is written:", ...faults].join("\n  "));
  }
}
