import { parseJson } from "../../proof/facts/parse-json";
import { declaredFirewall } from "../../proof/ruleset/declared-firewall";
import type { EdgeFirewall } from "../../proof/ruleset/edge-firewall";
import { readRuleset } from "../../proof/ruleset/read-ruleset";
import { readInput } from "./read-input";

/**
 * Reads what `nft -j list ruleset` printed on an edge device, with what the device may start.
 * @throws BadInput with the place when it is something else
 */
export const readFirewall = async (path: string): Promise<EdgeFirewall> =>
  declaredFirewall(readRuleset(path, parseJson(await readInput(path), path)));
