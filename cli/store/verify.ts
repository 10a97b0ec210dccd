import { verifyStore } from "../../broker/src/persistence/verify-store";
import { CommandError } from "../command-error";
import { createOutput } from "../output";
import { lookAtCopy } from "./look-at-copy";
import { storeFolder } from "./store-folder";

export interface StoreVerifyOptions {
  readonly json?: boolean;
}

/** Faults that are printed for a person; with `--json` all are. */
const PRINTED = 20;

/** `dmz store verify <folder>`. */
export async function storeVerify(named: string, options: StoreVerifyOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const folder = await storeFolder(named);
  const { commit, records, faults } = await lookAtCopy(folder, verifyStore);
  output.event("verified", { folder, commit, records, faults });
  output.text(`${folder}: ${commit === undefined ? "cannot be opened" : `last commit ${commit}`}`);
  for (const [kind, count] of Object.entries(records).sort()) output.text(`  ${kind.padEnd(14)}${count}`);
  if (faults.length === 0) return output.text("Nothing is missing or damaged.");
  for (const fault of faults.slice(0, PRINTED)) output.text(`  fault: ${fault}`);
  if (faults.length > PRINTED) output.text(`  and ${faults.length - PRINTED} more faults`);
  throw new CommandError(
    `${folder}: ${faults.length} ${faults.length === 1 ? "fault" : "faults"}`,
    "start no broker on it: go back to a checkpoint without faults, as docs/store.md says under 'When a store is damaged'",
  );
}
