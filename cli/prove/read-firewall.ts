import { BadInput } from "../../proof/facts/bad-input";
import { parseJson } from "../../proof/facts/parse-json";
import { declaredFirewall } from "../../proof/ruleset/declared-firewall";
import type { EdgeFirewall } from "../../proof/ruleset/edge-firewall";
import { readRuleset } from "../../proof/ruleset/read-ruleset";
import { readAccounts } from "./read-accounts";
import { readInput } from "./read-input";

interface FirewallOptions {
  /** What `nft -j list ruleset` printed on an edge device. @default nothing is read */
  readonly ruleset?: string;
  /** passwd(5) of a gateway that keeps its own system @default the image's own numbers */
  readonly accounts?: string;
}

/**
 * Reads a device's ruleset, with what the device may start.
 * @throws BadInput with the place when it is something else
 */
export async function readFirewall({ ruleset, accounts }: FirewallOptions): Promise<EdgeFirewall | undefined> {
  if (ruleset === undefined) {
    if (accounts === undefined) return undefined;
    throw new BadInput("--accounts", "must come with --ruleset: it says whose the numbers in a ruleset are");
  }
  const rules = readRuleset(ruleset, parseJson(await readInput(ruleset), ruleset));
  return declaredFirewall(rules, accounts === undefined ? undefined : await readAccounts(accounts));
}
