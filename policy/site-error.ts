import type { Fault } from "./fault";
import { showValue } from "./show-value";

/** A terminal page or two; the rest is in `faults`. */
const SHOWN = 50;

const describe = (fault: Fault): string => `${fault.path}: ${fault.rule}, got ${showValue(fault.value)}; ${fault.fix}`;

/** Everything that is wrong with one site, in one error. */
export class SiteError extends Error {
  override readonly name = "SiteError";

  /** @param site the declared name, whatever it was. */
  constructor(
    site: unknown,
    readonly faults: readonly Fault[],
  ) {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    const hidden = faults.length - SHOWN;
    const blocks = faults.slice(0, SHOWN).map((fault) => `  ${describe(fault)}`);
    if (hidden > 0) blocks.push(`  and ${hidden} more`);
    super([`site ${showValue(site)} has ${count}:`, ...blocks].join("\n\n"));
  }
}
