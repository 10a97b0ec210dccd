import { parseJson } from "../../proof/facts/parse-json";
import { declaredFirewall } from "../../proof/ruleset/declared-firewall";
import type { EdgeFirewall } from "../../proof/ruleset/edge-firewall";
import { readRuleset } from "../../proof/ruleset/read-ruleset";
import { readAccounts } from "./read-accounts";
import { readInput } from "./read-input";

/**
 * Reads what `nft -j list ruleset` printed on an edge device, with what the device may start.
 * @param accounts passwd(5) of a gateway that keeps its own system @default the image's own numbers
 * @throws BadInput with the place when it is something else
 */
export const readFirewall = async (path: string, accounts?: string): Promise<EdgeFirewall> =>
  declaredFirewall(
    readRuleset(path, parseJson(await readInput(path), path)),
    accounts === undefined ? undefined : await readAccounts(accounts),
  );
